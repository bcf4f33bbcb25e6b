package dev.tlswaiver.guard;

import dev.tlswaiver.handshake.Notes;
import java.time.Duration;

/** Memories of a month for tests, small enough to be filled. */
final class Memories {
  /** One that everybody knows. */
  static final KeyedHash HASH = new KeyedHash(new byte[KeyedHash.KEY_LENGTH]);

  private Memories() {}

  static LastSeen of(int most) {
    return of(most, new Notes());
  }

  static LastSeen of(int most, Notes notes) {
    return new LastSeen(most, Duration.ofDays(30), HASH, notes, "strong");
  }
}
