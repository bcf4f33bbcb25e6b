package dev.tlswaiver.status;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where the thinking thread leaves its latest snapshot, for whoever wants to show it. */
public final class Board {
  /** Null until the first one is there. */
  private volatile @Nullable Snapshot latest;

  public void post(Snapshot snapshot) {
    latest = snapshot;
  }

  Optional<Snapshot> latest() {
    return Optional.ofNullable(latest);
  }
}
