package dev.tlswaiver.status;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where an agent leaves what others show: its latest snapshot, and what it refused. */
public final class Board {
  /** Null until the first one is there. */
  private volatile @Nullable Snapshot latest;

  private volatile @Nullable String refusal;

  public void post(Snapshot snapshot) {
    latest = snapshot;
  }

  /**
   * A changed configuration was not taken.
   *
   * @param why its first mistake
   */
  public void refuse(String why) {
    refusal = why;
  }

  Optional<String> refusal() {
    return Optional.ofNullable(refusal);
  }

  Optional<Snapshot> latest() {
    return Optional.ofNullable(latest);
  }
}
