package dev.tlswaiver.source;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;

/** Logs of the past, plain or compressed with gzip. */
public final class PastLogs {
  private PastLogs() {}

  /**
   * Hands out every line.
   *
   * @param name a file, or {@code -} for the given standard input
   * @throws IOException if it can't be read; names it
   */
  public static void read(String name, InputStream standardInput, Consumer<String> lines)
      throws IOException {
    if (name.equals("-")) {
      read(standardInput, lines);
      return;
    }
    try (InputStream stream = open(Path.of(name))) {
      read(stream, lines);
    } catch (NoSuchFileException absent) {
      throw new IOException(name + ": no such file", absent);
    } catch (IOException failure) {
      throw new IOException(name + ": can't be read: " + failure.getMessage(), failure);
    }
  }

  private static InputStream open(Path file) throws IOException {
    InputStream stream = Files.newInputStream(file);
    return file.toString().endsWith(".gz") ? new GZIPInputStream(stream, 1 << 16) : stream;
  }

  private static void read(InputStream stream, Consumer<String> lines) throws IOException {
    BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                stream,
                StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPLACE)
                    .onUnmappableCharacter(CodingErrorAction.REPLACE)));
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      lines.accept(line);
    }
  }
}
