package dev.tlswaiver.firewall;

import java.util.OptionalLong;

/** What a rule does to a packet besides its verdict. */
sealed interface Effect {
  Packet on(Packet packet);

  /** Where it stands before connection tracking, that does not see the packet. */
  record NoTracking() implements Effect {
    @Override
    public Packet on(Packet packet) {
      return packet.tracking() == Packet.Tracking.NOT_YET
          ? packet.tracked(Packet.Tracking.NEVER)
          : packet;
    }
  }

  /**
   * Where it stands before connection tracking, that looks in this zone.
   *
   * @param isOfBoth whether also the answers have to be in it
   */
  record Zone(String name, boolean isOfBoth) implements Effect {
    @Override
    public Packet on(Packet packet) {
      return packet.tracking() == Packet.Tracking.NOT_YET && isOfBoth
          ? packet.inZone(name)
          : packet;
    }
  }

  /** Puts the peer into a set. */
  record Join(String set) implements Effect {
    @Override
    public Packet on(Packet packet) {
      return packet.putInto(set);
    }
  }

  /** The packet, the connection, or nobody: where a mark comes from, and where it goes to. */
  enum Marked {
    PACKET,
    CONNECTION
  }

  /**
   * Writes a mark.
   *
   * @param value empty where it can't be told
   */
  record Mark(Marked target, OptionalLong value) implements Effect {
    @Override
    public Packet on(Packet packet) {
      return target == Marked.PACKET
          ? packet.marked(value, packet.connectionMark())
          : packet.marked(packet.mark(), value);
    }
  }

  /** Copies the packet's mark to the connection, or the other way. */
  record CopyMark(Marked target) implements Effect {
    @Override
    public Packet on(Packet packet) {
      return target == Marked.PACKET
          ? packet.marked(packet.connectionMark(), packet.connectionMark())
          : packet.marked(packet.mark(), packet.mark());
    }
  }
}
