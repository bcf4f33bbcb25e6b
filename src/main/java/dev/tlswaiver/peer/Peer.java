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
    return end(text, at, true);
  }

  /**
   * @param mayBeTwice whether the name may stand in brackets, too
   */
  private static int end(String text, int at, boolean mayBeTwice) {
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
    if (open == at && mayBeTwice && text.startsWith("][", close)) {
      return end(text, close + 1, false); // The name was blotted out in brackets, too.
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

  /**
   * Where the client ends of which Postfix's own words just before tell that it stands there. Then
   * it may be blotted out altogether, by any word, by some in angle brackets, or by nothing; -1
   * where it can't be told from what follows.
   */
  public static int announcedEnd(String text, int at) {
    int end = end(text, at);
    if (end >= 0 || at >= text.length()) {
      return end;
    }
    if (text.startsWith("<", at)) {
      int name = text.indexOf('>', at);
      int address = text.startsWith("[", name + 1) ? text.indexOf(']', name) : name;
      boolean isShort = name > 0 && address > 0 && address - at <= 2 * MOST_IN_BRACKETS;
      return isShort ? address + 1 : -1;
    }
    int last = wordEnd(text, at);
    boolean isBracket = last < text.length() && "[]".indexOf(text.charAt(last)) >= 0;
    boolean isMarked = last > at && ":,".indexOf(text.charAt(last - 1)) >= 0;
    return isBracket || last - at > MOST_IN_BRACKETS ? -1 : isMarked ? last - 1 : last;
  }

  /** The client in this part of the text, which {@link #announcedEnd} has approved. */
  public static Peer announced(String text, int from, int to) {
    return end(text, from) == to
        ? of(text, from, to)
        : new Peer(Optional.empty(), Optional.empty());
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
    Optional<IpAddress> known =
        IpAddress.find(
            address.startsWith(IPV6_TAG) ? address.substring(IPV6_TAG.length()) : address);
    // With its address blotted out, a word without a dot is no name either: "client[ip]".
    boolean isName =
        !name.equals(UNKNOWN)
            && !isBlottedOut(name)
            && (known.isPresent() || address.equals(UNKNOWN) || name.indexOf('.') > 0);
    return new Peer(isName ? HostName.find(name) : Optional.empty(), known);
  }

  /** Whether it is an address of which people left no more than digits: {@code 192.0.xx.xx}. */
  private static boolean isBlottedOut(String name) {
    boolean hasDot = false;
    boolean hasMark = false;
    for (int i = 0; i < name.length(); i++) {
      char here = name.charAt(i);
      hasDot |= here == '.';
      hasMark |= here == 'x' || here == 'X';
      if (here != '.' && here != 'x' && here != 'X' && !isDigit(here)) {
        return false;
      }
    }
    return hasDot && hasMark;
  }

  @Override
  public String toString() {
    return name.map(HostName::text).orElse(UNKNOWN)
        + "["
        + address.map(IpAddress::toString).orElse(UNKNOWN)
        + "]";
  }
}
