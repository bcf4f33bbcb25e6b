package dev.tlswaiver.source;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Cuts a stream into blocks of whole lines and has them scanned by as many threads as there are
 * processors, while the caller's thread reads on and takes the results in order.
 */
final class Blocks<T> implements AutoCloseable {
  /** A line that is longer is cut here; smtpd(8) writes none of more than 2 KiB. */
  private static final int BLOCK = 1 << 20;

  private static final class Scanned<T> {
    private final byte[] block;
    private final Future<T> result;

    Scanned(byte[] block, Future<T> result) {
      this.block = block;
      this.result = result;
    }
  }

  private final PastLogs.Scanner<T> scanner;
  private final Consumer<T> take;
  private final int most;
  private final ExecutorService threads;
  private final Deque<Scanned<T>> pending = new ArrayDeque<>();
  private final Deque<byte[]> free = new ArrayDeque<>();

  Blocks(PastLogs.Scanner<T> scanner, Consumer<T> take) {
    this.scanner = scanner;
    this.take = take;
    int processors = Math.min(4, Runtime.getRuntime().availableProcessors());
    this.most = processors + 2;
    this.threads =
        Executors.newFixedThreadPool(
            processors,
            task -> {
              Thread thread = new Thread(task, "scan");
              thread.setDaemon(true);
              return thread;
            });
  }

  void read(InputStream stream) throws IOException {
    byte[] rest = new byte[0];
    boolean isOver = false;
    while (!isOver) {
      byte[] block = free.isEmpty() ? new byte[BLOCK] : free.pop();
      System.arraycopy(rest, 0, block, 0, rest.length);
      int length = rest.length + stream.readNBytes(block, rest.length, BLOCK - rest.length);
      isOver = length < BLOCK;
      int whole = isOver ? length : lastLineEnd(block, length);
      rest = Arrays.copyOfRange(block, whole, length);
      pending.add(new Scanned<>(block, threads.submit(() -> scanner.scan(block, whole))));
      while (pending.size() >= most) {
        takeOne();
      }
    }
    while (!pending.isEmpty()) {
      takeOne();
    }
  }

  private static int lastLineEnd(byte[] block, int length) {
    for (int i = length - 1; i >= 0; i--) {
      if (block[i] == '\n') {
        return i + 1;
      }
    }
    return length;
  }

  private void takeOne() throws IOException {
    Scanned<T> oldest = pending.remove();
    try {
      take.accept(oldest.result.get());
    } catch (ExecutionException failure) {
      throw new IllegalStateException("a block can't be scanned", failure.getCause());
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", stopped);
    }
    free.push(oldest.block);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
