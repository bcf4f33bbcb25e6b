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
 *
 * <p>Nothing is kept of a session without a dump, and no more than {@link DumpSpace} has room for.
 */
final class HelloDump {
  private static final int MOST_BYTES = HelloReader.MOST_BYTES + 1_024;

  /** A byte, and whether it is known. */
  private static final int BYTES_EACH = 2;

  private final DumpSpace space;

  private byte[] bytes = new byte[0];
  private boolean[] unknown = new boolean[0];
  private int read; // Where the present read begins.
  private int length; // Where it ends.
  private boolean isReading;
  private boolean isOver;

  HelloDump(DumpSpace space) {
    this.space = space;
  }

  /** Takes a read or a write in. The server's first answer ends the hello. */
  void accept(Dump dump) {
    isReading = dump.isRead() && !isOver;
    isOver |= !dump.isRead() && length > 0;
    if (isReading && dump.length() > 0) {
      int next = length + dump.length();
      if (next > MOST_BYTES || !hasRoomFor(next)) {
        isOver = true;
        isReading = false;
        return;
      }
      completeHeader(dump.length());
      read = length;
      length = next;
      Arrays.fill(unknown, read, length, true);
    }
  }

  private boolean hasRoomFor(int next) {
    if (next <= bytes.length) {
      return true;
    }
    int more = Math.max(next, Math.min(MOST_BYTES, bytes.length * 2)) - bytes.length;
    if (!space.take(more * BYTES_EACH)) {
      return false;
    }
    bytes = Arrays.copyOf(bytes, bytes.length + more);
    unknown = Arrays.copyOf(unknown, bytes.length);
    return true;
  }

  /** Nobody needs it any more. */
  void clear() {
    space.giveBack(bytes.length * BYTES_EACH);
    bytes = new byte[0];
    unknown = new boolean[0];
    read = 0;
    length = 0;
    isReading = false;
    isOver = false;
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

  /** The hello, as soon as it is whole; its version alone where the server read no more. */
  Optional<ClientHello> hello() {
    if (length == 0) {
      return Optional.empty();
    }
    byte[] zeros = filled((byte) 0);
    return HelloReader.read(zeros)
        .or(() -> HelloReader.read(filled((byte) ' ')))
        .or(() -> HelloReader.readBeginning(zeros));
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

  /** All of it as one word: {@code 0 11 reading 160300009301000000000300..}, dots for unknown. */
  String toText() {
    StringBuilder text = new StringBuilder();
    text.append(read)
        .append(' ')
        .append(length)
        .append(isOver ? " over " : isReading ? " reading " : " between ");
    for (int i = 0; i < length; i++) {
      text.append(unknown[i] ? ".." : HexFormat.of().toHexDigits(bytes[i]));
    }
    return text.toString();
  }

  /** Takes up what {@link #toText} wrote; anything else is dropped. */
  void restore(String text) {
    clear();
    String[] words = text.split(" ", -1);
    if (words.length != 4) {
      return;
    }
    int begin = number(words[0]);
    int end = number(words[1]);
    boolean isSound =
        begin >= 0 && end >= begin && end <= MOST_BYTES && words[3].length() == 2 * end;
    if (!isSound || !hasRoomFor(end)) {
      return;
    }
    for (int i = 0; i < end; i++) {
      int high = Character.digit(words[3].charAt(2 * i), 16);
      int low = Character.digit(words[3].charAt(2 * i + 1), 16);
      unknown[i] = high < 0 || low < 0;
      bytes[i] = (byte) (unknown[i] ? 0 : (high << 4) | low);
    }
    read = begin;
    length = end;
    isOver = words[2].equals("over");
    isReading = words[2].equals("reading");
  }

  private static int number(String digits) {
    int number = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = Character.digit(digits.charAt(i), 10);
      if (digit < 0 || number > MOST_BYTES) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return digits.isEmpty() ? -1 : number;
  }
}
