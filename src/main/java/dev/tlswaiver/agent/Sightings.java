package dev.tlswaiver.agent;

import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.store.StoreException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The failures that the ledger still holds, found by what an operator may name. One question reads
 * the table once and keeps little of it.
 */
final class Sightings {
  private static final int MOST_KEPT = 1_000;
  private static final int MOST_POOLS = 20;

  private final Store store;
  private final Pools pools;

  /**
   * Some failures.
   *
   * @param count of all
   * @param latest the latest of them, in the order of their times
   */
  record Seen(int count, Optional<Instant> first, List<Handshake> latest) {}

  Sightings(Store store, Pools pools) {
    this.store = store;
    this.pools = pools;
  }

  /** The failures of a pool. */
  Seen of(Pool pool) throws StoreException {
    return seen(
        text(pool), handshake -> pools.find(handshake.peer()).filter(pool::equals).isPresent());
  }

  /** The failures of a host, or of all hosts of a domain. */
  Seen within(HostName domain) throws StoreException {
    return seen(domain.text() + '"', handshake -> isWithin(handshake, domain));
  }

  private static boolean isWithin(Handshake handshake, HostName domain) {
    return handshake.peer().name().filter(name -> name.isWithin(domain)).isPresent();
  }

  /** The failures from a network. */
  Seen from(IpPrefix network) throws StoreException {
    return seen(
        network.isSingleAddress() ? '"' + network.network().toString() + '"' : "",
        handshake -> handshake.peer().address().filter(network::contains).isPresent());
  }

  /** The pools of these failures, the latest first. */
  List<Pool> pools(Seen seen) {
    List<Pool> found = new ArrayList<>();
    for (int i = seen.latest().size() - 1; i >= 0 && found.size() < MOST_POOLS; i--) {
      pools
          .find(seen.latest().get(i).peer())
          .filter(pool -> !found.contains(pool))
          .ifPresent(found::add);
    }
    return found;
  }

  /** What a document of this pool holds somewhere; nothing where that can't be said. */
  private static String text(Pool pool) {
    Optional<IpPrefix> network = IpPrefix.find(pool.id());
    if (network.isEmpty()) {
      return pool.id() + '"';
    }
    return pool.id().contains("/") ? "" : '"' + pool.id() + '"';
  }

  private Seen seen(String text, Predicate<Handshake> isWanted) throws StoreException {
    Deque<Handshake> latest = new ArrayDeque<>();
    TreeSet<Instant> first = new TreeSet<>();
    int[] count = new int[1];
    store.eachFailure(
        Instant.EPOCH,
        text,
        handshake -> {
          if (isWanted.test(handshake)) {
            if (count[0]++ == 0) {
              handshake.time().ifPresent(first::add);
            }
            latest.addLast(handshake);
            if (latest.size() > MOST_KEPT) {
              latest.removeFirst();
            }
          }
        });
    return new Seen(
        count[0],
        first.isEmpty() ? Optional.empty() : Optional.of(first.first()),
        List.copyOf(latest));
  }
}
