package dev.tlswaiver.waiver;

import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Pool;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The record of waivers and their transitions. Used by one thread.
 *
 * <p>Bounded: of those that have ended, the latest {@value #MOST_ENDED} are kept, and the
 * operator's tombstones always.
 */
public final class Ledger {
  static final int MOST_ENDED = 2_000;

  private final Map<Long, Waiver> waivers = new TreeMap<>();
  private long nextId = 1;

  public Ledger(Collection<Waiver> known) {
    known.forEach(this::put);
  }

  /** The id that the next waiver will have. */
  long nextId() {
    return nextId;
  }

  /** Adds the waiver, or replaces the one with its id. */
  void put(Waiver waiver) {
    waivers.put(waiver.id(), waiver);
    nextId = Math.max(nextId, waiver.id() + 1);
    if (waivers.size() > MOST_ENDED) {
      prune();
    }
  }

  private void prune() {
    List<Long> ended =
        waivers.values().stream()
            .filter(waiver -> waiver.state().isTerminal() && waiver.state() != State.REVOKED)
            .map(Waiver::id)
            .toList();
    ended.subList(0, Math.max(0, ended.size() - MOST_ENDED)).forEach(waivers::remove);
  }

  /** All of them, the oldest first. */
  public List<Waiver> all() {
    return List.copyOf(waivers.values());
  }

  public Optional<Waiver> find(long id) {
    return Optional.ofNullable(waivers.get(id));
  }

  /** The latest waiver of the pool, in whatever state. */
  public Optional<Waiver> latest(Pool pool) {
    return last(waiver -> waiver.pool().equals(pool));
  }

  /** The waiver in force on the rung that covers the address. */
  public Optional<Waiver> inForce(Rung rung, IpAddress address) {
    return last(
        waiver -> waiver.state().isInForce() && waiver.rung() == rung && waiver.covers(address));
  }

  private Optional<Waiver> last(Predicate<Waiver> predicate) {
    return waivers.values().stream().filter(predicate).max(Comparator.comparing(Waiver::id));
  }

  public List<Waiver> in(Predicate<State> states) {
    return waivers.values().stream().filter(waiver -> states.test(waiver.state())).toList();
  }

  /** What the host owes the waivers in force. */
  public List<Grant> grants() {
    List<Grant> grants = new ArrayList<>();
    for (Waiver waiver : in(State::isInForce)) {
      Instant until = waiver.expires().orElseThrow();
      grants.add(new Grant(waiver.id(), waiver.rung(), waiver.networks(), until));
    }
    return List.copyOf(grants);
  }
}
