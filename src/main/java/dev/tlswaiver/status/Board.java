package dev.tlswaiver.status;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where an agent leaves what others show: its latest snapshot, and that it refused something. */
public final class Board {
  /** Null until the first one is there. */
  private volatile @Nullable Snapshot latest;

  private volatile boolean hasRefused;

  public void post(Snapshot snapshot) {
    latest = snapshot;
  }

  /** A changed configuration was not taken. Its mistakes quote it, and are for the log. */
  public void refuseConfiguration() {
    hasRefused = true;
  }

  boolean hasRefused() {
    return hasRefused;
  }

  Optional<Snapshot> latest() {
    return Optional.ofNullable(latest);
  }
}
