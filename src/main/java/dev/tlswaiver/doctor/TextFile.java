package dev.tlswaiver.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A file of the host's configuration that may be there or not. */
final class TextFile {
  /** More is no configuration. */
  private static final int MOST_BYTES = 1024 * 1024;

  private TextFile() {}

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
