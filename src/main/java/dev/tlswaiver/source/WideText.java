package dev.tlswaiver.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.io.Reader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Text in UTF-16, as Windows' programs save what was copied into them, as UTF-8. The mark at its
 * beginning tells; without one a text is UTF-8.
 */
final class WideText extends InputStream {
  private static final int MARK = 3;

  private final Reader reader;
  private final char[] characters = new char[1 << 12];
  private byte[] bytes = new byte[0];
  private int at;

  private WideText(Reader reader) {
    this.reader = reader;
  }

  /** The stream's text without its mark. */
  static InputStream asUtf8(InputStream stream) throws IOException {
    PushbackInputStream text = new PushbackInputStream(stream, MARK);
    byte[] head = text.readNBytes(MARK);
    if (begins(head, 0xEF, 0xBB, 0xBF)) {
      return text;
    }
    boolean isWide = isWide(head);
    text.unread(head, isWide ? 2 : 0, isWide ? head.length - 2 : head.length);
    Charset order =
        begins(head, 0xFF, 0xFE) ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_16BE;
    return isWide ? new WideText(new InputStreamReader(text, order)) : text;
  }

  /** Whether a text that begins with these bytes is in UTF-16. */
  static boolean isWide(byte[] head) {
    return begins(head, 0xFF, 0xFE) || begins(head, 0xFE, 0xFF);
  }

  private static boolean begins(byte[] head, int... mark) {
    for (int i = 0; i < mark.length; i++) {
      if (i >= head.length || (head[i] & 0xFF) != mark[i]) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int read() throws IOException {
    return fill() ? bytes[at++] & 0xFF : -1;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int count = Math.min(length, bytes.length - at);
    System.arraycopy(bytes, at, into, from, count);
    at += count;
    return count;
  }

  private boolean fill() throws IOException {
    if (at < bytes.length) {
      return true;
    }
    // Half of a pair is no character: its other half is read with it.
    int length = reader.read(characters, 0, characters.length - 1);
    if (length > 0 && Character.isHighSurrogate(characters[length - 1])) {
      length += Math.max(0, reader.read(characters, length, 1));
    }
    at = 0;
    bytes =
        length <= 0
            ? new byte[0]
            : new String(Arrays.copyOf(characters, length)).getBytes(StandardCharsets.UTF_8);
    return bytes.length > 0;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
