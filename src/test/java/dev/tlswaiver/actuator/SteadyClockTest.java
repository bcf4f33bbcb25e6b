package dev.tlswaiver.actuator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class SteadyClockTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  private Instant wall = NOON;
  private long nanos = 42;
  private final SteadyClock clock = new SteadyClock(() -> wall, () -> nanos);

  private void pass(Duration time, Duration jump) {
    nanos += time.toNanos();
    wall = wall.plus(time).plus(jump);
  }

  @Test
  void aClockThatIsSetBackGoesOn() {
    pass(Duration.ofHours(1), Duration.ofDays(-10));
    assertThat(clock.instant()).isEqualTo(NOON.plus(Duration.ofHours(1)));
    assertThat(clock.ahead()).isEqualTo(Duration.ofDays(10));
  }

  @Test
  void aClockThatIsSetForwardIsFollowed() {
    pass(Duration.ofHours(1), Duration.ofDays(10));
    assertThat(clock.instant()).isEqualTo(NOON.plus(Duration.ofHours(241)));
    assertThat(clock.ahead()).isZero();
  }

  /** So a waiver that ends at an instant of this clock has never stood for longer than it may. */
  @Property
  void itIsNeverSlowerThanTime(
      @ForAll @IntRange(min = 1, max = 100_000) int seconds,
      @ForAll @IntRange(min = -1_000_000, max = 1_000_000) int jump,
      @ForAll @IntRange(min = -1_000_000, max = 1_000_000) int another) {
    Instant start = clock.instant();
    pass(Duration.ofSeconds(seconds), Duration.ofSeconds(jump));
    Instant between = clock.instant();
    pass(Duration.ofSeconds(seconds), Duration.ofSeconds(another));
    assertThat(between).isAfterOrEqualTo(start.plusSeconds(seconds));
    assertThat(clock.instant()).isAfterOrEqualTo(between.plusSeconds(seconds));
  }
}
