package dev.tlswaiver.firewall;

import dev.tlswaiver.firewall.Passage.Trouble;

/** The lines that mend what stands in the way of a redirected connection. */
final class Mend {
  private Mend() {}

  /** Lets the chain accept what was redirected from the port, and the answers to it. */
  static String accept(FilterChain chain, int publicPort) {
    if (chain.isIptables()) {
      String rule = "-p tcp -m conntrack --ctstate DNAT --ctorigdstport " + publicPort;
      return iptables(chain) + " -I " + chain.name() + " " + rule + " -j ACCEPT" + ufw(chain, rule);
    }
    return "nft insert rule "
        + at(chain)
        + " meta l4proto tcp ct status dnat ct original proto-dst "
        + publicPort
        + " accept";
  }

  /** What the line puts into the kernel is gone when ufw puts its own there anew. */
  private static String ufw(FilterChain chain, String rule) {
    boolean isUfws =
        chain.rules().stream().anyMatch(jump -> jump.target().startsWith("ufw"))
            && chain.table().equals("filter");
    if (!isUfws) {
      return "";
    }
    boolean isIpv6 = chain.family().equals("ip6");
    return " # for good, in /etc/ufw/before"
        + (isIpv6 ? "6" : "")
        + ".rules above its first -A: -A ufw"
        + (isIpv6 ? "6" : "")
        + "-before-"
        + chain.name().toLowerCase(java.util.Locale.ROOT)
        + " "
        + rule
        + " -j ACCEPT";
  }

  /** Leaves the port to connection tracking, before the rule that takes it out. */
  static String track(Trouble trouble, int port) {
    return before(trouble, "tcp " + side(trouble) + " " + port + " accept");
  }

  /** Lets the port through where it was let through for not being tracked. */
  static String open(Trouble trouble, int port) {
    return before(trouble, "tcp " + side(trouble) + " " + port + " accept");
  }

  /** Puts what comes from the port into the zone too. */
  static String zone(Trouble trouble, String zone, int port) {
    return before(trouble, "tcp sport " + port + " ct zone set " + zone);
  }

  private static String side(Trouble trouble) {
    return trouble.phase().isAnswer() ? "sport" : "dport";
  }

  /** A rule before the one that decided; at the end of the chain where its policy did. */
  private static String before(Trouble trouble, String rule) {
    FilterChain chain = trouble.place();
    boolean isPolicy = trouble.index() < 0;
    if (chain.isIptables()) {
      return iptables(chain)
          + (isPolicy ? " -A " : " -I ")
          + chain.name()
          + (isPolicy ? "" : " " + (trouble.index() + 1))
          + rule.replaceFirst("^tcp (\\w+) (\\d+) ", " -p tcp --$1 $2 ")
              .replaceFirst("accept$", "-j ACCEPT")
              .replaceFirst("ct zone set ", "-j CT --zone ");
    }
    return (isPolicy ? "nft add rule " : "nft insert rule ")
        + at(chain)
        + (isPolicy ? "" : trouble.by().replaceFirst("^the rule with handle (\\d+)$", " handle $1"))
        + " "
        + rule;
  }

  private static String at(FilterChain chain) {
    return chain.family() + " " + chain.table() + " " + chain.name();
  }

  private static String iptables(FilterChain chain) {
    return chain.program() + (chain.table().equals("filter") ? "" : " -t " + chain.table());
  }
}
