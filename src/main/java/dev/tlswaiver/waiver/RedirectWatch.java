package dev.tlswaiver.waiver;

import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Delivery;
import dev.tlswaiver.handshake.Observation.Ended;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.peer.IpAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Watches by what is seen of waived peers whether they get to the relaxed listener. Reading the
 * rules of a packet filter is no proof; a sender that times out leaves no line at all.
 *
 * <p>A waived address that comes to the public port twice, with time in between to put the redirect
 * right, is not redirected. One that came back as often as a queue tries again, and is seen nowhere
 * since it was waived, does not get through. Who keeps away for longer than half a day by its own
 * habit says nothing.
 *
 * <p>It holds one entry for each waiver on the host. The waivers are the ledger's.
 */
public final class RedirectWatch {
  /** Sessions that were open when the redirect came go on where they are. */
  private static final Duration OPEN_SESSIONS = Duration.ofMinutes(5);

  /** A ruleset that somebody flushed is whole again within a minute. */
  private static final Duration MENDED_WITHIN = Duration.ofMinutes(2);

  /** From so many failures the time between two is a habit. */
  private static final int HABIT = 3;

  private static final int MISSED_TIMES = 6;

  /** Queues back off to a try in two or three hours (RFC 5321, 4.5.4.1): two of those, missed. */
  private static final Duration SHORTEST_ABSENCE = Duration.ofHours(6);

  private static final Duration LONGEST_ABSENCE = Duration.ofHours(12);

  /** How the reasons begin, by which an end is known again. */
  private static final String DOES_NOT = "the redirect does not work: ";

  private static final String MAY_NOT = "the redirect may not work: ";

  private final Ledger ledger;
  private final Instant begun;
  private final Map<Long, Instant> atPublicPort = new HashMap<>();
  private final Set<Long> arrived = new HashSet<>();
  private final Map<Long, String> broken = new LinkedHashMap<>();

  /**
   * @param begun from when on all that is seen is shown to it
   */
  public RedirectWatch(Ledger ledger, Instant begun) {
    this.ledger = ledger;
    this.begun = begun;
  }

  /** Takes in what was seen of a peer. */
  public void observe(Observation observation, Instant time) {
    Optional<IpAddress> address = address(observation);
    if (address.isEmpty()) {
      return;
    }
    boolean isRelaxed = observation.service().rungLabel().isPresent();
    if (!isRelaxed && !observation.service().facesMx()) {
      return;
    }
    for (Waiver waiver : ledger.live(State::isOnHost)) {
      if (waiver.networks().stream().anyMatch(network -> network.contains(address.get()))) {
        observe(waiver, address.get(), isRelaxed, time);
      }
    }
  }

  private void observe(Waiver waiver, IpAddress address, boolean isRelaxed, Instant time) {
    if (isRelaxed) {
      arrived.add(waiver.id());
      atPublicPort.remove(waiver.id());
      return;
    }
    if (time.isBefore(since(waiver).plus(OPEN_SESSIONS))) {
      return;
    }
    Instant before = atPublicPort.putIfAbsent(waiver.id(), time);
    if (before != null && !time.isBefore(before.plus(MENDED_WITHIN))) {
      broken.put(
          waiver.id(),
          DOES_NOT
              + address
              + " is waived and came to the public port all the same, at "
              + before
              + " and at "
              + time);
    }
  }

  /** Whether a waiver has ended since then because its redirect did not work. */
  public static boolean hasEnded(Waiver waiver, Instant since) {
    Transition last = waiver.history().get(waiver.history().size() - 1);
    return !waiver.state().isOnHost()
        && last.at().isAfter(since)
        && (last.why().startsWith(DOES_NOT) || last.why().startsWith(MAY_NOT));
  }

  /** When it was last put in force; a waiver that steps is redirected anew. */
  private static Instant since(Waiver waiver) {
    return waiver.history().get(waiver.history().size() - 1).at();
  }

  /** The waivers whose redirect does not work, each with the reason. Each is told once. */
  public Map<Waiver, String> broken(Instant now) {
    List<Waiver> watched = ledger.live(State::isOnHost);
    Set<Long> ids = new HashSet<>(watched.stream().map(Waiver::id).toList());
    atPublicPort.keySet().retainAll(ids);
    arrived.retainAll(ids);
    Map<Waiver, String> found = new LinkedHashMap<>();
    for (Waiver waiver : watched) {
      Optional.ofNullable(broken.get(waiver.id()))
          .or(() -> absence(waiver, now))
          .ifPresent(why -> found.put(waiver, why));
    }
    broken.clear();
    return found;
  }

  private Optional<String> absence(Waiver waiver, Instant now) {
    boolean hasBeenSeen =
        arrived.contains(waiver.id())
            || atPublicPort.containsKey(waiver.id())
            || waiver.attempt().isPresent()
            || waiver.proof().isPresent();
    Evidence evidence = waiver.evidence();
    if (hasBeenSeen || evidence.failures() < HABIT) {
      return Optional.empty();
    }
    Duration habit =
        Duration.between(evidence.first(), evidence.last()).dividedBy(evidence.failures() - 1);
    Duration absence = habit.multipliedBy(MISSED_TIMES);
    if (absence.compareTo(LONGEST_ABSENCE) > 0) {
      return Optional.empty();
    }
    Instant from = since(waiver).isAfter(begun) ? since(waiver) : begun;
    Duration longest = absence.compareTo(SHORTEST_ABSENCE) > 0 ? absence : SHORTEST_ABSENCE;
    return now.isBefore(from.plus(longest))
        ? Optional.empty()
        : Optional.of(
            MAY_NOT
                + waiver.pool()
                + " came every "
                + Math.max(1, habit.toMinutes())
                + " minutes and was not seen on any port since it was waived at "
                + since(waiver));
  }

  private static Optional<IpAddress> address(Observation observation) {
    if (observation instanceof Handshake handshake) {
      return handshake.peer().address();
    }
    if (observation instanceof Delivery delivery) {
      return delivery.peer().address();
    }
    return observation instanceof Ended ended ? ended.peer().address() : Optional.empty();
  }
}
