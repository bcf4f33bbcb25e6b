package dev.tlswaiver.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Cuts a log into blocks of whole lines and has them scanned by as many threads as there are
 * processors, while the caller's thread takes the results in order. A stream is read by the
 * caller's thread; a file by all of them, each reading the blocks that it scans.
 */
final class Blocks<T> implements AutoCloseable {
  /**
   * A line that is longer is cut here; smtpd(8) writes none of more than 2 KiB. A session within
   * one block costs less than one across two, and the blocks that are in work must fit into the
   * heap.
   */
  private static final int BLOCK = 2 << 20;

  /** A scan may look at eight bytes at a time, and so at some that are behind the block. */
  private static final int SLACK = 64;

  /** Few enough bytes that they are still in the processor's cache when they are copied. */
  private static final int PIECE = 128 << 10;

  /** Where a block should end, a line has ended not long before. */
  private static final int USUAL_LINES = 4 << 10;

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
      byte[] block = block();
      System.arraycopy(rest, 0, block, 0, rest.length);
      int length = rest.length + stream.readNBytes(block, rest.length, BLOCK - rest.length);
      isOver = length < BLOCK;
      int whole = isOver ? length : lastLineEnd(block, length);
      rest = Arrays.copyOfRange(block, whole, length);
      submit(block, () -> scanner.scan(block, whole));
    }
    takeAll();
  }

  /**
   * Reads a file that is not compressed. Where it is cut off meanwhile, it ends.
   *
   * @param progress hears how many bytes more will be read soon
   */
  void read(FileChannel file, LongConsumer progress) throws IOException {
    long size = file.size();
    long from = 0;
    boolean isOver = size == 0;
    while (!isOver) {
      byte[] block = block();
      long start = from;
      int most = (int) Math.min(size - from, BLOCK);
      int length = from + most == size ? most : wholeLines(file, from, most, block);
      submit(block, () -> scanner.scan(block, read(file, start, block, length)));
      progress.accept(length);
      from += length;
      // A block without a byte is where the file was cut off.
      isOver = from == size || length == 0;
    }
    takeAll();
  }

  /** How many of so many bytes are whole lines; all, where no line ends in them. */
  private static int wholeLines(FileChannel file, long from, int most, byte[] buffer)
      throws IOException {
    int tail = Math.min(USUAL_LINES, most);
    int read = read(file, from + most - tail, buffer, tail);
    int end = lastLineEnd(buffer, read);
    boolean isFound = end > 0 && buffer[end - 1] == '\n';
    return isFound ? most - tail + end : lastLineEnd(buffer, read(file, from, buffer, most));
  }

  private static int read(FileChannel file, long from, byte[] into, int length) throws IOException {
    int read = 0;
    while (read < length) {
      ByteBuffer piece = ByteBuffer.wrap(into, read, Math.min(PIECE, length - read));
      int more = file.read(piece, from + read);
      if (more < 0) {
        break;
      }
      read += more;
    }
    return read;
  }

  private byte[] block() {
    return free.isEmpty() ? new byte[BLOCK + SLACK] : free.pop();
  }

  private void submit(byte[] block, Callable<T> scan) throws IOException {
    pending.add(new Scanned<>(block, threads.submit(scan)));
    while (pending.size() >= most) {
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

  private void takeAll() throws IOException {
    while (!pending.isEmpty()) {
      takeOne();
    }
  }

  private void takeOne() throws IOException {
    Scanned<T> oldest = pending.remove();
    try {
      take.accept(oldest.result.get());
    } catch (ExecutionException failure) {
      if (failure.getCause() instanceof IOException unreadable) {
        throw unreadable;
      }
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
