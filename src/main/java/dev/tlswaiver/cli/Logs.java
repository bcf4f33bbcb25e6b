package dev.tlswaiver.cli;

import dev.tlswaiver.source.PastLogs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.BiConsumer;

/** The past logs that the operator names. */
final class Logs {
  private Logs() {}

  /**
   * Hands out every line in the order given, with the time by which its file was written: a header
   * without a year is not later than that.
   */
  static void read(List<String> logs, BiConsumer<String, Instant> lines) throws IOException {
    for (String log : logs) {
      Instant written =
          log.equals("-") ? Instant.now() : Files.getLastModifiedTime(existing(log)).toInstant();
      PastLogs.read(log, System.in, line -> lines.accept(line, written));
    }
  }

  private static Path existing(String log) throws IOException {
    Path path = Path.of(log);
    if (!Files.isReadable(path) || Files.isDirectory(path)) {
      throw new IOException(
          log
              + (Files.exists(path)
                  ? ": can't be read; check its permissions, and that it is a file"
                  : ": no such file"));
    }
    return path;
  }
}
