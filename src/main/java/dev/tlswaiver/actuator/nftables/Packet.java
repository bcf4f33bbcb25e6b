package dev.tlswaiver.actuator.nftables;

/**
 * The first packet of a connection from a peer, as a rule meets it.
 *
 * @param port its destination port by now
 * @param originalPort the one that the peer asked for
 * @param isStranger whether its source stands in no list of anybody; else it may
 */
record Packet(
    boolean isIpv6, int port, int originalPort, boolean isRedirected, boolean isStranger) {

  /** One that nobody redirects. */
  static Packet direct(boolean isIpv6, int port) {
    return new Packet(isIpv6, port, port, false, false);
  }

  /** The same behind our redirection. */
  Packet redirectedTo(int rungPort) {
    return new Packet(isIpv6, rungPort, originalPort, true, isStranger);
  }

  Packet fromStranger() {
    return new Packet(isIpv6, port, originalPort, isRedirected, true);
  }
}
