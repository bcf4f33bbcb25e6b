package dev.tlswaiver.source;

import dev.tlswaiver.maillog.SyslogMessage;
import dev.tlswaiver.maillog.SyslogParser;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * What is kept of a line that was read, by which it is found again where its file was rewritten: a
 * hash, which strangers can't choose, and the time at its beginning, which no stranger writes and
 * few edits change.
 *
 * @param second since 1970 by the clock on the log's wall; {@link #NO_TIME} where none stands there
 */
record SeenLine(long hash, long second) {
  static final long NO_TIME = 0;

  /** Of a longer line only so much is looked at; smtpd(8) writes none of more than 2 KiB. */
  static final int MOST_BYTES = 2048;

  private static final int HASH_DIGITS = 16;

  /** In hexadecimal digits. */
  static final int LENGTH = HASH_DIGITS + 8;

  static SeenLine parse(String digits) {
    return new SeenLine(
        Long.parseUnsignedLong(digits.substring(0, HASH_DIGITS), 16),
        Long.parseLong(digits.substring(HASH_DIGITS), 16));
  }

  @Override
  public String toString() {
    HexFormat hexadecimal = HexFormat.of();
    return hexadecimal.toHexDigits(hash) + hexadecimal.toHexDigits((int) second);
  }

  static byte[] shorten(byte[] line) {
    return line.length > MOST_BYTES ? Arrays.copyOf(line, MOST_BYTES) : line;
  }

  /** Looks at lines. Used by one thread. */
  static final class Reader {
    private final MessageDigest digest = sha256();
    private final SyslogParser headers = new SyslogParser(ZoneOffset.UTC);
    private final Instant now;

    /**
     * @param now tells the year of times that have none
     */
    Reader(Instant now) {
      this.now = now;
    }

    SeenLine read(byte[] line) {
      byte[] kept = shorten(line);
      return new SeenLine(ByteBuffer.wrap(digest.digest(kept)).getLong(), second(kept));
    }

    private long second(byte[] line) {
      return headers
          .parse(new String(line, StandardCharsets.ISO_8859_1), now)
          .flatMap(SyslogMessage::time)
          .map(Instant::getEpochSecond)
          .filter(second -> second > 0 && second <= 0xffff_ffffL)
          .orElse(NO_TIME);
    }

    private static MessageDigest sha256() {
      try {
        return MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException absent) {
        throw new IllegalStateException("every Java has SHA-256", absent);
      }
    }
  }
}
