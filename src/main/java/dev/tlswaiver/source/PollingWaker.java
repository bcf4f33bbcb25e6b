package dev.tlswaiver.source;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Wakes by the clock. */
final class PollingWaker implements Waker {
  private final Duration period;

  private final Semaphore calls = new Semaphore(0);

  PollingWaker(Duration period) {
    this.period = period;
  }

  @Override
  public void await() {
    try {
      if (calls.tryAcquire(period.toNanos(), TimeUnit.NANOSECONDS)) {
        calls.drainPermits();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void wake() {
    calls.release();
  }
}
