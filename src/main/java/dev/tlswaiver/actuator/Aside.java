package dev.tlswaiver.actuator;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * What is waited for aside, on a daemon thread of its own. The pool that all share has one thread
 * less than there are processors: a program that hangs would hold up everything else in it.
 */
public final class Aside {
  private Aside() {}

  /** Begins; the result comes when it is there. */
  public static <T> CompletableFuture<T> begin(String thread, Supplier<T> work) {
    return CompletableFuture.supplyAsync(
        work,
        task -> {
          Thread own = new Thread(task, thread);
          own.setDaemon(true);
          own.start();
        });
  }
}
