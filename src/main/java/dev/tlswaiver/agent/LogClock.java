package dev.tlswaiver.agent;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Notices that the lines of the log tell another time than this machine's clock: mostly another
 * time zone. What is read late, after a standstill, differs by less and less; only a difference
 * that stays the same is one of clocks. Used by one thread.
 */
final class LogClock {
  /** Time zones differ by half an hour, or by more. */
  private static final Duration SKEW = Duration.ofMinutes(30);

  private static final Duration STEADY = Duration.ofMinutes(5);
  private static final Duration LONG_ENOUGH = Duration.ofMinutes(10);

  private Optional<Instant> since = Optional.empty();
  private Duration ahead = Duration.ZERO;
  private boolean isSaid;

  /** Sees the time of a line and when it was read; how far it is ahead is told once. */
  Optional<Duration> see(Instant line, Instant read) {
    Duration now = Duration.between(read, line);
    boolean isSame = now.minus(ahead).abs().compareTo(STEADY) < 0;
    if (now.abs().compareTo(SKEW) < 0) {
      since = Optional.empty();
    } else if (since.isEmpty() || !isSame) {
      since = Optional.of(read);
      ahead = now;
    }
    boolean isLong = since.filter(begin -> !read.isBefore(begin.plus(LONG_ENOUGH))).isPresent();
    if (!isLong || isSaid) {
      return Optional.empty();
    }
    isSaid = true;
    return Optional.of(ahead);
  }
}
