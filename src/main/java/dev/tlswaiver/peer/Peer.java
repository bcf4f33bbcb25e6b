package dev.tlswaiver.peer;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The remote end of one connection, as Postfix logged it.
 *
 * @param name the verified host name; empty where Postfix says {@code unknown}
 * @param address empty where Postfix says {@code unknown}
 */
public record Peer(Optional<HostName> name, Optional<IpAddress> address) {
  private static final String UNKNOWN = "unknown";

  /** {@code name[address]} or {@code [address]}, with {@code :port} where port logging is on. */
  private static final Pattern FORM =
      Pattern.compile("([^\\s\\[\\]]*)\\[(?:IPv6:)?([0-9A-Fa-f:.]+|unknown)\\](?::[0-9]{1,5})?");

  /** The peer that Postfix's {@code namaddr} spells, or empty. */
  public static Optional<Peer> find(String namaddr) {
    Matcher matcher = FORM.matcher(namaddr);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String name = matcher.group(1);
    Optional<IpAddress> address = IpAddress.find(matcher.group(2));
    if (address.isEmpty() && !matcher.group(2).equals(UNKNOWN)) {
      return Optional.empty();
    }
    return Optional.of(
        new Peer(name.equals(UNKNOWN) ? Optional.empty() : HostName.find(name), address));
  }

  @Override
  public String toString() {
    return name.map(HostName::text).orElse(UNKNOWN)
        + "["
        + address.map(IpAddress::toString).orElse(UNKNOWN)
        + "]";
  }
}
