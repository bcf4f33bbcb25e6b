package dev.tlswaiver.guard;

import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Remembers who met the strict server's terms. An address that can do it is never weakened: its
 * failures mean that somebody is in between, or that we changed something.
 *
 * <p>Where only other addresses of the pool did, its failing machine may really be old; without its
 * ClientHello that is a guess, and a guess is not enough.
 */
public final class StrongTlsMemory implements Guard {
  static final int MOST_ENTRIES = 200_000;

  private final Duration memory;

  private final Map<String, Instant> lastStrong = new LinkedHashMap<>(16, 0.75f, true);

  public StrongTlsMemory(Duration memory) {
    this.memory = memory;
  }

  @Override
  public String name() {
    return "strong-tls-memory";
  }

  @Override
  public void observe(Observation observation, Pool pool) {
    if (observation instanceof Handshake handshake
        && handshake.outcome() instanceof Completed
        && handshake.service().facesMx()
        && handshake.service().rungLabel().isEmpty()) {
      Instant time = handshake.time().orElse(Instant.EPOCH);
      remember(pool.id(), time);
      handshake.peer().address().ifPresent(address -> remember(address.toString(), time));
    }
  }

  /** Recalls what an earlier run of the agent saw, an address's or a pool's text. */
  public void remember(String who, Instant time) {
    lastStrong.put(who, time);
    while (lastStrong.size() > MOST_ENTRIES) {
      lastStrong.remove(lastStrong.keySet().iterator().next());
    }
  }

  @Override
  public Optional<String> review(Waiver proposal) {
    Optional<IpAddress> strong =
        proposal.addresses().stream()
            .filter(address -> isStrong(address.toString(), proposal.last()))
            .findFirst();
    if (strong.isPresent()) {
      return Optional.of(
          strong.get()
              + " met the strict terms at "
              + lastStrong.get(strong.get().toString())
              + ": look for a downgrade on the way, or for a change of our own TLS settings");
    }
    return isStrong(proposal.pool().id(), proposal.last())
        ? Optional.of(
            "other hosts of "
                + proposal.pool()
                + " meet the strict terms: find out what the failing one offers before weakening"
                + " anything for it")
        : Optional.empty();
  }

  private boolean isStrong(String who, Instant now) {
    Instant last = lastStrong.get(who);
    return last != null && !last.isBefore(now.minus(memory));
  }
}
