package dev.tlswaiver.story;

import dev.tlswaiver.lab.Lab;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a real Postfix logs, passed on to the agent under the times that a test gives it: days go by
 * while the machine's clock does not.
 */
final class RedatedLog {
  private final Path postfixs;
  private final Path log;
  private int passed;

  RedatedLog(Lab lab) throws IOException {
    postfixs = lab.maillog();
    log = Files.createFile(lab.state().resolveSibling("redated.log"));
    passed = lines().size();
  }

  /** The configuration's line that has the agent read it. */
  String configuration() {
    return "log: {source: file, path: " + log + ", trust: file}";
  }

  private List<String> lines() {
    try {
      return Files.readAllLines(postfixs);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private Stream<String> unpassed() {
    return lines().stream().skip(passed);
  }

  /**
   * Passes on what was said since the last time, as if it had been said so long ago.
   *
   * @param sessions how many have to have ended first
   */
  void pass(int sessions, Duration ago) throws IOException {
    Lab.await(
        sessions + " sessions in the log",
        () -> unpassed().filter(line -> line.contains("]: disconnect from ")).count() >= sessions);
    List<String> lines = unpassed().toList();
    passed += lines.size();
    write(lines.stream().map(line -> line.substring(line.indexOf("postfix/"))), ago);
  }

  /** Writes lines that begin with the name of a program. */
  void write(Stream<String> lines, Duration ago) throws IOException {
    String header = Instant.now().minus(ago).truncatedTo(ChronoUnit.SECONDS) + " mx ";
    try (BufferedWriter out = Files.newBufferedWriter(log, StandardOpenOption.APPEND)) {
      for (String line : (Iterable<String>) lines::iterator) {
        out.write(header + line + "\n");
      }
    }
  }
}
