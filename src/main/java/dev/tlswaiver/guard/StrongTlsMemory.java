package dev.tlswaiver.guard;

import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Life;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Remembers who met the strict server's terms. An address that can do it is never weakened: its
 * failures mean that somebody is in between, or that we changed something.
 *
 * <p>Where only other addresses of the pool did, its failing machine may really be old; without its
 * ClientHello that is a guess, and a guess is not enough. A network in which any address did is not
 * granted as a whole.
 */
public final class StrongTlsMemory implements Guard {
  private final Duration memory;
  private final Pools pools;
  private final boolean canAsk;
  private final LastSeen seen;

  /**
   * @param canAsk whether a peer is asked what it offers before anything is relaxed for it
   * @param seen who met the strict terms, and when
   */
  public StrongTlsMemory(Duration memory, Pools pools, boolean canAsk, LastSeen seen) {
    this.memory = memory;
    this.pools = pools;
    this.canAsk = canAsk;
    this.seen = seen;
  }

  @Override
  public GuardName name() {
    return GuardName.STRONG_TLS_MEMORY;
  }

  /** What a handshake tells to be remembered: the address, its network and the pool. */
  public static List<String> remembered(Observation observation, Pool pool, Pools pools) {
    List<String> strong = new ArrayList<>();
    if (observation instanceof Handshake handshake
        && handshake.outcome() instanceof Completed
        && isStrict(handshake)) {
      strong.add(pool.id());
      Optional<IpAddress> address = handshake.peer().address();
      address.ifPresent(known -> strong.add(known.toString()));
      address.ifPresent(known -> strong.add(pools.network(known).toString()));
    }
    return strong;
  }

  /** The listener that asks has the strict terms too. */
  private static boolean isStrict(Handshake handshake) {
    return handshake.service().facesMx()
        && handshake
            .service()
            .rungLabel()
            .filter(label -> !label.equals(Rung.DIAGNOSE.label()))
            .isEmpty();
  }

  @Override
  public void observe(Observation observation, Pool pool) {
    observation
        .time()
        .ifPresent(
            time -> remembered(observation, pool, pools).forEach(strong -> seen.see(strong, time)));
  }

  @Override
  public Optional<String> review(Waiver proposal) {
    Instant start = proposal.evidence().last().minus(memory);
    Optional<IpAddress> strong = strongAddress(proposal, start);
    if (strong.isPresent()) {
      return Optional.of(
          strong.get()
              + " met the strict terms at "
              + seen.find(strong.get().toString()).orElseThrow()
              + ": look for a downgrade on the way, or for a change of our own TLS settings");
    }
    Optional<IpPrefix> mixed =
        proposal.networks().stream()
            .filter(network -> proposal.evidence().rule().equals(Life.OPERATOR))
            .filter(network -> !network.isSingleAddress())
            .filter(network -> seen.since(pools.network(network.network()).toString(), start))
            .findFirst();
    if (mixed.isPresent()) {
      return Optional.of(
          "hosts in " + mixed.get() + " meet the strict terms: name the addresses that do not");
    }
    boolean isGuess =
        proposal.evidence().hello().isEmpty()
            && !(canAsk && proposal.state() == State.PROPOSED)
            && seen.since(proposal.pool().id(), start);
    return isGuess
        ? Optional.of(
            "other hosts of "
                + proposal.pool()
                + " meet the strict terms: find out what the failing one offers before weakening"
                + " anything for it (the rung diagnose, or smtpd_tls_loglevel = 3 for a while)")
        : Optional.empty();
  }

  /** Whether an address of the waiver met the strict terms itself. */
  public boolean isDowngrade(Waiver waiver) {
    return strongAddress(waiver, waiver.evidence().last().minus(memory)).isPresent();
  }

  private Optional<IpAddress> strongAddress(Waiver waiver, Instant start) {
    return waiver.addresses().stream()
        .filter(address -> seen.since(address.toString(), start))
        .findFirst();
  }
}
