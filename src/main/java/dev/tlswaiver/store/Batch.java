package dev.tlswaiver.store;

import dev.tlswaiver.guard.LastSeen;
import dev.tlswaiver.guard.Memory;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.waiver.Waiver;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is written in one transaction. Filled and committed by one thread. */
public final class Batch {
  /** Bounds what is held in memory when a log is caught up with. */
  private static final int MOST_EVIDENCE = 1_000;

  final Map<Long, Waiver> waivers = new LinkedHashMap<>();
  final List<Failure> failures = new ArrayList<>();
  final List<Sight> sights = new ArrayList<>();
  final List<Note> notes = new ArrayList<>();
  final Map<Memory, Map<Long, LastSeen.Entry>> seen = new EnumMap<>(Memory.class);
  Optional<String> cursor = Optional.empty();
  Optional<Totals> totals = Optional.empty();
  Optional<Instant> clock = Optional.empty();
  private boolean isUrgent;

  /** A failed handshake, with its pool. */
  record Failure(Handshake handshake, Pool pool) {}

  /** Something else that was seen of a pool. */
  record Sight(Observation observation, Pool pool) {}

  /** A piece that somebody notes; empty where it is needed no more. */
  record Note(String whose, String key, Optional<String> value) {}

  public void add(Waiver waiver) {
    waivers.put(waiver.id(), waiver);
  }

  /** A failed handshake of the public service. */
  public void addFailure(Handshake handshake, Pool pool) {
    failures.add(new Failure(handshake, pool));
  }

  /** What else was seen of a pool; of use while a failure of the pool is remembered. */
  public void addSight(Observation observation, Pool pool) {
    sights.add(new Sight(observation, pool));
  }

  /** A piece of what somebody must find again after a restart; empty where it is so no more. */
  public void note(String whose, String key, Optional<String> value) {
    notes.add(new Note(whose, key, value));
  }

  /** Something to be remembered, by the number of its text. */
  public void remember(Memory memory, LastSeen.Entry entry) {
    seen.computeIfAbsent(memory, kind -> new LinkedHashMap<>()).put(entry.number(), entry);
  }

  /** Where reading goes on after everything in this batch. */
  public void moveTo(String place) {
    cursor = Optional.of(place);
  }

  public void count(Totals now) {
    totals = Optional.of(now);
  }

  /** When it is written, by the agent's clock. */
  public void at(Instant now) {
    clock = Optional.of(now);
  }

  public boolean isEmpty() {
    return waivers.isEmpty()
        && failures.isEmpty()
        && sights.isEmpty()
        && notes.isEmpty()
        && seen.isEmpty()
        && cursor.isEmpty()
        && totals.isEmpty()
        && clock.isEmpty();
  }

  /** Says that it should not wait for more. */
  public void hurry() {
    isUrgent = true;
  }

  /**
   * Whether it should be written now. Evidence may wait for more, since a kill takes the cursor
   * back along with it.
   */
  public boolean isUrgent() {
    return isUrgent || size() >= MOST_EVIDENCE;
  }

  /** How many rows it will write. */
  public int size() {
    int remembered = seen.values().stream().mapToInt(Map::size).sum();
    return waivers.size() + failures.size() + sights.size() + notes.size() + remembered;
  }
}
