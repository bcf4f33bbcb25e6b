package dev.tlswaiver.guard;

import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Delivery;
import dev.tlswaiver.handshake.Observation.Ended;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Tells scanners from senders by a score of visible parts, 0 to 100. Mail accepted from the pool is
 * the best single proof of a real sender, and outweighs any two other parts.
 */
public final class Probe implements Guard {
  private static final int MOST_POOLS = 20_000;
  private static final Duration SAME_VISIT = Duration.ofMinutes(1);
  private static final Pattern SCANNER =
      Pattern.compile("(^|[.-])(scan|scanner|census|probe|shodan|shadowserver|research)[0-9]*[.-]");

  private enum Part {
    NO_VERIFIED_NAME("no verified name", 15),
    SCANNER_NAME("named like a scanner", 50),
    NO_MAIL("no mail accepted yet", 10),
    MIXED_REASONS("different failures within a minute", 30),
    SUCCESS_BESIDE_FAILURE("success and failure within a minute", 25),
    NOT_TLS("sent something that is not TLS", 25),
    NO_COMMANDS("connected without a command", 20),
    MAIL_ACCEPTED("mail accepted", -60);

    private final String words;
    private final int points;

    Part(String words, int points) {
      this.words = words;
      this.points = points;
    }
  }

  private static final class Sight {
    private final Set<Part> parts = EnumSet.noneOf(Part.class);
    private Optional<Reason> lastReason = Optional.empty();
    private Instant lastFailed = Instant.MIN;
    private Instant lastCompleted = Instant.MIN;
  }

  private final int limit;

  private final Map<Pool, Sight> sights = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * @param limit the score from which on this guard objects
   */
  public Probe(int limit) {
    this.limit = limit;
  }

  @Override
  public String name() {
    return "probe";
  }

  @Override
  public void observe(Observation observation, Pool pool) {
    Sight sight = sights.computeIfAbsent(pool, unseen -> new Sight());
    if (sights.size() > MOST_POOLS) {
      sights.remove(sights.keySet().iterator().next());
    }
    if (observation instanceof Delivery) {
      sight.parts.add(Part.MAIL_ACCEPTED);
    } else if (observation instanceof Ended ended) {
      ended
          .commands()
          .filter(count -> count == 0)
          .ifPresent(none -> sight.parts.add(Part.NO_COMMANDS));
    } else if (observation instanceof Handshake handshake) {
      see(sight, handshake);
    }
  }

  private static void see(Sight sight, Handshake handshake) {
    name(sight, handshake.peer());
    Instant time = handshake.time().orElse(Instant.EPOCH);
    if (handshake.outcome() instanceof Failed failed) {
      boolean soon = isSameVisit(sight.lastFailed, time);
      if (soon && sight.lastReason.filter(last -> last != failed.reason()).isPresent()) {
        sight.parts.add(Part.MIXED_REASONS);
      }
      if (isSameVisit(sight.lastCompleted, time)) {
        sight.parts.add(Part.SUCCESS_BESIDE_FAILURE);
      }
      if (failed.reason() == Reason.NOT_TLS) {
        sight.parts.add(Part.NOT_TLS);
      }
      sight.lastReason = Optional.of(failed.reason());
      sight.lastFailed = time;
    }
    if (handshake.outcome() instanceof Completed) {
      sight.lastCompleted = time;
    }
  }

  private static void name(Sight sight, Peer peer) {
    if (peer.name().isEmpty()) {
      sight.parts.add(Part.NO_VERIFIED_NAME);
    }
    peer.name()
        .map(HostName::text)
        .filter(name -> SCANNER.matcher(name).find())
        .ifPresent(scanner -> sight.parts.add(Part.SCANNER_NAME));
  }

  private static boolean isSameVisit(Instant before, Instant after) {
    return before.isAfter(Instant.MIN)
        && Duration.between(before, after).abs().compareTo(SAME_VISIT) <= 0;
  }

  @Override
  public Optional<String> review(Waiver proposal) {
    Sight sight = sights.getOrDefault(proposal.pool(), new Sight());
    Map<Part, Integer> parts = new EnumMap<>(Part.class);
    sight.parts.forEach(part -> parts.put(part, part.points));
    if (!sight.parts.contains(Part.MAIL_ACCEPTED)) {
      parts.put(Part.NO_MAIL, Part.NO_MAIL.points);
    }
    int sum = parts.values().stream().mapToInt(Integer::intValue).sum();
    int score = Math.max(0, Math.min(100, sum));
    return score < limit
        ? Optional.empty()
        : Optional.of(
            proposal.pool() + " looks like a probe, score " + score + ": " + words(parts));
  }

  private static String words(Map<Part, Integer> parts) {
    return String.join(
        ", ",
        parts.entrySet().stream()
            .map(part -> part.getKey().words + " " + part.getValue())
            .toList());
  }
}
