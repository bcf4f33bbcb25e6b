package dev.tlswaiver.actuator;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The host's clock, made safe to end waivers by: it never goes back, and never goes slower than
 * time passes. A clock that is set back would else let every waiver stand for longer than it may;
 * one that is set forward only ends them early.
 */
public final class SteadyClock implements InstantSource {
  private final InstantSource wall;
  private final LongSupplier nanos;

  private Instant last;
  private long lastNanos;

  /**
   * @param wall the host's clock, which may jump
   * @param nanos counts nanoseconds and does not jump
   */
  public SteadyClock(InstantSource wall, LongSupplier nanos) {
    this.wall = wall;
    this.nanos = nanos;
    this.last = wall.instant();
    this.lastNanos = nanos.getAsLong();
  }

  public static SteadyClock system() {
    return new SteadyClock(InstantSource.system(), System::nanoTime);
  }

  @Override
  public synchronized Instant instant() {
    long nanosNow = nanos.getAsLong();
    Instant least = last.plusNanos(nanosNow - lastNanos);
    Instant now = wall.instant();
    last = now.isBefore(least) ? least : now;
    lastNanos = nanosNow;
    return last;
  }

  /** How far the host's clock is behind; zero where it was not set back. */
  public Duration ahead() {
    Duration ahead = Duration.between(wall.instant(), instant());
    return ahead.isNegative() ? Duration.ZERO : ahead;
  }
}
