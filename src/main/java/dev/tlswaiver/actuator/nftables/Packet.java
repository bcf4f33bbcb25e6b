package dev.tlswaiver.actuator.nftables;

import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A packet of a connection from a peer, as a rule meets it.
 *
 * @param port our end's port by now: where it goes to, or what an answer comes from
 * @param originalPort the one that the peer asked for
 * @param isRedirected whether its connection is known to be redirected
 * @param isStranger whether the peer stands in no list of anybody; else it may
 * @param mark what rules wrote on the packet; empty where that can't be told
 * @param connectionMark likewise on its connection
 * @param zone of connection tracking; empty for the usual one
 * @param joined the sets into which rules have put the peer
 */
record Packet(
    boolean isIpv6,
    Phase phase,
    Tracking tracking,
    int port,
    int originalPort,
    boolean isRedirected,
    boolean isStranger,
    OptionalLong mark,
    OptionalLong connectionMark,
    String zone,
    Set<String> joined) {

  /** Where in its connection a packet is; of the later ones one stands for all. */
  enum Phase {
    FIRST,
    ANSWER,
    NEXT,
    NEXT_ANSWER;

    Set<String> flags() {
      return switch (this) {
        case FIRST -> Set.of("syn");
        case ANSWER -> Set.of("syn", "ack");
        case NEXT, NEXT_ANSWER -> Set.of("ack");
      };
    }

    boolean isAnswer() {
      return this == ANSWER || this == NEXT_ANSWER;
    }
  }

  /** What connection tracking makes of it. */
  enum Tracking {
    NOT_YET,
    TRACKED,
    /** A rule has said notrack. */
    NEVER
  }

  Packet {
    joined = Set.copyOf(joined);
  }

  /** The first one, which nobody redirects. */
  static Packet direct(boolean isIpv6, int port) {
    return new Packet(
        isIpv6,
        Phase.FIRST,
        Tracking.TRACKED,
        port,
        port,
        false,
        false,
        OptionalLong.of(0),
        OptionalLong.of(0),
        "",
        Set.of());
  }

  /** The same behind our redirection. */
  Packet redirectedTo(int rungPort) {
    return at(rungPort, true);
  }

  /** The same with this port of ours. */
  Packet at(int itsPort, boolean isKnownRedirected) {
    return new Packet(
        isIpv6,
        phase,
        tracking,
        itsPort,
        originalPort,
        isKnownRedirected,
        isStranger,
        mark,
        connectionMark,
        zone,
        joined);
  }

  Packet fromStranger() {
    return new Packet(
        isIpv6,
        phase,
        tracking,
        port,
        originalPort,
        isRedirected,
        true,
        mark,
        connectionMark,
        zone,
        joined);
  }

  /** A later one of its connection, as it comes to the host or leaves it. */
  Packet next(Phase itsPhase) {
    return new Packet(
        isIpv6,
        itsPhase,
        Tracking.NOT_YET,
        port,
        originalPort,
        isRedirected,
        isStranger,
        OptionalLong.of(0),
        connectionMark,
        "",
        joined);
  }

  Packet tracked(Tracking how) {
    return new Packet(
        isIpv6,
        phase,
        how,
        port,
        originalPort,
        isRedirected,
        isStranger,
        mark,
        connectionMark,
        zone,
        joined);
  }

  Packet marked(OptionalLong itsMark, OptionalLong itsConnections) {
    return new Packet(
        isIpv6,
        phase,
        tracking,
        port,
        originalPort,
        isRedirected,
        isStranger,
        itsMark,
        itsConnections,
        zone,
        joined);
  }

  Packet inZone(String itsZone) {
    return new Packet(
        isIpv6,
        phase,
        tracking,
        port,
        originalPort,
        isRedirected,
        isStranger,
        mark,
        connectionMark,
        itsZone,
        joined);
  }

  Packet putInto(String set) {
    Set<String> more = new HashSet<>(joined);
    more.add(set);
    return new Packet(
        isIpv6,
        phase,
        tracking,
        port,
        originalPort,
        isRedirected,
        isStranger,
        mark,
        connectionMark,
        zone,
        more);
  }
}
