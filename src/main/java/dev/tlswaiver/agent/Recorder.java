package dev.tlswaiver.agent;

import dev.tlswaiver.guard.LastSeen;
import dev.tlswaiver.guard.Memory;
import dev.tlswaiver.guard.Probe;
import dev.tlswaiver.guard.StrongTlsMemory;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Ended;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Unknown;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.store.Batch;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.store.StoreException;
import dev.tlswaiver.store.Totals;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Writes down what the rooms will need after a restart, together with the place in the log that it
 * reaches to; {@link Rooms#recall} is its other half. Wherever a kill comes, rooms that take up
 * what was committed last and go on from its place decide as if nothing had happened.
 */
final class Recorder {
  static final int MOST_UNWRITTEN = 5_000;

  private final Store store;
  private final Rooms rooms;
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
    this.rooms = rooms;
    this.noted = Stream.concat(rooms.noted().stream(), noted.stream()).toList();
    this.clock = clock;
  }

  /** A waiver was made or changed. */
  void changed(Waiver waiver) {
    batch.add(waiver);
  }

  /** Something was seen of a pool, of which the guards have not heard yet. */
  void observed(Observation observation, Pool pool, Instant time) {
    if (observation instanceof Handshake handshake) {
      if (Pipeline.isFailure(handshake)) {
        batch.addFailure(handshake, pool);
      } else if (!(handshake.outcome() instanceof Unknown)) {
        batch.addSight(handshake, pool);
      }
    } else if (observation instanceof Ended ended && Probe.isWithoutCommands(ended)) {
      batch.addSight(ended, pool);
    }
    StrongTlsMemory.remembered(observation, pool, rooms.pools())
        .forEach(text -> remember(Memory.STRONG, text, time));
    if (Probe.isMail(observation)) {
      remember(Memory.MAIL, pool.id(), time);
    }
  }

  /** A peer met the strict terms on a relaxed listener, of which the guards have not heard yet. */
  void met(Peer peer, Pool pool, Instant time) {
    StrongTlsMemory.remembered(peer, pool, rooms.pools())
        .forEach(text -> remember(Memory.STRONG, text, time));
  }

  /**
   * Writes down the first sight in each hour of the clock: what is on disk is never more than an
   * hour older than the latest one. That it was seen in this hour is known without remembering what
   * was written, because the guards hear of a sight after this.
   */
  private void remember(Memory memory, String text, Instant time) {
    Optional<Instant> last = Objects.requireNonNull(rooms.memories().get(memory)).find(text);
    Instant hour = time.truncatedTo(ChronoUnit.HOURS);
    if (last.filter(seen -> !seen.isBefore(hour)).isEmpty()) {
      batch.remember(memory, LastSeen.number(text), time);
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
