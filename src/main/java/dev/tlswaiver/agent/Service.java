package dev.tlswaiver.agent;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.control.StartException;
import dev.tlswaiver.source.Cursor;
import dev.tlswaiver.source.Gap;
import dev.tlswaiver.source.LogLine;
import dev.tlswaiver.source.LogListener;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads around the agent: one that thinks, and those of the log, of Quartz and of the control
 * socket, which hand it tasks.
 */
final class Service implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Service.class);

  /** Enough for a burst while a plan is applied; a full queue makes the log wait, not us grow. */
  static final int MOST_TASKS = 10_000;

  /** What lines that wait may take: a line may be 64 KiB long. */
  static final int MOST_LINE_BYTES = 2 << 20;

  private static final Duration ANSWER_WITHIN = Duration.ofMinutes(2);

  /** Something for the thinking thread to do. */
  @FunctionalInterface
  interface Task {
    void run() throws IOException, HostException;
  }

  /** A question to the thinking thread. */
  @FunctionalInterface
  interface Question<T> {
    T ask() throws IOException, StartException;
  }

  private final Agent agent;
  private final SystemdNotifier systemd;
  private final Thread thinking;
  private final BlockingQueue<Task> tasks = new ArrayBlockingQueue<>(MOST_TASKS);
  private final Semaphore room = new Semaphore(MOST_LINE_BYTES);
  private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

  private volatile boolean isStopping;
  private volatile boolean isReconciled;

  Service(Agent agent, SystemdNotifier systemd) {
    this.agent = agent;
    this.systemd = systemd;
    this.thinking = new Thread(this::think, "thinking");
  }

  /** Puts the host in order, then takes tasks until {@link #close}. */
  void start() {
    thinking.start();
  }

  private void think() {
    try {
      agent.begin();
      isReconciled = true;
      while (!isStopping) {
        systemd.alive();
        Task task = tasks.poll(agent.untilSettled().toMillis(), TimeUnit.MILLISECONDS);
        if (task != null) {
          task.run();
        }
        agent.settleIfDue();
      }
      agent.end();
      ended.complete(null);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      ended.complete(null);
    } catch (IOException | HostException failure) {
      ended.completeExceptionally(failure);
    } catch (RuntimeException | Error failure) {
      salvage(failure);
      ended.completeExceptionally(failure);
    } finally {
      isStopping = true; // Whoever still has a task need not wait for room in the queue.
    }
  }

  private void salvage(Throwable why) {
    try {
      agent.salvage();
    } catch (IOException | RuntimeException | Error failure) {
      why.addSuppressed(failure);
    }
  }

  /** Hands over what the log says; waits while the queue is full. */
  LogListener lines() {
    return new LogListener() {
      @Override
      public void begun(Cursor place) {
        submit(() -> agent.begun(place));
      }

      @Override
      public void line(LogLine line) {
        int bytes = bytes(line);
        if (takeRoom(bytes)) {
          submit(
              () -> {
                room.release(bytes);
                agent.line(line);
              });
        }
      }

      @Override
      public void gap(Gap gap) {
        submit(() -> agent.gap(gap));
      }
    };
  }

  /** A character beyond Latin-1 makes all of them take two bytes. The cursor is no text yet. */
  private static int bytes(LogLine line) {
    return Math.min(MOST_LINE_BYTES, 2 * line.text().length());
  }

  private boolean takeRoom(int bytes) {
    try {
      boolean isTaken = false;
      while (!isTaken && !isStopping) {
        isTaken = room.tryAcquire(bytes, 100, TimeUnit.MILLISECONDS);
      }
      return isTaken;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Hands over a task; one that comes after the end is dropped. */
  void submit(Task task) {
    try {
      boolean isTaken = false;
      while (!isTaken && !isStopping) {
        isTaken = tasks.offer(task, 100, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** Asks the thinking thread and waits for its answer. */
  <T> T ask(Question<T> question) throws StartException {
    CompletableFuture<T> answer = new CompletableFuture<>();
    submit(
        () -> {
          try {
            answer.complete(question.ask());
          } catch (StartException refused) {
            answer.completeExceptionally(refused);
          } catch (IOException failure) {
            answer.completeExceptionally(failure); // The agent ends; whoever asked need not wait.
            throw failure;
          }
        });
    try {
      return answer.get(ANSWER_WITHIN.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException refused) {
      if (refused.getCause() instanceof StartException said) {
        throw said;
      }
      throw new StartException("failed: " + refused.getCause(), refused);
    } catch (TimeoutException late) {
      throw new StartException(
          "the agent is busy and does this when it can; tlswaiver list shows whether it has", late);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new StartException("interrupted", stopped);
    }
  }

  boolean isReconciled() {
    return isReconciled;
  }

  /** Completes when the thinking thread has ended: with its failure, if that was why. */
  CompletableFuture<@Nullable Void> ended() {
    return ended;
  }

  /** Ends after the tasks that were handed over before. */
  @Override
  public void close() {
    submit(() -> isStopping = true);
    try {
      thinking.join(Duration.ofMinutes(2).toMillis());
      if (thinking.isAlive()) {
        LOG.error("the thinking thread does not end; leaving it");
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }
}
