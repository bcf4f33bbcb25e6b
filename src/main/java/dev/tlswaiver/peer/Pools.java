package dev.tlswaiver.peer;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
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
   * Whether the name spells out the address, as providers name their customers' lines: {@code
   * 81-82-221-208.static.isp.example}. It says where the peer is plugged in, not who is mailing.
   */
  static boolean isGeneric(HostName name, IpAddress address) {
    byte[] bytes = address.bytes();
    Matcher hex = HEX_RUN.matcher(name.text());
    String inHex = java.util.HexFormat.of().formatHex(bytes);
    while (hex.find()) {
      if (inHex.contains(hex.group())) {
        return true;
      }
    }
    if (address.isIpv6()) {
      return false;
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

  /** The network of the configured length around the address. */
  public IpPrefix network(IpAddress address) {
    return address.network(address.isIpv6() ? ipv6Length : ipv4Length);
  }

  /**
   * The prefixes that cover the addresses: each as a host, but the whole network where two or more
   * share one, since a farm retries from its next address. Merged and in order.
   */
  public List<IpPrefix> cover(Collection<IpAddress> addresses) {
    Map<IpPrefix, IpAddress> firstOf = new LinkedHashMap<>();
    TreeSet<IpPrefix> prefixes = new TreeSet<>();
    for (IpAddress address : new TreeSet<>(addresses)) {
      IpPrefix network = network(address);
      if (firstOf.putIfAbsent(network, address) == null) {
        prefixes.add(address.toPrefix());
      } else {
        prefixes.add(network);
      }
    }
    return IpPrefix.merge(prefixes);
  }
}
