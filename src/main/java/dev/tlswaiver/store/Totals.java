package dev.tlswaiver.store;

import java.time.Instant;
import java.util.Optional;

/**
 * What was counted over all runs.
 *
 * @param since when counting began; empty before the first handshake
 */
public record Totals(long handshakes, long failed, Optional<Instant> since) {
  public static final Totals NONE = new Totals(0, 0, Optional.empty());

  /** With one handshake more. */
  public Totals plus(boolean hasFailed, Instant at) {
    return new Totals(handshakes + 1, failed + (hasFailed ? 1 : 0), Optional.of(since.orElse(at)));
  }
}
