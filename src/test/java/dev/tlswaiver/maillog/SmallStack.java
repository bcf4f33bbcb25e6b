package dev.tlswaiver.maillog;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Runs with the least stack that the JVM allows, so that what recurses by its input shows. */
public final class SmallStack {
  private static final long BYTES = 64 * 1024;

  private SmallStack() {}

  /** Runs it, and throws what it throws. */
  public static void run(Runnable task) throws InterruptedException {
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    Thread thread = new Thread(null, task, "small", BYTES);
    thread.setUncaughtExceptionHandler((on, error) -> thrown.set(error));
    thread.start();
    thread.join();
    Throwable error = thrown.get();
    if (error != null) {
      throw new AssertionError(error);
    }
  }
}
