package dev.tlswaiver.source;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** Logs of the past, plain or compressed with gzip, bzip2, xz or zstd. */
public final class PastLogs {
  private static final int BUFFER = 1 << 16;

  /** xz -9 needs 65 MiB to unpack; logs are packed with less. */
  private static final int MOST_XZ_KIB = 100 << 10;

  private PastLogs() {}

  /** Something to do with a log that is open. */
  @FunctionalInterface
  private interface Reading {
    void read(InputStream stream) throws IOException;
  }

  /** Something to do with a file. */
  @FunctionalInterface
  private interface Work {
    void run() throws IOException;
  }

  /** Its first lines, to see what kind of log it is. */
  public static List<String> firstLines(String name, int most) throws IOException {
    List<String> lines = new ArrayList<>();
    with(
        name,
        InputStream.nullInputStream(),
        bytes -> {},
        stream -> {
          TextLines text = new TextLines(stream);
          Optional<String> line = text.next();
          while (line.isPresent() && lines.size() < most) {
            lines.add(line.get());
            line = text.next();
          }
        });
    return lines;
  }

  /**
   * Hands out every line.
   *
   * @param name a file, or {@code -} for the given standard input
   * @param progress hears how many bytes of the file were read since it was called before
   * @throws IOException if it can't be read; names it
   */
  public static void read(
      String name, InputStream standardInput, LongConsumer progress, Consumer<String> lines)
      throws IOException {
    with(name, standardInput, progress, stream -> read(stream, lines));
  }

  /**
   * Scans the blocks of a log, several at a time, and hands out what was found in their order.
   *
   * @param progress hears how many bytes of the file were read since it was called before
   * @param scan what to do with a block of whole lines; run by several threads
   * @param take hears what each block held, on the caller's thread
   */
  public static <T> void scan(
      String name,
      InputStream standardInput,
      LongConsumer progress,
      Scanner<T> scan,
      Consumer<T> take)
      throws IOException {
    try (Blocks<T> blocks = new Blocks<>(scan, take)) {
      if (!name.equals("-") && isPlain(Path.of(name))) {
        naming(
            name,
            () -> {
              try (FileChannel file = FileChannel.open(Path.of(name))) {
                blocks.read(file, progress);
              }
            });
      } else {
        with(name, standardInput, progress, blocks::read);
      }
    }
  }

  /** Whether it is a file that may be read anywhere, and is text as it is. */
  private static boolean isPlain(Path file) throws IOException {
    if (!Files.isRegularFile(file) || Files.size(file) == 0) {
      return false; // What the kernel makes up has no size.
    }
    try (InputStream stream = Files.newInputStream(file)) {
      byte[] head = stream.readNBytes(Packing.MAGIC);
      return Packing.of(head) == Packing.NONE && !WideText.isWide(head);
    }
  }

  private static void with(
      String name, InputStream standardInput, LongConsumer progress, Reading reading)
      throws IOException {
    if (name.equals("-")) {
      reading.read(WideText.asUtf8(standardInput));
      return;
    }
    naming(
        name,
        () -> {
          try (InputStream stream = open(Path.of(name), progress)) {
            reading.read(stream);
          }
        });
  }

  /** Something that can't be done to a file names it. */
  private static void naming(String name, Work work) throws IOException {
    try {
      work.run();
    } catch (NoSuchFileException absent) {
      throw new IOException(name + ": no such file", absent);
    } catch (IOException failure) {
      throw new IOException(name + ": can't be read: " + failure.getMessage(), failure);
    }
  }

  /**
   * Reads a block of whole lines. The array is somewhat longer, may be written to, and is used
   * again after the result was taken.
   */
  @FunctionalInterface
  public interface Scanner<T> {
    T scan(byte[] block, int length);
  }

  /** The log's text; how it is compressed shows at its first bytes, whatever its name is. */
  private static InputStream open(Path file, LongConsumer progress) throws IOException {
    InputStream stream =
        new BufferedInputStream(new Watched(Files.newInputStream(file), progress), BUFFER);
    try {
      return WideText.asUtf8(Packing.unpacked(stream, MOST_XZ_KIB));
    } catch (IOException | RuntimeException failure) {
      stream.close();
      throw failure;
    }
  }

  /** Tells how far it was read. */
  private static final class Watched extends FilterInputStream {
    private final LongConsumer progress;

    Watched(InputStream stream, LongConsumer progress) {
      super(stream);
      this.progress = progress;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      int read = super.read(bytes, from, length);
      progress.accept(Math.max(0, read));
      return read;
    }
  }

  private static void read(InputStream stream, Consumer<String> lines) throws IOException {
    TextLines text = new TextLines(stream);
    for (Optional<String> line = text.next(); line.isPresent(); line = text.next()) {
      lines.accept(line.get());
    }
  }
}
