package dev.tlswaiver.store;

import dev.tlswaiver.guard.Memory;
import dev.tlswaiver.handshake.Observation.Handshake;
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
  final List<Handshake> failures = new ArrayList<>();
  final Map<Memory, Map<Long, Instant>> seen = new EnumMap<>(Memory.class);
  Optional<String> cursor = Optional.empty();
  Optional<Totals> totals = Optional.empty();
  Optional<Instant> clock = Optional.empty();
  private boolean isUrgent;

  public void add(Waiver waiver) {
    waivers.put(waiver.id(), waiver);
  }

  /** A failed handshake that some rule counts. */
  public void addFailure(Handshake handshake) {
    failures.add(handshake);
  }

  /** Something to be remembered, by the number of its text. */
  public void remember(Memory memory, long number, Instant at) {
    seen.computeIfAbsent(memory, kind -> new LinkedHashMap<>()).put(number, at);
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
    int remembered = seen.values().stream().mapToInt(Map::size).sum();
    return isUrgent || waivers.size() + failures.size() + remembered >= MOST_EVIDENCE;
  }
}
