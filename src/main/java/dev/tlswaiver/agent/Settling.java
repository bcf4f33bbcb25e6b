package dev.tlswaiver.agent;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** When what concerns the host has settled, so that a burst of changes becomes one plan. */
final class Settling {
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

  private final Duration length;
  private final InstantSource clock;
  private Optional<Instant> due = Optional.empty();

  Settling(Duration length, InstantSource clock) {
    this.length = length;
    this.clock = clock;
  }

  /** Something concerns the host; what is waiting already waits no longer for it. */
  void begin() {
    if (due.isEmpty()) {
      due = Optional.of(clock.instant().plus(length));
    }
  }

  /** It is due after that time, whatever was said before. */
  void dueIn(Duration wait) {
    due = Optional.of(clock.instant().plus(wait));
  }

  void end() {
    due = Optional.empty();
  }

  boolean isWaiting() {
    return due.isPresent();
  }

  boolean isDue() {
    return due.filter(time -> !time.isAfter(clock.instant())).isPresent();
  }

  /** How long nothing is due; a second at most. */
  Duration untilDue() {
    return due.map(time -> Duration.between(clock.instant(), time))
        .filter(wait -> wait.compareTo(LONGEST_WAIT) < 0)
        .orElse(LONGEST_WAIT);
  }
}
