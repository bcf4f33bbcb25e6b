package dev.tlswaiver.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in a file, and enough to find that file again: {@code 1234 5678 256:0f3a...}, that is
 * inode, offset, and the hash of the first bytes. An inode alone is not enough: file systems give
 * it to the next file that is made.
 *
 * @param headLength how many bytes the hash covers
 */
record FileMark(long inode, long offset, int headLength, String headHash) {
  private static final int HEAD = 256;
  private static final Pattern FORM =
      Pattern.compile("([0-9]{1,19}) ([0-9]{1,18}) ([0-9]{1,3}):([0-9a-f]{32})");

  /** The mark of a place in an open file. */
  static FileMark of(SeekableByteChannel channel, long inode, long offset) throws IOException {
    int length = (int) Math.min(HEAD, offset);
    return new FileMark(inode, offset, length, hash(channel, length));
  }

  static Optional<FileMark> find(Cursor cursor) {
    Matcher matcher = FORM.matcher(cursor.text());
    return matcher.matches()
        ? Optional.of(
            new FileMark(
                Long.parseUnsignedLong(matcher.group(1)),
                Long.parseLong(matcher.group(2)),
                Integer.parseInt(matcher.group(3)),
                matcher.group(4)))
        : Optional.empty();
  }

  Cursor toCursor() {
    return new Cursor(
        Long.toUnsignedString(inode) + " " + offset + " " + headLength + ":" + headHash);
  }

  /** Whether the file begins as this one did, and reaches at least to the place. */
  boolean isIn(SeekableByteChannel channel) throws IOException {
    return channel.size() >= offset && beginsAlike(channel);
  }

  /** Whether the file begins as this one did. */
  boolean beginsAlike(SeekableByteChannel channel) throws IOException {
    return channel.size() >= headLength && hash(channel, headLength).equals(headHash);
  }

  private static String hash(SeekableByteChannel channel, int length) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(length);
    channel.position(0);
    int read = 0;
    while (head.hasRemaining() && read >= 0) {
      read = channel.read(head);
    }
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(java.util.Arrays.copyOf(head.array(), head.position()));
      return HexFormat.of().formatHex(digest, 0, 16);
    } catch (NoSuchAlgorithmException absent) {
      throw new IllegalStateException("every Java has SHA-256", absent);
    }
  }

  /** The file's inode number. */
  static long inode(Path path) throws IOException {
    return ((Number) Files.getAttribute(path, "unix:ino")).longValue();
  }
}
