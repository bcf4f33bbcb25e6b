package dev.tlswaiver.firewall;

import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

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
    return changed(
        draft -> {
          draft.port = itsPort;
          draft.isRedirected = isKnownRedirected;
        });
  }

  Packet fromStranger() {
    return changed(draft -> draft.isStranger = true);
  }

  /** A later one of its connection, as it comes to the host or leaves it. */
  Packet next(Phase itsPhase) {
    return changed(
        draft -> {
          draft.phase = itsPhase;
          draft.tracking = Tracking.NOT_YET;
          draft.mark = OptionalLong.of(0);
          draft.zone = "";
        });
  }

  Packet tracked(Tracking how) {
    return changed(draft -> draft.tracking = how);
  }

  Packet marked(OptionalLong itsMark, OptionalLong itsConnections) {
    return changed(
        draft -> {
          draft.mark = itsMark;
          draft.connectionMark = itsConnections;
        });
  }

  Packet inZone(String itsZone) {
    return changed(draft -> draft.zone = itsZone);
  }

  Packet putInto(String set) {
    return changed(draft -> draft.joined.add(set));
  }

  private Packet changed(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.packet(this);
  }

  /** What can change of one, so that each change names only what it changes. */
  private static final class Draft {
    private Phase phase;
    private Tracking tracking;
    private int port;
    private boolean isRedirected;
    private boolean isStranger;
    private OptionalLong mark;
    private OptionalLong connectionMark;
    private String zone;
    private final Set<String> joined;

    Draft(Packet from) {
      phase = from.phase;
      tracking = from.tracking;
      port = from.port;
      isRedirected = from.isRedirected;
      isStranger = from.isStranger;
      mark = from.mark;
      connectionMark = from.connectionMark;
      zone = from.zone;
      joined = new HashSet<>(from.joined);
    }

    Packet packet(Packet from) {
      return new Packet(
          from.isIpv6,
          phase,
          tracking,
          port,
          from.originalPort,
          isRedirected,
          isStranger,
          mark,
          connectionMark,
          zone,
          joined);
    }
  }
}
