package dev.tlswaiver.agent;

import dev.tlswaiver.guard.LastSeen;
import dev.tlswaiver.guard.Memory;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.judge.Pipeline;
import dev.tlswaiver.judge.Rooms;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.store.StoreException;
import java.time.Instant;
import java.util.Map;
import java.util.function.Consumer;

/** Takes up what {@link Recorder} wrote down in an earlier run. */
final class Recall {
  private Recall() {}

  /**
   * Into rooms that have seen nothing yet.
   *
   * @param rememberedSince whoever met the strict terms, or gave us mail, before is forgotten
   * @param seenSince what was seen of anybody before is left out
   * @param failures is shown the failures at the public service too
   */
  static void into(
      Rooms rooms,
      Store store,
      Instant rememberedSince,
      Instant seenSince,
      Consumer<Handshake> failures)
      throws StoreException {
    // What was lost before is noted, and more may be lost where more is on disk than there is room.
    for (Rooms.Noted room : rooms.noted()) {
      store.eachNote(room.whose(), room.restore());
    }
    boolean hasOldNumbers = store.hasOldNumbers();
    for (Map.Entry<Memory, LastSeen> memory : rooms.memories().entrySet()) {
      if (hasOldNumbers) {
        memory.getValue().knowOldNumbers();
      }
      store.seenSince(memory.getKey(), rememberedSince, memory.getValue()::restore);
    }
    store.eachSightSince(
        seenSince,
        seen -> {
          rooms.pipeline().recall(seen);
          if (seen instanceof Handshake handshake && Pipeline.isFailure(handshake)) {
            failures.accept(handshake);
          }
        });
    store.pause().ifPresent(rooms.paused()::pause);
  }
}
