package dev.tlswaiver.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Says on a terminal how much of a long log was read; says nothing anywhere else. */
final class Progress {
  /** A log that is read in less than a second is none to wait for. */
  private static final long LEAST = 200_000_000;

  private static final Duration EVERY = Duration.ofMillis(200);
  private static final int BAR = 30;

  private final long size;
  private final boolean isShown;
  private long read;
  private long shown = System.nanoTime();

  Progress(long size) {
    this.size = size;
    this.isShown = size >= LEAST && isTerminal();
  }

  /** Whether messages go to a terminal; what System.console() says depends on Java's version. */
  private static boolean isTerminal() {
    try {
      String device = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty");
    } catch (IOException unknown) {
      return false;
    }
  }

  /** So many bytes more were read. */
  void read(long bytes) {
    read += bytes;
    long now = System.nanoTime();
    if (isShown && now - shown > EVERY.toNanos()) {
      shown = now;
      int done = (int) (BAR * Math.min(read, size) / size);
      System.err.print(
          "\r["
              + "#".repeat(done)
              + " ".repeat(BAR - done)
              + "] "
              + 100 * Math.min(read, size) / size
              + " %");
      System.err.flush();
    }
  }

  /** Leaves the line as it was. */
  void end() {
    if (isShown) {
      System.err.print("\r" + " ".repeat(BAR + 10) + "\r");
      System.err.flush();
    }
  }
}
