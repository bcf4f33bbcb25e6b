package dev.tlswaiver.waiver;

import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Pool;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The record of waivers and their transitions. Used by one thread.
 *
 * <p>Bounded: of those that have ended, the latest {@value #MOST_ENDED} are kept, and as many of
 * those that a guard refused, so that a crowd of probes evicts no sender; and the operator's
 * tombstones always.
 */
public final class Ledger {
  public static final int MOST_ENDED = 1_500;

  /** So many may be too many until the next look; looking each time would be slow. */
  static final int PRUNED_AFTER = 200;

  private final Map<Long, Waiver> waivers = new TreeMap<>();

  /** Those of them that came to the host, or may: few, where a crowd of probes was refused. */
  private final Map<Long, Waiver> unrefused = new TreeMap<>();

  /** Those of them that have not ended: as few as the guards allow. */
  private final Map<Long, Waiver> live = new TreeMap<>();

  private final Map<Pool, Long> latest = new HashMap<>();
  private int newSincePrune;
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
    newSincePrune += waivers.put(waiver.id(), waiver) == null ? 1 : 0;
    if (waiver.state() == State.REFUSED && !waiver.hasBeen(State.DIAGNOSING)) {
      unrefused.remove(waiver.id());
    } else {
      unrefused.put(waiver.id(), waiver);
    }
    if (waiver.state().isTerminal()) {
      live.remove(waiver.id());
    } else {
      live.put(waiver.id(), waiver);
    }
    latest.merge(waiver.pool(), waiver.id(), Math::max);
    nextId = Math.max(nextId, waiver.id() + 1);
    if (newSincePrune > PRUNED_AFTER) {
      newSincePrune = 0;
      prune(Ledger::isRefusedByGuard);
      prune(ended -> isEnded(ended) && !isRefusedByGuard(ended));
    }
  }

  private void prune(Predicate<Waiver> kind) {
    List<Waiver> ended = waivers.values().stream().filter(kind).toList();
    for (Waiver waiver : ended.subList(0, Math.max(0, ended.size() - MOST_ENDED))) {
      waivers.remove(waiver.id());
      unrefused.remove(waiver.id());
      if (latest.remove(waiver.pool(), waiver.id())) {
        waivers.values().stream()
            .filter(other -> other.pool().equals(waiver.pool()))
            .forEach(other -> latest.merge(other.pool(), other.id(), Math::max));
      }
    }
  }

  private static boolean isRefusedByGuard(Waiver waiver) {
    return waiver.state() == State.REFUSED && !waiver.objections().isEmpty();
  }

  /** Whether it has ended by itself: what the operator took back, or refused, stays known. */
  private static boolean isEnded(Waiver waiver) {
    return switch (waiver.state()) {
      case FAILED, INEFFECTIVE, EXPIRED -> true;
      case REFUSED -> isRefusedByGuard(waiver);
      case PROPOSED, DIAGNOSING, ACTIVE, PROVEN, REVOKED -> false;
    };
  }

  /** All of them, the oldest first. */
  public List<Waiver> all() {
    return List.copyOf(waivers.values());
  }

  public int size() {
    return waivers.size();
  }

  /** How many there are of a kind, apart from those that were refused without being asked. */
  public long count(Predicate<Waiver> kind) {
    return unrefused.values().stream().filter(kind).count();
  }

  /** Those of a kind, apart from those that were refused without being asked. */
  public List<Waiver> select(Predicate<Waiver> kind) {
    return unrefused.values().stream().filter(kind).toList();
  }

  public Optional<Waiver> find(long id) {
    return Optional.ofNullable(waivers.get(id));
  }

  /** The latest waiver of the pool, in whatever state. */
  public Optional<Waiver> latest(Pool pool) {
    return Optional.ofNullable(latest.get(pool)).map(waivers::get);
  }

  /** The waiver for which the host owes the address this rung. */
  public Optional<Waiver> standing(Rung rung, IpAddress address) {
    return live.values().stream()
        .filter(waiver -> waiver.standsOn().filter(on -> on == rung).isPresent())
        .filter(waiver -> waiver.covers(address))
        .max(Comparator.comparing(Waiver::id));
  }

  /** Those that have not ended, the oldest first. */
  public List<Waiver> live() {
    return List.copyOf(live.values());
  }

  /** Those of them in a state, which is none in which a waiver has ended. */
  public List<Waiver> live(Predicate<State> states) {
    return live.values().stream().filter(waiver -> states.test(waiver.state())).toList();
  }

  /** What the host owes the waivers that stand on it. */
  public List<Grant> grants() {
    return live.values().stream().map(Waiver::grant).flatMap(Optional::stream).toList();
  }
}
