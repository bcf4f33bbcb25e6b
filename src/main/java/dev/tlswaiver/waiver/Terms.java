package dev.tlswaiver.waiver;

import java.time.Duration;
import java.util.Map;

/**
 * What the operator allows.
 *
 * @param ladder the rungs
 * @param firstRung where each rule begins
 * @param lasts how long the first grant of a pool lasts
 * @param longest how long a renewed grant may last
 * @param proveWithin how long a grant may go without proof
 * @param mostAddresses how many addresses one waiver may cover, 1 or more
 */
public record Terms(
    Ladder ladder,
    Map<String, Rung> firstRung,
    Duration lasts,
    Duration longest,
    Duration proveWithin,
    int mostAddresses) {
  public Terms {
    firstRung = Map.copyOf(firstRung);
  }

  /** How long a grant lasts after {@code round} earlier ones: twice as long each time. */
  Duration length(int round) {
    Duration length = lasts;
    for (int i = 0; i < round && length.compareTo(longest) < 0; i++) {
      length = length.multipliedBy(2);
    }
    return length.compareTo(longest) > 0 ? longest : length;
  }
}
