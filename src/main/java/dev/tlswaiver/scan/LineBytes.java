package dev.tlswaiver.scan;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Searches in the bytes of a line, eight at a time. Each ends at the line's end at the latest, so
 * that a block must end with a newline, and have {@link #SLACK} bytes more.
 *
 * <p>No loop has a bound, for the sake of Java's compiler: a loop whose bound it knows it unrolls
 * wherever it is called, and takes longer for it than the log lasts.
 */
final class LineBytes {
  /** Longer than any text that is compared. */
  static final int SLACK = 48;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long ONES = 0x0101010101010101L;
  private static final long HIGHS = 0x8080808080808080L;
  private static final long NEWLINES = ONES * '\n';
  private static final long PRIME = 0x9E3779B97F4A7C15L;

  private LineBytes() {}

  /** Where the line ends. */
  static int end(byte[] bytes, int from) {
    int at = from;
    while (true) {
      long found = zeros((long) LONG.get(bytes, at) ^ NEWLINES);
      if (found != 0) {
        return at + place(found);
      }
      at += Long.BYTES;
    }
  }

  /** Where the line ends, or a NUL stands in it. */
  static int endOrNul(byte[] bytes, int from) {
    int at = from;
    while (true) {
      long word = (long) LONG.get(bytes, at);
      long found = zeros(word ^ NEWLINES) | zeros(word);
      if (found != 0) {
        return at + place(found);
      }
      at += Long.BYTES;
    }
  }

  /** The next place of the byte in the line; -1 where there is none. */
  static int find(byte[] bytes, char wanted, int from) {
    return findEither(bytes, wanted, wanted, from);
  }

  /** The next place of either byte in the line; -1 where there is none. */
  static int findEither(byte[] bytes, char one, char other, int from) {
    long first = ONES * one;
    long second = ONES * other;
    int at = from;
    while (true) {
      long word = (long) LONG.get(bytes, at);
      long found = zeros(word ^ first) | zeros(word ^ second) | zeros(word ^ NEWLINES);
      if (found != 0) {
        int end = at + place(found);
        return bytes[end] == '\n' ? -1 : end;
      }
      at += Long.BYTES;
    }
  }

  /** Hacker's Delight, 6-1: the lowest high bit that is set is that of the first zero byte. */
  private static long zeros(long word) {
    return (word - ONES) & ~word & HIGHS;
  }

  private static int place(long zeros) {
    return Long.numberOfTrailingZeros(zeros) >>> 3;
  }

  /** The next place of the text in the line; -1 where there is none. */
  static int find(byte[] bytes, Text text, int from) {
    int at = find(bytes, text.first, from);
    while (at >= 0 && !text.isAt(bytes, at)) {
      at = find(bytes, text.first, at + 1);
    }
    return at;
  }

  /**
   * A number for the bytes up to the delimiter or the line's end. It is the same for the same
   * bytes, and for others almost never; never 0.
   */
  static long numberUntil(byte[] bytes, char delimiter, int from) {
    long pattern = ONES * delimiter;
    long number = PRIME;
    int at = from;
    while (true) {
      long word = (long) LONG.get(bytes, at);
      long found = zeros(word ^ pattern) | zeros(word ^ NEWLINES);
      if (found != 0) {
        // Of the last word what is before the delimiter.
        return last(number, word & ((found & -found) >>> 7) - 1, place(found));
      }
      number = next(number, word);
      at += Long.BYTES;
    }
  }

  /** The number of the bytes from one place to before another, which is not before it. */
  static long number(byte[] bytes, int from, int to) {
    long number = PRIME;
    int at = from;
    while (true) {
      long word = (long) LONG.get(bytes, at);
      int left = to - at;
      if (left < Long.BYTES) {
        return last(number, word & (1L << (left * Byte.SIZE)) - 1, left);
      }
      number = next(number, word);
      at += Long.BYTES;
    }
  }

  private static long next(long number, long word) {
    long next = (number ^ word) * PRIME;
    return next ^ (next >>> 29);
  }

  private static long last(long number, long word, int length) {
    long mixed = (number ^ word ^ length) * PRIME;
    // A product's low bits know nothing of the high ones, in which the last bytes are.
    mixed = (mixed ^ (mixed >>> 32)) * PRIME;
    mixed ^= mixed >>> 29;
    return mixed == 0 ? 1 : mixed;
  }

  /** A short text to compare with, of which some bytes may be anything. */
  static final class Text {
    /** What it can hold at most: four words of eight bytes, compared one by one. */
    private static final int MOST = 4 * Long.BYTES;

    private final int length;
    private final char first;
    private final long[] words = new long[MOST / Long.BYTES];
    private final long[] masks = new long[MOST / Long.BYTES];

    /**
     * @param form the text, with a question mark for a byte that may be anything
     */
    Text(String form) {
      length = form.length();
      first = form.charAt(0);
      byte[] known = Arrays.copyOf(form.getBytes(StandardCharsets.US_ASCII), MOST);
      byte[] mask = new byte[MOST];
      for (int i = 0; i < length; i++) {
        mask[i] = (byte) (known[i] == '?' ? 0 : -1);
        known[i] &= mask[i];
      }
      for (int i = 0; i < words.length; i++) {
        words[i] = (long) LONG.get(known, i * Long.BYTES);
        masks[i] = (long) LONG.get(mask, i * Long.BYTES);
      }
    }

    int length() {
      return length;
    }

    boolean isAt(byte[] bytes, int at) {
      return isAt(bytes, at, 0)
          && (length <= Long.BYTES || isAt(bytes, at, 1))
          && (length <= 2 * Long.BYTES || (isAt(bytes, at, 2) && isAt(bytes, at, 3)));
    }

    private boolean isAt(byte[] bytes, int at, int word) {
      return ((long) LONG.get(bytes, at + word * Long.BYTES) & masks[word]) == words[word];
    }
  }
}
