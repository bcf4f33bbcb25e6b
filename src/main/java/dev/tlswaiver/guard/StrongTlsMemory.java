package dev.tlswaiver.guard;

import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Life;
import dev.tlswaiver.waiver.Rung;
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
 * <p>Of a pool of which only other addresses did, {@link StrongPool} speaks. A network in which any
 * address did is not waived as a whole.
 */
public final class StrongTlsMemory implements Guard {
  private final Duration memory;
  private final Pools pools;
  private final LastSeen seen;

  /**
   * @param seen who met the strict terms, and when
   */
  public StrongTlsMemory(Duration memory, Pools pools, LastSeen seen) {
    this.memory = memory;
    this.pools = pools;
    this.seen = seen;
  }

  @Override
  public GuardName name() {
    return GuardName.STRONG_TLS_MEMORY;
  }

  /** What a handshake tells to be remembered; nothing where it was no strict one. */
  public static List<String> remembered(Observation observation, Pool pool, Pools pools) {
    return observation instanceof Handshake handshake
            && handshake.outcome() instanceof Completed
            && isStrict(handshake)
        ? remembered(handshake.peer(), pool, pools)
        : List.of();
  }

  /** What is remembered of a peer that met the strict terms: address, network, pool and name. */
  public static List<String> remembered(Peer peer, Pool pool, Pools pools) {
    List<String> strong = new ArrayList<>();
    strong.add(pool.id());
    peer.address().ifPresent(known -> strong.add(known.toString()));
    peer.address().ifPresent(known -> strong.add(pools.network(known).toString()));
    strong.addAll(StrongPool.remembered(peer, pool));
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

  /** A peer met the strict terms on a listener that asks for less. */
  public void met(Peer peer, Pool pool, Instant time) {
    remembered(peer, pool, pools).forEach(strong -> seen.see(strong, time));
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
    return mixed.map(
        network ->
            "hosts in " + network + " meet the strict terms: name the addresses that do not");
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

  /** Whether a network may be waived as a whole: nobody in it met the strict terms. */
  public boolean mayWiden(IpPrefix network, Instant now) {
    return !seen.since(network.toString(), now.minus(memory));
  }
}
