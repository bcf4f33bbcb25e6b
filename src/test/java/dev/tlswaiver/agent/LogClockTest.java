package dev.tlswaiver.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LogClockTest {
  private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

  private final LogClock clock = new LogClock();
  private final List<Duration> said = new ArrayList<>();

  /** A line each minute, the first of which is so far ahead. */
  private void lines(int from, int to, Duration ahead) {
    for (int minute = from; minute < to; minute++) {
      Instant read = START.plus(Duration.ofMinutes(minute));
      clock.see(read.plus(ahead), read).ifPresent(said::add);
    }
  }

  @Test
  void anotherTimeZoneIsSaidOnce() {
    lines(0, 10, Duration.ofHours(-2));
    assertThat(said).isEmpty();
    lines(10, 2_000, Duration.ofHours(-2));
    assertThat(said).containsExactly(Duration.ofHours(-2));
  }

  @Test
  void aClockThatIsAheadIsSaid() {
    lines(0, 12, Duration.ofMinutes(45));
    assertThat(said).containsExactly(Duration.ofMinutes(45));
  }

  @Test
  void whatIsReadLateIsNoOtherClock() {
    // Two days of log within half an hour, as after a standstill.
    for (int minute = 0; minute < 2 * 24 * 60; minute++) {
      clock
          .see(
              START.plus(Duration.ofMinutes(minute)),
              START.plus(Duration.ofDays(2)).plusMillis(625L * minute))
          .ifPresent(said::add);
    }
    assertThat(said).isEmpty();
  }

  @Test
  void aFewOddLinesAreNoOtherClock() {
    for (int minute = 0; minute < 100; minute += 2) {
      lines(minute, minute + 1, Duration.ofHours(5));
      lines(minute + 1, minute + 2, Duration.ofSeconds(-3));
    }
    lines(100, 200, Duration.ofMinutes(-20));
    assertThat(said).isEmpty();
  }
}
