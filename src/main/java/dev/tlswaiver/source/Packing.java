package dev.tlswaiver.source;

import io.airlift.compress.MalformedInputException;
import io.airlift.compress.zstd.ZstdInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.tukaani.xz.XZInputStream;

/** How a log is compressed. */
enum Packing {
  NONE(""),
  GZIP(".gz"),
  BZIP2(".bz2"),
  XZ(".xz"),
  ZSTD(".zst");

  /** By so many first bytes each of them is known. */
  static final int MAGIC = 6;

  private static final int BUFFER = 1 << 16;

  private final String suffix;

  Packing(String suffix) {
    this.suffix = suffix;
  }

  /** Whether a file of this name is a compressed one. */
  static boolean isName(String name) {
    return Arrays.stream(values())
        .anyMatch(packing -> packing != NONE && name.endsWith(packing.suffix));
  }

  /** The compression of a file that begins with these bytes, whatever its name is. */
  static Packing of(byte[] magic) {
    if (begins(magic, 0x1F, 0x8B)) {
      return GZIP;
    }
    if (begins(magic, 'B', 'Z', 'h')) {
      return BZIP2;
    }
    if (begins(magic, 0xFD, '7', 'z', 'X', 'Z')) {
      return XZ;
    }
    return begins(magic, 0x28, 0xB5, 0x2F, 0xFD) ? ZSTD : NONE;
  }

  private static boolean begins(byte[] bytes, int... magic) {
    if (bytes.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((bytes[i] & 0xFF) != magic[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * The text of a stream, however it is compressed.
   *
   * @param stream one that supports marks
   * @param mostXzKib how much memory xz may need; a stranger's file may ask for any amount
   */
  static InputStream unpacked(InputStream stream, int mostXzKib) throws IOException {
    stream.mark(MAGIC);
    byte[] magic = stream.readNBytes(MAGIC);
    stream.reset();
    return switch (of(magic)) {
      case NONE -> stream;
      case GZIP -> new GZIPInputStream(stream, BUFFER);
      case BZIP2 -> new BZip2CompressorInputStream(stream, true);
      case XZ -> new XZInputStream(stream, mostXzKib);
      case ZSTD -> new Trouble(new ZstdInputStream(stream));
    };
  }

  /** Tells damage as an IOException where a library has an exception of its own. */
  private static final class Trouble extends FilterInputStream {
    Trouble(InputStream stream) {
      super(stream);
    }

    @Override
    public long skip(long count) throws IOException {
      try {
        return super.skip(count);
      } catch (MalformedInputException damage) {
        throw new IOException(damage.getMessage(), damage);
      }
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      try {
        return super.read(bytes, from, length);
      } catch (MalformedInputException damage) {
        throw new IOException(damage.getMessage(), damage);
      }
    }
  }
}
