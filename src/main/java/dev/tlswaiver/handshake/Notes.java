package dev.tlswaiver.handshake;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What must be found again after a restart, piece by piece under a key. Whoever keeps it puts a
 * piece down whenever it changes; whoever has a disk drains the changes from time to time. Used by
 * one thread.
 */
public final class Notes {
  private final Map<String, Supplier<String>> put = new LinkedHashMap<>();
  private final Set<String> removed = new HashSet<>();

  /** What has been drained and not removed since. */
  private final Set<String> drained = new HashSet<>();

  /**
   * Puts a piece down, in place of what had this key.
   *
   * @param value asked for when the changes are drained
   */
  public void put(String key, Supplier<String> value) {
    removed.remove(key);
    put.put(key, value);
  }

  /** The piece is needed no more. */
  public void remove(String key) {
    put.remove(key);
    if (drained.contains(key)) {
      removed.add(key);
    }
  }

  /** A piece that an earlier run left is in use again. */
  public void restored(String key) {
    drained.add(key);
  }

  /** What changed since the last time; empty where the piece is needed no more. */
  public Map<String, Optional<String>> drain() {
    if (put.isEmpty() && removed.isEmpty()) {
      return Map.of();
    }
    Map<String, Optional<String>> changes = new HashMap<>();
    put.forEach((key, value) -> changes.put(key, Optional.of(value.get())));
    removed.forEach(key -> changes.put(key, Optional.empty()));
    drained.addAll(put.keySet());
    drained.removeAll(removed);
    put.clear();
    removed.clear();
    return changes;
  }
}
