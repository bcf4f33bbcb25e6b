package dev.tlswaiver.source;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/** A log that was packed before we had read it to its end. */
final class PackedFile {
  private static final int HEAD = 256;

  /** xz -6 needs 9 MiB to unpack, -7 17; the agent's heap is small. */
  private static final int MOST_XZ_KIB = 20 << 10;

  private PackedFile() {}

  /** What comes after the mark, unpacked, from the first of the files that holds it. */
  static Optional<OpenFile> rest(List<Path> files, FileMark mark) throws IOException {
    for (Path file : files) {
      try (InputStream packed = new BufferedInputStream(Files.newInputStream(file))) {
        Optional<InputStream> rest = rest(packed, mark);
        if (rest.isPresent()) {
          return Optional.of(unpack(rest.get(), mark));
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<InputStream> rest(InputStream packed, FileMark mark) {
    try {
      InputStream stream = new BufferedInputStream(Packing.unpacked(packed, MOST_XZ_KIB));
      stream.mark(HEAD);
      byte[] head = stream.readNBytes(HEAD);
      stream.reset();
      if (!mark.beginsWith(head)) {
        return Optional.empty();
      }
      stream.skipNBytes(mark.offset());
      return Optional.of(stream);
    } catch (IOException damaged) {
      // It ends before the place, or a disk was full when it was packed, which must not keep us
      // from
      // the log for ever.
      return Optional.empty();
    }
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
