package dev.tlswaiver.actuator.postfix;

import static java.util.stream.Collectors.joining;

import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The networks that a relaxed listener admits, in the two forms of access(5).
 *
 * @param indexed what an indexed table can say: addresses, and IPv4 networks of whole octets; two
 *     addresses that were merged into one prefix are two again, because a cidr_table(5) wants a
 *     reload
 * @param cidr the rest, wide IPv6 networks, for a cidr_table(5); empty where nothing is left
 */
record AccessTable(String indexed, Optional<String> cidr) {
  private static final String HEADING = "# Written by tlswaiver; changes here are undone.\n";

  private static final String ACTION = " " + Restrictions.CLASS;

  /**
   * This host, which looks whether the listener answers. With smtpd_delay_reject = no whoever is
   * not admitted is not even greeted.
   */
  private static final List<String> OURSELVES = List.of("127.0.0.1", "::1");

  static AccessTable of(Collection<IpPrefix> networks) {
    List<IpPrefix> merged = IpPrefix.merge(networks);
    StringBuilder indexed = new StringBuilder(HEADING);
    OURSELVES.forEach(address -> indexed.append(address).append(ACTION).append('\n'));
    StringBuilder cidr = new StringBuilder(HEADING);
    boolean needsCidr = false;
    for (IpPrefix network : merged) {
      List<String> patterns = patterns(network);
      patterns.forEach(pattern -> indexed.append(pattern).append(ACTION).append('\n'));
      if (patterns.isEmpty()) {
        cidr.append(network).append(ACTION).append('\n');
        needsCidr = true;
      }
    }
    return new AccessTable(
        indexed.toString(), needsCidr ? Optional.of(cidr.toString()) : Optional.empty());
  }

  /** The whole as one cidr_table(5), for a host without indexed tables. */
  static String allAsCidr(Collection<IpPrefix> networks) {
    StringBuilder ourselves = new StringBuilder();
    OURSELVES.forEach(address -> ourselves.append(address).append(ACTION).append('\n'));
    return lines(networks, ACTION) + ourselves;
  }

  /** The networks alone, one a line, as load balancers and packet filters read them. */
  static String addresses(Collection<IpPrefix> networks) {
    return lines(networks, "");
  }

  private static String lines(Collection<IpPrefix> networks, String action) {
    StringBuilder lines = new StringBuilder(HEADING);
    IpPrefix.merge(networks).forEach(network -> lines.append(network).append(action).append('\n'));
    return lines.toString();
  }

  /** What an indexed table says for the network; nothing where it can't say it in few words. */
  private static List<String> patterns(IpPrefix network) {
    if (network.isIpv6()) {
      return network.network().bits() - network.length() <= 8
          ? network.first(256).stream().map(IpAddress::toString).toList()
          : List.of();
    }
    int octets = (network.length() + 7) / 8;
    if (octets == 0) {
      return List.of();
    }
    List<String> words = List.of(network.network().toString().split("\\."));
    String before =
        words.subList(0, octets - 1).stream().map(word -> word + ".").collect(joining());
    int first = Integer.parseInt(words.get(octets - 1));
    return IntStream.range(first, first + (1 << ((8 * octets) - network.length())))
        .mapToObj(last -> before + last)
        .toList();
  }
}
