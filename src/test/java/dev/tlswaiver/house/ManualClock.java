package dev.tlswaiver.house;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that goes when a test says so. May be read by other threads. */
public final class ManualClock implements InstantSource {
  private volatile Instant now;

  public ManualClock(Instant now) {
    this.now = now;
  }

  public void advance(Duration time) {
    now = now.plus(time);
  }

  @Override
  public Instant instant() {
    return now;
  }
}
