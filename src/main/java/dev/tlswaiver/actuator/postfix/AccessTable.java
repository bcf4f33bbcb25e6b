package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.peer.IpPrefix;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The networks that a relaxed listener admits, in the two forms of access(5).
 *
 * @param indexed what an indexed table can say: addresses, and IPv4 networks of whole octets
 * @param cidr the rest, for a cidr_table(5); empty where nothing is left
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
      Optional<String> pattern = pattern(network);
      if (pattern.isPresent()) {
        indexed.append(pattern.get()).append(ACTION).append('\n');
      } else {
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

  private static Optional<String> pattern(IpPrefix network) {
    String address = network.network().toString();
    if (network.isSingleAddress()) {
      return Optional.of(address);
    }
    if (network.isIpv6() || network.length() % 8 != 0 || network.length() == 0) {
      return Optional.empty();
    }
    String[] octets = address.split("\\.");
    return Optional.of(String.join(".", List.of(octets).subList(0, network.length() / 8)));
  }
}
