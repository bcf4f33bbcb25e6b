package dev.tlswaiver.source;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/** A log that was packed before we had read it to its end. */
final class PackedFile {
  static final String SUFFIX = ".gz";

  private static final int HEAD = 256;

  private PackedFile() {}

  /** What comes after the mark, unpacked, from the first of the files that holds it. */
  static Optional<OpenFile> rest(List<Path> files, FileMark mark) throws IOException {
    for (Path file : files) {
      try (InputStream packed = Files.newInputStream(file);
          InputStream stream = new BufferedInputStream(new GZIPInputStream(packed))) {
        stream.mark(HEAD);
        byte[] head = stream.readNBytes(HEAD);
        stream.reset();
        if (mark.beginsWith(head) && skip(stream, mark.offset())) {
          return Optional.of(unpack(stream, mark));
        }
      }
    }
    return Optional.empty();
  }

  private static boolean skip(InputStream stream, long bytes) throws IOException {
    long left = bytes;
    while (left > 0) {
      long skipped = stream.skip(left);
      if (skipped <= 0) {
        return false;
      }
      left -= skipped;
    }
    return true;
  }

  /** The file has no name any more once it is open, so that nothing is left behind. */
  private static OpenFile unpack(InputStream rest, FileMark origin) throws IOException {
    Path unpacked = Files.createTempFile("tlswaiver", ".log");
    try {
      Files.copy(rest, unpacked, StandardCopyOption.REPLACE_EXISTING);
      return OpenFile.unpacked(unpacked, origin);
    } finally {
      Files.delete(unpacked);
    }
  }
}
