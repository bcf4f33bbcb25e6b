package dev.tlswaiver.notify;

import dev.tlswaiver.actuator.HostException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers notices on a thread of its own, each way once. A way that fails is not tried again for
 * the same notice: the log and the ledger have it, and a mail system in trouble needs no more mail.
 */
public final class Courier implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Courier.class);

  /** The others wait in the outbox, which knows how large they are. */
  public static final int MOST_WAITING = 8;

  /** Hears of each attempt. */
  @FunctionalInterface
  public interface Counter {
    void count(String way, boolean isDelivered);
  }

  private final List<Way> ways;
  private final Counter counter;
  private final Consumer<String> delivered;
  private final BlockingQueue<Notice> queue = new ArrayBlockingQueue<>(MOST_WAITING);
  private final Set<String> failing = new HashSet<>();
  private final Thread thread = new Thread(this::run, "notices");
  private volatile boolean isStopping;

  /**
   * @param delivered is told the id of each notice that has gone all its ways, on the courier's
   *     thread
   */
  public Courier(List<Way> ways, Counter counter, Consumer<String> delivered) {
    this.ways = List.copyOf(ways);
    this.counter = counter;
    this.delivered = delivered;
    thread.setDaemon(true);
    thread.start();
  }

  /** Takes a notice, if there is room; never waits. */
  public boolean take(Notice notice) {
    return !isStopping && queue.offer(notice);
  }

  private void run() {
    try {
      while (!isStopping) {
        Notice notice = queue.poll(200, TimeUnit.MILLISECONDS);
        if (notice != null && !isStopping) {
          ways.forEach(way -> deliver(way, notice));
          delivered.accept(notice.id());
        }
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private void deliver(Way way, Notice notice) {
    boolean isDelivered = true;
    try {
      way.deliver(notice);
    } catch (HostException | RuntimeException failure) {
      isDelivered = false;
      if (failing.add(way.name())) {
        LOG.error(
            "notify: {} does not work, no more is said of it until it does: {}; try it with:"
                + " tlswaiver notify --test",
            way.description(),
            failure.getMessage());
      }
    }
    if (isDelivered && failing.remove(way.name())) {
      LOG.info("notify: {} works again", way.description());
    }
    counter.count(way.name(), isDelivered);
  }

  /** Ends after the notice that is under way; what waits stays in the outbox. */
  @Override
  public void close() {
    isStopping = true;
    try {
      thread.join(Way.TIMEOUT.multipliedBy(ways.size() * 3L + 1).toMillis());
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }
}
