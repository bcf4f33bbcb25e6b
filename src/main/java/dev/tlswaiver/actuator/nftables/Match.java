package dev.tlswaiver.actuator.nftables;

import java.util.List;

/**
 * One condition of a rule.
 *
 * @param isNegated whether it holds for everything but the values
 * @param values ports ({@code 25}, {@code 80-81}), states, names: what the field is about
 * @param sources for {@link Field#SOURCE}, the addresses; empty where the list can't be seen
 */
record Match(Field field, boolean isNegated, List<String> values, List<AddressRange> sources) {

  /** What a condition is about, as far as it makes a difference to a connection from a peer. */
  enum Field {
    FAMILY,
    PROTOCOL,
    PORT,
    /** The port that the peer had asked for, before any redirection. */
    ORIGINAL_PORT,
    STATE,
    STATUS,
    SOURCE,
    INTERFACE,
    /** It may hold or not: nothing about TLS follows from it. */
    OTHER,
    /** An extension of iptables, of which nft shows nothing but the name. */
    UNREADABLE
  }

  /** Whether a condition holds. */
  enum Answer {
    YES,
    NO,
    MAYBE,
    UNREADABLE;

    Answer negated() {
      return this == YES ? NO : this == NO ? YES : this;
    }

    /** What both together say. */
    Answer and(Answer other) {
      if (this == NO || other == NO) {
        return NO;
      }
      return compareTo(other) > 0 ? this : other;
    }
  }

  Match {
    values = List.copyOf(values);
    sources = List.copyOf(sources);
  }

  static Match of(Field field, boolean isNegated, List<String> values) {
    return new Match(field, isNegated, values, List.of());
  }

  static Match other() {
    return of(Field.OTHER, false, List.of());
  }

  static Match unreadable(String name) {
    return of(Field.UNREADABLE, false, List.of(name));
  }

  Answer answer(Packet packet) {
    if (field == Field.SOURCE && values.contains(packet.isIpv6() ? "ipv4" : "ipv6")) {
      return Answer.NO; // Also what is not that source is of its family.
    }
    Answer answer = positive(packet);
    return isNegated ? answer.negated() : answer;
  }

  private Answer positive(Packet packet) {
    return switch (field) {
      case FAMILY -> yesIf(values.contains(packet.isIpv6() ? "ipv6" : "ipv4"));
      case PROTOCOL -> yesIf(values.contains("tcp") || values.contains("6"));
      case PORT -> yesIf(hasPort(packet.port()));
      case ORIGINAL_PORT -> yesIf(hasPort(packet.originalPort()));
      case STATE ->
          yesIf(values.contains("new") || (packet.isRedirected() && values.contains("dnat")));
      case STATUS -> values.contains("dnat") ? yesIf(packet.isRedirected()) : Answer.MAYBE;
      case SOURCE -> source(packet);
      // It came from outside; through which interface, nobody knows.
      case INTERFACE -> values.equals(List.of("lo")) ? Answer.NO : Answer.MAYBE;
      case OTHER -> Answer.MAYBE;
      case UNREADABLE -> Answer.UNREADABLE;
    };
  }

  private Answer source(Packet packet) {
    if (sources.stream().anyMatch(range -> range.isEverything() && isOf(range, packet))) {
      return Answer.YES;
    }
    boolean isEmpty = !sources.isEmpty() && sources.stream().noneMatch(x -> isOf(x, packet));
    return isEmpty || packet.isStranger() ? Answer.NO : Answer.MAYBE;
  }

  private static boolean isOf(AddressRange range, Packet packet) {
    return range.isIpv6() == packet.isIpv6();
  }

  private boolean hasPort(int port) {
    for (String value : values) {
      String[] ends = value.split("-", 2);
      try {
        int first = Integer.parseInt(ends[0]);
        if (port >= first && port <= (ends.length == 2 ? Integer.parseInt(ends[1]) : first)) {
          return true;
        }
      } catch (NumberFormatException name) {
        // A service by name is no port of ours: nft and iptables-save print numbers.
      }
    }
    return false;
  }

  private static Answer yesIf(boolean isSo) {
    return isSo ? Answer.YES : Answer.NO;
  }
}
