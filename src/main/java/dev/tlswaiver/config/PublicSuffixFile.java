package dev.tlswaiver.config;

import dev.tlswaiver.peer.PublicSuffixes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/** The public suffix list: the operator's, or the one in the jar. */
final class PublicSuffixFile {
  private PublicSuffixFile() {}

  static PublicSuffixes read(Optional<Path> own) {
    try (InputStream stream = own.isPresent() ? Files.newInputStream(own.get()) : bundled();
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      return new PublicSuffixes(reader.lines().toList());
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "pool.public_suffix_list can't be read: " + failure.getMessage(), failure);
    }
  }

  private static InputStream bundled() {
    return Objects.requireNonNull(
        PublicSuffixes.class.getResourceAsStream("public_suffix_list.dat"),
        "the public suffix list is missing from the jar");
  }
}
