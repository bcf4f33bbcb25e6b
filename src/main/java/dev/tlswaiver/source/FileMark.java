package dev.tlswaiver.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A place in a file, and enough to find that file again: {@code 1234 5678 256:0f3a...}, that is
 * inode, offset, and the hash of the first bytes. An inode alone is not enough: file systems give
 * it to the next file that is made. A cursor is one mark, or several with {@code "; "} between: the
 * file that is read, and renamed ones to which the logger may still write.
 *
 * @param headLength how many bytes the hash covers
 */
record FileMark(long inode, long offset, int headLength, String headHash) {
  static final int HEAD = 256;
  private static final Pattern SEPARATOR = Pattern.compile("; ");
  private static final Pattern FORM =
      Pattern.compile("([0-9]{1,19}) ([0-9]{1,18}) ([0-9]{1,3}):([0-9a-f]{32})");

  /** The mark of a place in an open file. */
  static FileMark of(SeekableByteChannel channel, long inode, long offset) throws IOException {
    int length = (int) Math.min(HEAD, offset);
    return new FileMark(inode, offset, length, hash(channel, length));
  }

  /** The marks of a cursor: that of the file being read first, then those of older ones. */
  static List<FileMark> all(Cursor cursor) {
    List<FileMark> marks = new ArrayList<>();
    for (String text : SEPARATOR.split(cursor.text())) {
      Matcher matcher = FORM.matcher(text);
      if (matcher.matches()) {
        marks.add(
            new FileMark(
                Long.parseUnsignedLong(matcher.group(1)),
                Long.parseLong(matcher.group(2)),
                Integer.parseInt(matcher.group(3)),
                matcher.group(4)));
      }
    }
    return marks;
  }

  static Cursor toCursor(List<FileMark> marks) {
    List<FileMark> all = List.copyOf(marks);
    return new Cursor(
        () ->
            all.stream().map(FileMark::toString).collect(Collectors.joining(SEPARATOR.pattern())));
  }

  @Override
  public String toString() {
    return Long.toUnsignedString(inode) + " " + offset + " " + headLength + ":" + headHash;
  }

  /** The place so many bytes further in the same file. */
  FileMark further(long bytes) {
    return new FileMark(inode, offset + bytes, headLength, headHash);
  }

  /** Whether the file begins as this one did, and reaches at least to the place. */
  boolean isIn(SeekableByteChannel channel) throws IOException {
    return channel.size() >= offset && beginsAlike(channel);
  }

  /** Whether the file begins as this one did. */
  boolean beginsAlike(SeekableByteChannel channel) throws IOException {
    return channel.size() >= headLength && hash(channel, headLength).equals(headHash);
  }

  /** As much of a file's beginning as a mark looks at. */
  static byte[] head(Path file) throws IOException {
    try (InputStream stream = Files.newInputStream(file)) {
      return stream.readNBytes(HEAD);
    }
  }

  /** Whether a file that begins with these bytes began as this one did. */
  boolean beginsWith(byte[] head) {
    return head.length >= headLength && hash(Arrays.copyOf(head, headLength)).equals(headHash);
  }

  private static String hash(SeekableByteChannel channel, int length) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(length);
    channel.position(0);
    int read = 0;
    while (head.hasRemaining() && read >= 0) {
      read = channel.read(head);
    }
    return hash(Arrays.copyOf(head.array(), head.position()));
  }

  private static String hash(byte[] head) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(head);
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
