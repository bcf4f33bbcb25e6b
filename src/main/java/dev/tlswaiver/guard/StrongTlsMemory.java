package dev.tlswaiver.guard;

import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Delivery;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.handshake.Service;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.waiver.GuardName;
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
 * address did is not granted as a whole.
 *
 * <p>Whoever gave us mail is held; of all others those who were seen on one day alone may be pushed
 * out by a crowd, which {@link MemoryIncomplete} then says. Of one IPv6 network only a few
 * newcomers a day have a place.
 */
public final class StrongTlsMemory implements Guard {
  private final Duration memory;
  private final Pools pools;
  private final LastSeen seen;
  private final LastSeen mail;
  private final Newcomers newcomers;

  /**
   * @param seen who met the strict terms, and when
   * @param mail who gave us mail
   * @param hash for counting who is new, by network
   */
  public StrongTlsMemory(
      Duration memory, Pools pools, LastSeen seen, LastSeen mail, KeyedHash hash) {
    this.memory = memory;
    this.pools = pools;
    this.seen = seen;
    this.mail = mail;
    this.newcomers = new Newcomers(hash);
  }

  @Override
  public GuardName name() {
    return GuardName.STRONG_TLS_MEMORY;
  }

  @Override
  public void observe(Observation observation, Pool pool) {
    if (observation.time().isEmpty()) {
      return;
    }
    Instant time = observation.time().get();
    if (observation instanceof Handshake handshake
        && handshake.outcome() instanceof Completed
        && isStrict(handshake.service())) {
      met(handshake.peer(), pool, time);
    } else if (observation instanceof Delivery delivery && Probe.isMail(delivery)) {
      if (delivery.tls().isPresent() && isStrict(delivery.service())) {
        strong(pool, delivery.peer(), time, true);
      } else if (seen.find(pool).isPresent()) {
        // In plaintext, or on relaxed terms: no newcomer any more, whatever it met before.
        seen.hold(pool, seen.find(pool).get());
      }
    }
  }

  @Override
  public void recall(Observation observation, Pool pool) {
    // Who met the terms is on disk by itself, and what there was no place for stays left out.
  }

  /** The listener that asks has the strict terms too. */
  static boolean isStrict(Service service) {
    return service.facesMx()
        && service.rungLabel().filter(label -> !label.equals(Rung.DIAGNOSE.label())).isEmpty();
  }

  /** The peer's address, network, name and pool met the terms. */
  private void strong(Pool pool, Peer peer, Instant time, boolean gaveMail) {
    Optional<IpAddress> address = peer.address();
    List<String> texts = new ArrayList<>(StrongPool.remembered(peer, pool));
    texts.add(LastSeen.text(pool));
    address.ifPresent(known -> texts.add(LastSeen.text(known)));
    address.ifPresent(known -> texts.add(pools.network(known).toString()));
    if (gaveMail) {
      texts.stream().distinct().forEach(text -> seen.hold(text, time));
    } else if (address.filter(known -> !hasPlace(known, time)).isPresent()) {
      seen.see(crowded(address.get()), time);
    } else {
      texts.stream().distinct().forEach(text -> seen.see(text, time));
    }
  }

  private boolean hasPlace(IpAddress address, Instant time) {
    return seen.find(address).isPresent() || newcomers.take(address, time);
  }

  /** The text under which it is remembered that an address of this network had no place. */
  static String crowded(IpAddress address) {
    return "crowded " + address.network(Newcomers.SITE_LENGTH);
  }

  /** A peer met the strict terms, on whichever listener. */
  public void met(Peer peer, Pool pool, Instant time) {
    strong(pool, peer, time, mail.find(pool).isPresent());
  }

  @Override
  public Optional<String> review(Waiver proposal) {
    Instant start = proposal.evidence().last().minus(memory);
    Optional<IpAddress> strong = strongAddress(proposal, start);
    if (strong.isPresent()) {
      return Optional.of(
          strong.get()
              + " met the strict terms at "
              + seen.find(strong.get()).orElseThrow()
              + ": look for a downgrade on the way, or for a change of our own TLS settings");
    }
    Optional<IpPrefix> mixed =
        proposal.networks().stream()
            .filter(network -> proposal.isOperators())
            .filter(network -> !network.isSingleAddress())
            .filter(network -> seen.since(pools.network(network.network()), start))
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
    return waiver.addresses().stream().filter(address -> seen.since(address, start)).findFirst();
  }
}
