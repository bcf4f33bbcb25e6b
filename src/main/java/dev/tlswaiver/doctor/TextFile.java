package dev.tlswaiver.doctor;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A file of the host's, configuration or log. */
public final class TextFile {
  /** More is no configuration. */
  private static final int MOST_BYTES = 1024 * 1024;

  private TextFile() {}

  /** Its last bytes, no more than so many. */
  public static byte[] end(Path file, int most) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
      byte[] bytes = new byte[(int) Math.min(most, open.length())];
      open.seek(open.length() - bytes.length);
      open.readFully(bytes);
      return bytes;
    }
  }

  /** Its lines; none where it can't be read, or is no configuration. */
  static List<String> lines(Path file) {
    try {
      return Files.isRegularFile(file) && Files.size(file) <= MOST_BYTES
          ? Files.readString(file, StandardCharsets.ISO_8859_1).lines().toList()
          : List.of();
    } catch (IOException unreadable) {
      return List.of();
    }
  }
}
