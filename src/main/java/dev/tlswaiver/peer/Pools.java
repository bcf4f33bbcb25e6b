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
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Assigns peers to pools, and turns the addresses of a pool into the prefixes that a waiver covers.
 *
 * @param by the kinds of pool to try, the first that applies wins; an address always applies
 * @param ipv4Length the length of an IPv4 network, in bits
 * @param ipv6Length the length of an IPv6 network, in bits
 */
public record Pools(List<Kind> by, int ipv4Length, int ipv6Length, PublicSuffixes suffixes) {

  /** What a pool may be. */
  public enum Kind {
    DOMAIN,
    NETWORK,
    ADDRESS
  }

  private static final Pattern NUMBER = Pattern.compile("[0-9]+");
  private static final Pattern HEX_RUN = Pattern.compile("[0-9a-f]{8,}");

  public Pools {
    by = List.copyOf(by);
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
            case DOMAIN -> domain(peer).map(domain -> new Pool(domain.text()));
            case NETWORK -> Optional.of(new Pool(network(address).toString()));
            case ADDRESS -> Optional.of(new Pool(address.toString()));
          };
      if (pool.isPresent()) {
        return pool;
      }
    }
    return Optional.of(new Pool(address.toString()));
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
    return address.network(address.isIpv6() ? ipv6Length : ipv4Length);
  }

  /**
   * The prefixes that cover the addresses: each as a host, but the whole network where two or more
   * share one, since a farm retries from its next address. Merged and in order.
   *
   * @param mayWiden whether a network may be covered as a whole
   */
  public List<IpPrefix> cover(Collection<IpAddress> addresses, Predicate<IpPrefix> mayWiden) {
    Map<IpPrefix, IpAddress> firstOf = new LinkedHashMap<>();
    TreeSet<IpPrefix> prefixes = new TreeSet<>();
    for (IpAddress address : new TreeSet<>(addresses)) {
      IpPrefix network = network(address);
      boolean isFirst = firstOf.putIfAbsent(network, address) == null;
      prefixes.add(isFirst || !mayWiden.test(network) ? address.toPrefix() : network);
    }
    return IpPrefix.merge(prefixes);
  }
}
