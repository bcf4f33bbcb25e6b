package dev.tlswaiver.source;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * Follows a log until it is killed, and writes each line with its cursor to another file, in one
 * write. Started again, it goes on after the last line that it wrote.
 */
final class FollowAndRecord {
  private FollowAndRecord() {}

  public static void main(String[] arguments) throws Exception {
    Path log = Path.of(arguments[0]);
    Path record = Path.of(arguments[1]);
    try (FileChannel out =
        FileChannel.open(
            record,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.APPEND)) {
      FollowedFile.follow(log, last(record), recorder(out), InstantSource.system());
      System.out.println("following");
      new CountDownLatch(1).await(); // Until somebody kills it.
    }
  }

  private static Optional<Cursor> last(Path record) throws IOException {
    List<String> lines = Files.readAllLines(record, StandardCharsets.ISO_8859_1);
    lines.removeIf(line -> line.startsWith("gap "));
    return lines.isEmpty()
        ? Optional.empty()
        : Optional.of(new Cursor(lines.get(lines.size() - 1).split("\t", -1)[1]));
  }

  private static LogListener recorder(FileChannel out) {
    return new LogListener() {
      @Override
      public void line(LogLine line) {
        write(line.text() + "\t" + line.cursor().text() + "\n");
      }

      @Override
      public void gap(Gap gap) {
        write("gap " + gap + "\n");
      }

      private void write(String text) {
        try {
          out.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
        } catch (IOException failure) {
          throw new UncheckedIOException(failure);
        }
      }
    };
  }
}
