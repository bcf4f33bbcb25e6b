package dev.tlswaiver.status;

import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.handshake.Outcome.Failed;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The handshakes of other mail systems in the last {@value #HOURS} hours. Used by one thread, which
 * hands out {@link #counts}.
 *
 * <p>Bounded: {@value #HOURS} hours, and {@value #MOST_SUITES} suites, beyond which all are {@code
 * other}.
 */
public final class Trend {
  /** So long are failures kept in the ledger, from which a restart takes them up. */
  public static final int HOURS = 48;

  public static final int MOST_SUITES = 100;
  private static final String OTHER_WORD = "other";

  /** OpenSSL's names for suites. An address, or a name with a domain, does not look like one. */
  private static final Pattern CIPHER = Pattern.compile("[A-Z0-9_-]{1,64}");

  /**
   * What was agreed on, and whether on a relaxed listener. A log that says what no TLS library does
   * is {@code other}.
   */
  public record Suite(boolean isRelaxed, String protocol, String cipher) {
    public Suite {
      protocol = Metrics.PROTOCOLS.contains(protocol) ? protocol : OTHER_WORD;
      cipher = CIPHER.matcher(cipher).matches() ? cipher : OTHER_WORD;
    }
  }

  private static final Suite OTHER = new Suite(false, OTHER_WORD, OTHER_WORD);

  /** How often. */
  public record Use(Suite suite, long handshakes) {}

  /** The failures of one hour, by the labels of their reasons. */
  public record Hour(Instant start, Map<String, Long> failures) {
    public Hour {
      failures = Map.copyOf(failures);
    }
  }

  /**
   * The counts at one moment.
   *
   * @param since when counting of what was agreed on began
   * @param hours each of them, with failures or without, the oldest first
   * @param uses what was agreed on since then, the most frequent first
   */
  public record Counts(Instant since, List<Hour> hours, List<Use> uses) {
    public Counts {
      hours = List.copyOf(hours);
      uses = List.copyOf(uses);
    }

    long failures() {
      return hours.stream()
          .flatMap(hour -> hour.failures().values().stream())
          .mapToLong(Long::longValue)
          .sum();
    }

    long completed() {
      return uses.stream().mapToLong(Use::handshakes).sum();
    }
  }

  private final Instant since;
  private final TreeMap<Instant, Map<String, Long>> failures = new TreeMap<>();
  private final Map<Suite, Long> uses = new HashMap<>();

  public Trend(Instant since) {
    this.since = since;
  }

  /**
   * Counts a handshake.
   *
   * @param read when its line was read: nothing happened later than that, whatever the line says
   */
  public void observe(Handshake handshake, Instant read) {
    if (!handshake.service().facesMx()) {
      return;
    }
    Instant time = handshake.time().filter(known -> known.isBefore(read)).orElse(read);
    if (handshake.outcome() instanceof Failed failed) {
      failures
          .computeIfAbsent(hour(time), unseen -> new HashMap<>())
          .merge(failed.reason().label(), 1L, Long::sum);
      while (failures.size() > HOURS) {
        failures.pollFirstEntry();
      }
    } else if (handshake.outcome() instanceof Completed completed) {
      Suite suite =
          new Suite(
              handshake.service().rungLabel().isPresent(),
              completed.protocol(),
              completed.cipher());
      boolean hasRoom = uses.containsKey(suite) || uses.size() < MOST_SUITES;
      uses.merge(hasRoom ? suite : OTHER, 1L, Long::sum);
    }
  }

  private static Instant hour(Instant time) {
    return time.truncatedTo(ChronoUnit.HOURS);
  }

  /** The counts as they are now. */
  public Counts counts(Instant now) {
    Instant last = hour(now);
    List<Hour> hours =
        java.util.stream.IntStream.rangeClosed(1 - HOURS, 0)
            .mapToObj(back -> last.plus(Duration.ofHours(back)))
            .map(start -> new Hour(start, failures.getOrDefault(start, Map.of())))
            .toList();
    return new Counts(
        since,
        hours,
        uses.entrySet().stream()
            .map(entry -> new Use(entry.getKey(), entry.getValue()))
            .sorted(
                Comparator.comparingLong(Use::handshakes)
                    .reversed()
                    .thenComparing(use -> use.suite().protocol())
                    .thenComparing(use -> use.suite().cipher()))
            .toList());
  }
}
