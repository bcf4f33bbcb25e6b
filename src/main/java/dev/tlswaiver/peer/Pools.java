package dev.tlswaiver.peer;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Assigns peers to pools, and turns the addresses of a pool into the prefixes that a waiver covers.
 *
 * @param by the kinds of pool to try, the first that applies wins; an address always applies
 * @param ipv4Length the length of an IPv4 network, in bits
 * @param ipv6Length the length of an IPv6 network, in bits
 * @param named the networks that the operator gave to a domain for good
 */
public record Pools(
    List<Kind> by,
    int ipv4Length,
    int ipv6Length,
    PublicSuffixes suffixes,
    Map<Pool, List<IpPrefix>> named) {

  /** What a pool may be. */
  public enum Kind {
    DOMAIN,
    NETWORK,
    ADDRESS
  }

  /** What one customer gets; within it the addresses of one host may change by the hour. */
  private static final int IPV6_SUBSCRIBER = 64;

  private static final Pattern NUMBER = Pattern.compile("[0-9]+");
  private static final Pattern HEX_RUN = Pattern.compile("[0-9a-f]{8,}");

  public Pools {
    by = List.copyOf(by);
    named = Map.copyOf(named);
  }

  /** With no networks that the operator named. */
  public Pools(List<Kind> by, int ipv4Length, int ipv6Length, PublicSuffixes suffixes) {
    this(by, ipv4Length, ipv6Length, suffixes, Map.of());
  }

  /** The pool of the peer; empty where the log does not give its address. */
  public Optional<Pool> find(Peer peer) {
    if (peer.address().isEmpty()) {
      return Optional.empty();
    }
    IpAddress address = peer.address().get();
    for (Kind kind : by) {
      Optional<Pool> pool =
          switch (kind) {
            case DOMAIN ->
                domain(peer).map(domain -> new Pool(domain.text())).or(() -> owner(address));
            case NETWORK -> Optional.of(new Pool(network(address).toString()));
            case ADDRESS -> Optional.of(byAddress(peer, address));
          };
      if (pool.isPresent()) {
        return pool;
      }
    }
    return Optional.of(byAddress(peer, address));
  }

  /** The pool to which the operator gave a network with the address. */
  private Optional<Pool> owner(IpAddress address) {
    return named.entrySet().stream()
        .filter(pool -> pool.getValue().stream().anyMatch(network -> network.contains(address)))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  private static Pool byAddress(Peer peer, IpAddress address) {
    return address.isIpv6() && !hasNameOfItsOwn(peer)
        ? ofNamelessIpv6(address)
        : new Pool(address.toString());
  }

  /** The pool of an IPv6 peer without a name of its own: its /64, out of which it takes any. */
  public static Pool ofNamelessIpv6(IpAddress address) {
    return new Pool(address.network(IPV6_SUBSCRIBER).toString());
  }

  /** The networks that the operator gave to the pool for good. */
  public List<IpPrefix> named(Pool pool) {
    return named.getOrDefault(pool, List.of());
  }

  private Optional<HostName> domain(Peer peer) {
    return peer.name()
        .filter(name -> !isGeneric(name, peer.address().orElseThrow()))
        .flatMap(suffixes::registrableDomain);
  }

  /**
   * Whether Postfix verified a name that says who the peer is, and not only where it is plugged in.
   */
  public static boolean hasNameOfItsOwn(Peer peer) {
    return peer.name()
        .filter(name -> peer.address().filter(address -> isGeneric(name, address)).isEmpty())
        .isPresent();
  }

  /** Whether a prefix holds more than one network of the configured length. */
  public boolean isWiderThanNetworks(IpPrefix prefix) {
    return prefix.length() < (prefix.isIpv6() ? ipv6Length : ipv4Length);
  }

  /**
   * Whether the name spells out the address, as providers name their customers' lines: {@code
   * 81-82-221-208.static.isp.example}. It says where the peer is plugged in, not who is mailing.
   */
  static boolean isGeneric(HostName name, IpAddress address) {
    byte[] bytes = address.bytes();
    String inHex = HexFormat.of().formatHex(bytes);
    if (address.isIpv6()) {
      return HEX_RUN.matcher(name.text()).results().anyMatch(run -> inHex.contains(run.group()))
          || spellsHextets(name, inHex);
    }
    if (name.text().contains(inHex) || name.text().contains(inDigits(bytes))) {
      return true;
    }
    Map<Integer, Integer> wanted = new LinkedHashMap<>();
    for (byte octet : bytes) {
      wanted.merge(octet & 0xff, 1, Integer::sum);
    }
    int found = 0;
    Matcher number = NUMBER.matcher(name.text());
    while (number.find()) {
      int value = number.group().length() > 3 ? -1 : Integer.parseInt(number.group());
      if (wanted.merge(value, -1, Integer::sum) >= 0) {
        found++;
      }
    }
    // Three of four octets: providers often leave the first one or two to the domain's name.
    return found >= 3;
  }

  /** Each octet with three digits, and nothing between them. */
  private static String inDigits(byte[] bytes) {
    StringBuilder digits = new StringBuilder(12);
    for (byte octet : bytes) {
      int value = octet & 0xff;
      digits.append(value / 100).append(value / 10 % 10).append(value % 10);
    }
    return digits.toString();
  }

  /** Three or more of the address's hextets, zeros apart, as words of the name. */
  private static boolean spellsHextets(HostName name, String inHex) {
    Set<String> wanted = new HashSet<>();
    for (int at = 0; at < inHex.length(); at += 4) {
      wanted.add(inHex.substring(at, at + 4));
    }
    wanted.remove("0000");
    long found =
        Arrays.stream(name.text().split("[^0-9a-f]+"))
            .filter(word -> !word.isEmpty() && word.length() <= 4)
            .map(word -> "0".repeat(4 - word.length()) + word)
            .distinct()
            .filter(wanted::contains)
            .count();
    return found >= 3;
  }

  /** The network of the configured length around the address. */
  public IpPrefix network(IpAddress address) {
    return address.network(ipv4Length, ipv6Length);
  }

  /**
   * The prefixes that cover the addresses, each as a host, and what the operator gave to the pool.
   * Merged and in order. That others in a network fail says nothing about a neighbour.
   */
  public List<IpPrefix> cover(Pool pool, Collection<IpAddress> addresses) {
    return IpPrefix.merge(
        Stream.concat(addresses.stream().map(IpAddress::toPrefix), named(pool).stream()).toList());
  }
}
