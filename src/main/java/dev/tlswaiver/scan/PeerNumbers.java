package dev.tlswaiver.scan;

/**
 * Numbers for the names and addresses of peers, made from bytes without text in between. Two peers
 * may share one: who finds a number must still look at the peer.
 */
public final class PeerNumbers {
  private static final long PRIME = 0x100000001B3L; // FNV-1a's, applied from the end.

  /** Whether somebody asked for a number. */
  @FunctionalInterface
  public interface Known {
    boolean contains(long number);
  }

  private PeerNumbers() {}

  /** The number of a domain or an address. */
  public static long of(String text) {
    long number = 1;
    for (int i = text.length() - 1; i >= 0; i--) {
      number = next(number, (byte) text.charAt(i));
    }
    return number;
  }

  /** The number of the domain or address that these bytes are. */
  static long of(byte[] bytes, int from, int to) {
    long number = 1;
    for (int i = to - 1; i >= from; i--) {
      number = next(number, bytes[i]);
    }
    return number;
  }

  private static long next(long number, byte here) {
    // Letters in lower case; digits, dots, hyphens and colons have that bit set anyway.
    return (number ^ (here | 0x20)) * PRIME;
  }

  /**
   * Whether the number of the address, of the name, or of a domain that it is in is known, of a
   * client that stands at the place as {@code name[address]}. True where none stands there.
   */
  static boolean any(byte[] bytes, int from, Known known) {
    int open = LineBytes.find(bytes, '[', from);
    int close = open < 0 ? -1 : LineBytes.find(bytes, ']', open);
    if (close < 0) {
      return true;
    }
    if (known.contains(of(bytes, open + 1, close))) {
      return true;
    }
    long name = 1;
    for (int i = open - 1; i >= from; i--) {
      if (bytes[i] == '.' && known.contains(name)) {
        return true;
      }
      name = next(name, bytes[i]);
    }
    return known.contains(name);
  }
}
