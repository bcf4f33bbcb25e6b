package dev.tlswaiver.maillog;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Searches in the bytes of a log, eight at a time. */
final class LineBytes {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long ONES = 0x0101010101010101L;
  private static final long HIGHS = 0x8080808080808080L;
  private static final long PRIME = 0x9E3779B97F4A7C15L;

  private LineBytes() {}

  /** The first place of the byte from one place to before another; -1 where there is none. */
  static int find(byte[] bytes, char wanted, int from, int to) {
    long pattern = ONES * wanted;
    int at = from;
    for (; at + Long.BYTES <= to; at += Long.BYTES) {
      long difference = (long) LONG.get(bytes, at) ^ pattern;
      // Hacker's Delight, 6-1: the lowest high bit that stays is that of the first zero byte.
      long zeros = (difference - ONES) & ~difference & HIGHS;
      if (zeros != 0) {
        return at + (Long.numberOfTrailingZeros(zeros) >>> 3);
      }
    }
    for (; at < to; at++) {
      if (bytes[at] == wanted) {
        return at;
      }
    }
    return -1;
  }

  /** The first place of the text from one place to before another; -1 where there is none. */
  static int find(byte[] bytes, byte[] text, int from, int to) {
    int at = find(bytes, (char) text[0], from, to);
    while (at >= 0 && !startsWith(bytes, at, to, text)) {
      at = find(bytes, (char) text[0], at + 1, to);
    }
    return at;
  }

  /** Whether the text stands at the place. */
  static boolean startsWith(byte[] bytes, int at, int to, byte[] text) {
    if (to - at < text.length) {
      return false;
    }
    for (int i = 0; i < text.length; i++) {
      if (bytes[at + i] != text[i]) {
        return false;
      }
    }
    return true;
  }

  /** A number that is the same for the same bytes, and for others almost never; never 0. */
  static long hash(byte[] bytes, int from, int to) {
    long hash = PRIME;
    int at = from;
    for (; at + Long.BYTES <= to; at += Long.BYTES) {
      hash = (hash ^ (long) LONG.get(bytes, at)) * PRIME;
      hash ^= hash >>> 29;
    }
    for (; at < to; at++) {
      hash = (hash ^ bytes[at]) * PRIME;
    }
    hash ^= hash >>> 32;
    return hash == 0 ? 1 : hash;
  }

  static byte[] text(String ascii) {
    return ascii.getBytes(StandardCharsets.US_ASCII);
  }
}
