package dev.tlswaiver.agent;

import dev.tlswaiver.guard.Probe;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Ended;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Observation.Neighbours;
import dev.tlswaiver.handshake.Outcome.Unknown;
import dev.tlswaiver.judge.Pipeline;
import dev.tlswaiver.judge.Rooms;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.store.Batch;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.store.StoreException;
import dev.tlswaiver.store.Totals;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Writes down what the rooms will need after a restart, together with the place in the log that it
 * reaches to; {@link Recall} is its other half. Wherever a kill comes, rooms that take up what was
 * committed last and go on from its place decide as if nothing had happened.
 */
final class Recorder {
  static final int MOST_UNWRITTEN = 5_000;

  private final Store store;
  private final List<Rooms.Noted> noted;
  private final InstantSource clock;
  private Batch batch = new Batch();

  /** Of each line, and written down with few. */
  private Optional<Supplier<String>> place = Optional.empty();

  private Instant written = Instant.EPOCH;

  /**
   * @param noted what is noted besides what the rooms note
   */
  Recorder(Store store, Rooms rooms, List<Rooms.Noted> noted, InstantSource clock) {
    this.store = store;
    this.noted = Stream.concat(rooms.noted().stream(), noted.stream()).toList();
    this.clock = clock;
    rooms
        .memories()
        .forEach((memory, seen) -> seen.writeThrough(entry -> batch.remember(memory, entry)));
  }

  /** A waiver was made or changed. */
  void changed(Waiver waiver) {
    batch.add(waiver);
  }

  /** Something was seen of a pool. */
  void observed(Observation observation, Pool pool) {
    if (observation instanceof Handshake handshake) {
      if (Pipeline.isFailure(handshake)) {
        batch.addFailure(handshake, pool);
      } else if (!(handshake.outcome() instanceof Unknown)) {
        batch.addSight(handshake, pool);
      }
    } else if (observation instanceof Ended ended && Probe.isWithoutCommands(ended)) {
      batch.addSight(ended, pool);
    }
    if (observation instanceof Neighbours) {
      batch.addSight(observation, pool);
    }
  }

  void count(Totals totals) {
    batch.count(totals);
  }

  /** Everything up to this place in the log has been dealt with. */
  void moveTo(Supplier<String> text) {
    place = Optional.of(text);
  }

  /** Says that what there is should not wait. */
  void hurry() {
    batch.hurry();
  }

  boolean isUrgent() {
    return batch.isUrgent();
  }

  /** Whether it holds so much that whoever can't write it had better begin anew, from its place. */
  boolean isFull() {
    return batch.size() > MOST_UNWRITTEN;
  }

  /** Writes the time down, if that was long ago. */
  void noteTime(Duration atLeastEvery) {
    if (clock.instant().isAfter(written.plus(atLeastEvery))) {
      batch.at(clock.instant());
    }
  }

  /** Writes all of it in one transaction. */
  void commit() throws StoreException {
    noted.forEach(
        room -> room.notes().drain().forEach((key, value) -> batch.note(room.whose(), key, value)));
    place.ifPresent(text -> batch.moveTo(text.get()));
    place = Optional.empty();
    if (!batch.isEmpty()) {
      written = clock.instant();
      batch.at(written);
      store.commit(batch);
      batch = new Batch();
    }
  }
}
