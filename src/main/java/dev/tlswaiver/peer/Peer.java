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

  /** The longest address has 45; people write words instead. */
  private static final int MOST_IN_BRACKETS = 64;

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
   * between is good for {@link #find}. People who show a log leave out the address, write round
   * brackets for it, or words.
   */
  public static int end(String text, int at) {
    int word = wordEnd(text, at);
    boolean isApart = text.startsWith(" [", word);
    int open = isApart && word > at ? word + 1 : word;
    if (open == text.length() || text.charAt(open) != '[') {
      return text.startsWith("]", open) ? -1 : endWithoutBrackets(text, at, word);
    }
    int close = open + 1;
    while (close < text.length()
        && close - open <= MOST_IN_BRACKETS
        && "[]".indexOf(text.charAt(close)) < 0) {
      close++;
    }
    if (close == text.length() || text.charAt(close) != ']') {
      return -1;
    }
    if (open == at && text.startsWith("][", close)) {
      return end(text, close + 1); // The name was blotted out in brackets, too.
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

  /** A name alone, or an address; before a colon, if there is one. */
  private static int endWithoutBrackets(String text, int at, int word) {
    int end = word > at && text.charAt(word - 1) == ':' ? word - 1 : word;
    return end > at && isBare(text.substring(at, end)) ? end : -1;
  }

  private static boolean isBare(String text) {
    int round = text.endsWith(")") ? text.indexOf('(') : -1;
    String name = round > 0 ? text.substring(0, round) : text;
    return (name.equals(UNKNOWN) || name.indexOf('.') > 0 || name.indexOf(':') > 0)
        && (HostName.find(name).isPresent() || IpAddress.find(name).isPresent());
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
    String all = text.substring(from, to);
    int open = Math.max(all.lastIndexOf('['), all.indexOf('('));
    String name = (open < 0 ? all : all.substring(0, open)).strip();
    if (open < 0 && IpAddress.find(name).isPresent()) {
      return new Peer(Optional.empty(), IpAddress.find(name));
    }
    String address =
        open < 0
            ? ""
            : all.substring(open + 1, Math.max(all.lastIndexOf(']'), all.lastIndexOf(')')))
                .replace("*", "");
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
