package dev.tlswaiver.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** A packed tar file of texts, below one folder, that only its owner may read. */
final class SupportBundle {
  private SupportBundle() {}

  /**
   * Writes it.
   *
   * @throws java.nio.file.FileAlreadyExistsException if there is one; it is left alone
   */
  static void write(Path file, Map<String, String> texts, Instant time) throws IOException {
    try (OutputStream stream =
            Channels.newOutputStream(
                Files.newByteChannel(
                    file,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(
                        PosixFilePermissions.fromString("rw-------"))));
        TarArchiveOutputStream tar =
            new TarArchiveOutputStream(
                new GZIPOutputStream(stream), StandardCharsets.UTF_8.name())) {
      for (Map.Entry<String, String> text : texts.entrySet()) {
        byte[] bytes = text.getValue().getBytes(StandardCharsets.UTF_8);
        TarArchiveEntry entry = new TarArchiveEntry("tlswaiver-support/" + text.getKey());
        entry.setSize(bytes.length);
        entry.setModTime(Date.from(time));
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
      }
    }
  }
}
