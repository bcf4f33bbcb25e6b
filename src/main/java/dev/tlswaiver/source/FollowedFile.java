package dev.tlswaiver.source;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.apache.commons.io.input.Tailer;
import org.apache.commons.io.input.TailerListenerAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One log file, followed through rotation, truncation and absence. The listener gets each line
 * once, on the Tailer's thread.
 */
public final class FollowedFile implements Source {
  private static final Logger LOG = LoggerFactory.getLogger(FollowedFile.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(30);

  private final Path path;
  private final Tailer tailer;
  private final Waker waker;
  private final Thread thread;

  private FollowedFile(Path path, Tailer tailer, Waker waker) {
    this.path = path;
    this.tailer = tailer;
    this.waker = waker;
    this.thread = new Thread(tailer, "log");
    thread.setDaemon(true);
  }

  /**
   * Begins to follow the file.
   *
   * @param start where to go on; without it a file that exists already is begun at its end, and one
   *     that comes later at its beginning
   */
  public static FollowedFile follow(
      Path path, Optional<Cursor> start, LogListener listener, InstantSource clock) {
    return follow(path, start, listener, clock, new PollingWaker(POLL));
  }

  static FollowedFile follow(
      Path path, Optional<Cursor> start, LogListener listener, InstantSource clock, Waker waker) {
    RotatingFile file = new RotatingFile(path, start, listener, clock);
    FollowedFile followed = new FollowedFile(path, tailer(file, listener, clock, waker), waker);
    followed.thread.start();
    return followed;
  }

  private static Tailer tailer(
      RotatingFile file, LogListener listener, InstantSource clock, Waker waker) {
    return Tailer.builder()
        .setTailable(new EndlessStream(file, waker))
        .setTailerListener(new Lines(file, listener, clock))
        // Nobody can end the Tailer's own delay, so the stream waits.
        .setDelayDuration(Duration.ZERO)
        .setIgnoreTouch(true)
        // One read of the stream is one line, so the buffer holds the longest and its newline.
        .setBufferSize(OpenFile.MOST_BYTES + 1)
        .setCharset(StandardCharsets.UTF_8)
        .setStartThread(false)
        .get();
  }

  @Override
  public boolean isFollowing() {
    return thread.isAlive();
  }

  @Override
  public void close() {
    tailer.close();
    waker.wake();
    try {
      thread.join(STOP_WITHIN.toMillis());
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }

  /**
   * What the Tailer sees: it always has one byte more, is never newer, and reads by whole lines.
   * Before it says that there is none, it waits.
   */
  private static final class EndlessStream
      implements Tailer.Tailable, Tailer.RandomAccessResourceBridge {
    private final RotatingFile file;
    private final Waker waker;
    private long served;

    EndlessStream(RotatingFile file, Waker waker) {
      this.file = file;
      this.waker = waker;
    }

    @Override
    public Tailer.RandomAccessResourceBridge getRandomAccess(String mode) {
      return this;
    }

    @Override
    public boolean isNewer(FileTime time) {
      return false;
    }

    @Override
    public FileTime lastModifiedFileTime() {
      return FileTime.fromMillis(0);
    }

    @Override
    public long size() {
      return served + 1;
    }

    @Override
    public long getPointer() {
      return served;
    }

    @Override
    public int read(byte[] bytes) {
      Optional<byte[]> line = file.nextLine();
      if (line.isEmpty()) {
        waker.await();
        return -1;
      }
      int length = line.get().length;
      System.arraycopy(line.get(), 0, bytes, 0, length);
      bytes[length] = '\n';
      served += length + 1;
      return length + 1;
    }

    @Override
    public void seek(long position) {
      // Only ever back to the end of the last whole line, which is where we are.
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  private static final class Lines extends TailerListenerAdapter {
    private final RotatingFile file;
    private final LogListener listener;
    private final InstantSource clock;

    Lines(RotatingFile file, LogListener listener, InstantSource clock) {
      this.file = file;
      this.listener = listener;
      this.clock = clock;
    }

    @Override
    public void handle(String line) {
      try {
        listener.line(new LogLine(line, clock.instant(), file.cursor()));
      } catch (IOException failure) {
        throw new java.io.UncheckedIOException("the place in the log can't be told", failure);
      }
    }

    @Override
    public void handle(Exception failure) {
      LOG.error("following the log has ended", failure);
    }
  }
}
