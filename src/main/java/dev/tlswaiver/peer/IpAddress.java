package dev.tlswaiver.peer;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One IPv4 or IPv6 address. Its text is canonical (dotted decimal; RFC 5952 for IPv6), which is how
 * Postfix prints a client and what a lookup table is asked for. An IPv4-mapped IPv6 address is the
 * IPv4 address, as in Postfix.
 */
public final class IpAddress implements Comparable<IpAddress> {
  private static final Pattern HEXTET = Pattern.compile("[0-9A-Fa-f]{1,4}");

  private final byte[] bytes;

  private IpAddress(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * The address that the text spells.
   *
   * @throws IllegalArgumentException if it spells none; no name is ever looked up
   */
  public static IpAddress parse(String text) {
    return find(text).orElseThrow(() -> new IllegalArgumentException("not an address: " + text));
  }

  /** The address that the text spells, or empty. */
  public static Optional<IpAddress> find(String text) {
    Optional<byte[]> bytes = text.indexOf(':') < 0 ? ipv4(text) : ipv6(text);
    return bytes.map(IpAddress::of);
  }

  /** The address with these 4 or 16 bytes, in network order. */
  public static IpAddress of(byte[] bytes) {
    if (bytes.length != 4 && bytes.length != 16) {
      throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + bytes.length);
    }
    return new IpAddress(isMapped(bytes) ? Arrays.copyOfRange(bytes, 12, 16) : bytes.clone());
  }

  private static Optional<byte[]> ipv4(String text) {
    byte[] bytes = new byte[4];
    int octets = 0;
    int octet = 0;
    int digits = 0;
    for (int i = 0; i <= text.length(); i++) {
      char here = i == text.length() ? '.' : text.charAt(i);
      if (here == '.') {
        if (digits == 0 || octet > 255 || octets == 4) {
          return Optional.empty();
        }
        bytes[octets++] = (byte) octet;
        octet = 0;
        digits = 0;
      } else if (here >= '0' && here <= '9' && digits < 3 && (digits == 0 || octet > 0)) {
        // No leading zeros: some parsers read them as octal.
        octet = octet * 10 + here - '0';
        digits++;
      } else {
        return Optional.empty();
      }
    }
    return octets == 4 ? Optional.of(bytes) : Optional.empty();
  }

  private static Optional<byte[]> ipv6(String text) {
    if (text.length() > 45) {
      return Optional.empty();
    }
    int gap = text.indexOf("::");
    if (gap < 0) {
      return hextets(text).filter(bytes -> bytes.length == 16);
    }
    String before = text.substring(0, gap);
    // Dotted decimal may only stand at the very end.
    Optional<byte[]> head = before.indexOf('.') < 0 ? hextets(before) : Optional.empty();
    Optional<byte[]> tail = hextets(text.substring(gap + 2));
    if (head.isEmpty() || tail.isEmpty() || head.get().length + tail.get().length > 14) {
      return Optional.empty();
    }
    byte[] bytes = Arrays.copyOf(head.get(), 16);
    System.arraycopy(tail.get(), 0, bytes, 16 - tail.get().length, tail.get().length);
    return Optional.of(bytes);
  }

  /** The bytes of colon-separated hextets, the last of which may be dotted decimal. */
  private static Optional<byte[]> hextets(String text) {
    if (text.isEmpty()) {
      return Optional.of(new byte[0]);
    }
    byte[] bytes = new byte[18];
    int length = 0;
    String[] fields = text.split(":", -1);
    for (int i = 0; i < fields.length; i++) {
      Optional<byte[]> dotted =
          i == fields.length - 1 && fields[i].indexOf('.') > 0 ? ipv4(fields[i]) : Optional.empty();
      if (length > 14 || (dotted.isEmpty() && !HEXTET.matcher(fields[i]).matches())) {
        return Optional.empty();
      }
      if (dotted.isPresent()) {
        System.arraycopy(dotted.get(), 0, bytes, length, 4);
        length += 4;
      } else {
        int hextet = Integer.parseInt(fields[i], 16);
        bytes[length++] = (byte) (hextet >> 8);
        bytes[length++] = (byte) hextet;
      }
    }
    return length > 16 ? Optional.empty() : Optional.of(Arrays.copyOf(bytes, length));
  }

  private static boolean isMapped(byte[] bytes) {
    if (bytes.length != 16 || bytes[10] != -1 || bytes[11] != -1) {
      return false;
    }
    for (int i = 0; i < 10; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  public boolean isIpv6() {
    return bytes.length == 16;
  }

  /** How many bits it has: 32 or 128. */
  public int bits() {
    return bytes.length * 8;
  }

  /** The bytes in network order, a copy. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** The prefix that holds only this address. */
  public IpPrefix toPrefix() {
    return network(bits());
  }

  /** The network of this length that holds this address. */
  public IpPrefix network(int length) {
    byte[] masked = bytes.clone();
    for (int i = 0; i < masked.length; i++) {
      int keep = Math.max(0, Math.min(8, length - i * 8));
      masked[i] = (byte) (masked[i] & (0xff << (8 - keep)));
    }
    return new IpPrefix(new IpAddress(masked), length);
  }

  /** The network of the length that goes with its version. */
  public IpPrefix network(int ipv4Length, int ipv6Length) {
    return network(isIpv6() ? ipv6Length : ipv4Length);
  }

  @Override
  public int compareTo(IpAddress other) {
    return bytes.length != other.bytes.length
        ? Integer.compare(bytes.length, other.bytes.length)
        : Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof IpAddress address && Arrays.equals(bytes, address.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return isIpv6() ? ipv6Text() : ipv4Text();
  }

  private String ipv4Text() {
    return (bytes[0] & 0xff)
        + "."
        + (bytes[1] & 0xff)
        + "."
        + (bytes[2] & 0xff)
        + "."
        + (bytes[3] & 0xff);
  }

  /** RFC 5952: lower case, no leading zeros, the first longest run of two or more zeros as "::". */
  private String ipv6Text() {
    int gapStart = -1;
    int gapLength = 1;
    for (int start = 0; start < 8; start++) {
      int length = 0;
      while (start + length < 8 && hextet(start + length) == 0) {
        length++;
      }
      if (length > gapLength) {
        gapStart = start;
        gapLength = length;
      }
    }
    StringBuilder text = new StringBuilder(39);
    for (int i = 0; i < 8; i++) {
      if (i == gapStart) {
        text.append("::");
        i += gapLength - 1;
        continue;
      }
      if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
        text.append(':');
      }
      text.append(Integer.toHexString(hextet(i)).toLowerCase(Locale.ROOT));
    }
    return text.toString();
  }

  private int hextet(int index) {
    return (bytes[index * 2] & 0xff) << 8 | (bytes[index * 2 + 1] & 0xff);
  }
}
