package dev.tlswaiver.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Wakes a follower by hand, so that no test waits for the clock. For one follower. */
final class TestWaker implements Waker {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private final Semaphore calls = new Semaphore(0);
  private final Semaphore waits = new Semaphore(0);

  /** Lets the follower look once more, and returns when it has read what is there. */
  void look() throws InterruptedException {
    awaitRest();
    calls.release();
    awaitRest();
    waits.release(); // It rests still.
  }

  private void awaitRest() throws InterruptedException {
    assertThat(waits.tryAcquire(DEADLINE.toSeconds(), TimeUnit.SECONDS))
        .as("the follower has read what is there")
        .isTrue();
  }

  @Override
  public void await() {
    waits.release();
    calls.acquireUninterruptibly();
  }

  @Override
  public void wake() {
    calls.release();
  }
}
