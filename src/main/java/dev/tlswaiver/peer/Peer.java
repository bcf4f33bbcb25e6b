package dev.tlswaiver.peer;

import java.util.Optional;

/**
 * The remote end of one connection, as Postfix logged it.
 *
 * @param name the verified host name; empty where Postfix says {@code unknown}
 * @param address empty where Postfix says {@code unknown}
 */
public record Peer(Optional<HostName> name, Optional<IpAddress> address) {
  private static final String UNKNOWN = "unknown";

  private static final String IPV6_TAG = "IPv6:";

  private static final int MOST_PORT_DIGITS = 5;

  /**
   * The peer that Postfix's {@code namaddr} spells, or empty: {@code name[address]} or {@code
   * [address]}, with {@code :port} where port logging is on. What is neither a name nor an address,
   * because somebody blotted it out, is unknown.
   */
  public static Optional<Peer> find(String namaddr) {
    return end(namaddr, 0) == namaddr.length()
        ? Optional.of(of(namaddr, 0, namaddr.length()))
        : Optional.empty();
  }

  /**
   * Where the client ends that stands at the place in the text; -1 where none stands there. What is
   * between is good for {@link #find}.
   */
  public static int end(String text, int at) {
    int open = wordEnd(text, at);
    if (open == text.length() || text.charAt(open) != '[') {
      return -1;
    }
    int close = wordEnd(text, open + 1);
    if (close == text.length() || text.charAt(close) != ']') {
      return -1;
    }
    int digits = close + 2;
    while (digits < text.length()
        && digits < close + 2 + MOST_PORT_DIGITS
        && isDigit(text.charAt(digits))) {
      digits++;
    }
    boolean isPort = digits > close + 2 && text.charAt(close + 1) == ':';
    return isPort ? digits : close + 1;
  }

  /** The first blank or bracket from the place on. */
  private static int wordEnd(String text, int at) {
    int end = at;
    while (end < text.length()
        && text.charAt(end) != '['
        && text.charAt(end) != ']'
        && !Character.isWhitespace(text.charAt(end))) {
      end++;
    }
    return end;
  }

  private static boolean isDigit(char here) {
    return here >= '0' && here <= '9';
  }

  /** The peer in this part of the text, which {@link #end} has approved. */
  private static Peer of(String text, int from, int to) {
    int open = text.indexOf('[', from);
    String name = text.substring(from, open);
    String address = text.substring(open + 1, text.lastIndexOf(']', to));
    return new Peer(
        name.equals(UNKNOWN) ? Optional.empty() : HostName.find(name),
        IpAddress.find(
            address.startsWith(IPV6_TAG) ? address.substring(IPV6_TAG.length()) : address));
  }

  @Override
  public String toString() {
    return name.map(HostName::text).orElse(UNKNOWN)
        + "["
        + address.map(IpAddress::toString).orElse(UNKNOWN)
        + "]";
  }
}
