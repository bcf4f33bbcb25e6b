package dev.tlswaiver.handshake;

import dev.tlswaiver.maillog.SmtpdRecord.Dump;
import dev.tlswaiver.maillog.SmtpdRecord.DumpRow;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Puts the client's first bytes together from the dump that Postfix writes at level 3, up to the
 * server's first answer.
 *
 * <p>Postfix leaves blanks and zero bytes at the end of a read out, and does not say which they
 * were. They are taken for zeros first, and for blanks where that makes no hello.
 */
final class HelloDump {
  private byte[] bytes = new byte[512];
  private boolean[] unknown = new boolean[512];
  private int read; // Where the present read begins.
  private int length; // Where it ends.
  private boolean isReading;
  private boolean isOver;

  /** Takes a read or a write in. The server's first answer ends the hello. */
  void accept(Dump dump) {
    isReading = dump.isRead() && !isOver;
    isOver |= !dump.isRead() && length > 0;
    if (isReading && dump.length() > 0) {
      int next = length + dump.length();
      if (next > HelloReader.MOST_BYTES + 1_024) {
        isOver = true;
        isReading = false;
        return;
      }
      if (next > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(next, bytes.length * 2));
        unknown = Arrays.copyOf(unknown, bytes.length);
      }
      completeHeader(dump.length());
      read = length;
      length = next;
      Arrays.fill(unknown, read, length, true);
    }
  }

  /** A record's header is read by itself, and then exactly as many bytes as it says. */
  private void completeHeader(int next) {
    int low = next & 0xFF;
    boolean isHeader = length - read == 5 && unknown[length - 1] && (low == 0 || low == ' ');
    if (isHeader) {
      bytes[length - 1] = (byte) low;
      unknown[length - 1] = false;
    }
  }

  /** Takes a row in. */
  void accept(DumpRow row) {
    int at = read + row.offset();
    if (!isReading || row.bytes().isEmpty() || at >= length) {
      return;
    }
    byte[] known = HexFormat.of().parseHex(row.bytes());
    for (int i = 0; i < known.length && at + i < length; i++) {
      bytes[at + i] = known[i];
      unknown[at + i] = false;
    }
  }

  /** The hello, as soon as it is whole. */
  Optional<ClientHello> hello() {
    if (length == 0) {
      return Optional.empty();
    }
    return HelloReader.read(filled((byte) 0)).or(() -> HelloReader.read(filled((byte) ' ')));
  }

  private byte[] filled(byte value) {
    byte[] all = Arrays.copyOf(bytes, length);
    for (int i = 0; i < length; i++) {
      if (unknown[i]) {
        all[i] = value;
      }
    }
    return all;
  }
}
