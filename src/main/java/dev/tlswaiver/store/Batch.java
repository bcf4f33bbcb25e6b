package dev.tlswaiver.store;

import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.waiver.Waiver;
import java.time.Instant;
import java.util.ArrayList;
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
  final Map<String, Instant> strong = new LinkedHashMap<>();
  Optional<String> cursor = Optional.empty();
  Optional<Totals> totals = Optional.empty();
  private boolean isUrgent;

  public void add(Waiver waiver) {
    waivers.put(waiver.id(), waiver);
  }

  /** A failed handshake that some rule counts. */
  public void addFailure(Handshake handshake) {
    failures.add(handshake);
  }

  /** An address or pool that met the strict server's terms. */
  public void addStrong(String who, Instant at) {
    strong.put(who, at);
  }

  /** Where reading goes on after everything in this batch. */
  public void moveTo(String place) {
    cursor = Optional.of(place);
  }

  public void count(Totals now) {
    totals = Optional.of(now);
  }

  public boolean isEmpty() {
    return waivers.isEmpty()
        && failures.isEmpty()
        && strong.isEmpty()
        && cursor.isEmpty()
        && totals.isEmpty();
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
    return isUrgent || waivers.size() + failures.size() + strong.size() >= MOST_EVIDENCE;
  }
}
