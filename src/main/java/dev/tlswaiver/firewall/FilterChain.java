package dev.tlswaiver.firewall;

import java.util.List;

/**
 * A chain of rules.
 *
 * @param family {@code ip}, {@code ip6} or {@code inet}
 * @param type {@code filter}, {@code nat}; empty for a chain that is only jumped to
 * @param hook {@code input}, {@code prerouting}; empty likewise
 * @param isDroppedAtEnd whether its policy is to drop
 */
record FilterChain(
    Origin origin,
    String family,
    String table,
    String name,
    String type,
    String hook,
    int priority,
    boolean isDroppedAtEnd,
    List<FilterRule> rules) {

  /** Which program shows and changes it. */
  enum Origin {
    NFT,
    IPTABLES_NFT,
    IPTABLES_LEGACY
  }

  FilterChain {
    rules = List.copyOf(rules);
  }

  boolean isFor(boolean isIpv6) {
    return family.equals("inet") || family.equals(isIpv6 ? "ip6" : "ip");
  }

  /** This one with other rules in the same places. */
  FilterChain with(List<FilterRule> others) {
    return new FilterChain(
        origin, family, table, name, type, hook, priority, isDroppedAtEnd, others);
  }

  boolean isIptables() {
    return origin != Origin.NFT;
  }

  /** Whether it is the chain that a rule of the other one jumps to by this name. */
  boolean isTargetOf(FilterChain from, String target) {
    return origin == from.origin
        && family.equals(from.family)
        && table.equals(from.table)
        && name.equals(target);
  }

  /** The program of iptables that changes it. */
  String program() {
    return (family.equals("ip6") ? "ip6tables" : "iptables")
        + (origin == Origin.IPTABLES_LEGACY ? "-legacy" : "");
  }

  /** As a person calls it. */
  String label() {
    return isIptables()
        ? "the " + program() + " chain " + name + " of the table " + table
        : "the chain " + family + " " + table + " " + name;
  }
}
