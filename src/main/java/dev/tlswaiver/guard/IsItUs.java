package dev.tlswaiver.guard;

import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Suspects our own configuration when many unrelated pools begin to fail with one reason. */
public final class IsItUs implements Guard {
  private static final int MOST_POOLS = 1_000;

  private final int pools;
  private final Duration within;

  /** The latest failure of each pool, the oldest first. */
  private final Map<Reason, Map<Pool, Instant>> failing = new EnumMap<>(Reason.class);

  public IsItUs(int pools, Duration within) {
    this.pools = pools;
    this.within = within;
  }

  @Override
  public String name() {
    return "is-it-us";
  }

  @Override
  public void observe(Observation observation, Pool pool) {
    if (observation instanceof Handshake handshake
        && handshake.outcome() instanceof Failed failed
        && handshake.time().isPresent()) {
      Map<Pool, Instant> latest =
          failing.computeIfAbsent(failed.reason(), reason -> new LinkedHashMap<>());
      latest.remove(pool);
      latest.put(pool, handshake.time().get());
      if (latest.size() > MOST_POOLS) {
        latest.remove(latest.keySet().iterator().next());
      }
    }
  }

  @Override
  public Optional<String> review(Waiver proposal) {
    Instant start = proposal.last().minus(within);
    long others =
        failing.getOrDefault(proposal.reason(), Map.of()).values().stream()
            .filter(time -> !time.isBefore(start))
            .count();
    return others < pools
        ? Optional.empty()
        : Optional.of(
            others
                + " unrelated senders fail with "
                + proposal.reason().label()
                + " within "
                + within.toMinutes()
                + " minutes: look at our own certificate, cipher and protocol settings first");
  }
}
