package dev.tlswaiver.firewall;

import dev.tlswaiver.firewall.Packet.Tracking;
import dev.tlswaiver.peer.IpAddress;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * One condition of a rule.
 *
 * @param isNegated whether it holds for everything but the values
 * @param values ports ({@code 25}, {@code 80-81}), states, names: what the field is about
 * @param sources for a field about addresses, these; empty where the list can't be seen
 * @param rows for {@link Field#ANY_OF}, the alternatives, of which each is several conditions
 */
record Match(
    Field field,
    boolean isNegated,
    List<String> values,
    List<AddressRange> sources,
    List<List<Match>> rows) {

  /** What a condition is about, as far as it makes a difference to a connection from a peer. */
  enum Field {
    FAMILY,
    PROTOCOL,
    /** Where the packet goes to. */
    PORT,
    /** Where it comes from. */
    SOURCE_PORT,
    /** The port that the peer had asked for, before any redirection. */
    ORIGINAL_PORT,
    /** The port from which the peer is answered. */
    REPLY_PORT,
    STATE,
    STATUS,
    DIRECTION,
    SOURCE,
    DESTINATION,
    /** The peer's address, in whichever direction the packet goes. */
    PEER,
    /** The address that the peer asked for, likewise. */
    ORIGINAL_DESTINATION,
    INTERFACE,
    OUT_INTERFACE,
    /** Values are {@code value/mask}. */
    MARK,
    CONNECTION_MARK,
    /** Flags of TCP: those that are looked at, and those of them that are set. */
    FLAGS,
    TO_US,
    FROM_US,
    ALWAYS,
    NEVER,
    ANY_OF,
    /** A rate or a number, that what a peer does is mostly within. */
    USUAL,
    UNUSUAL,
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

  /** Ports from which peers come. */
  private static final int FIRST_OF_PEERS = 1024;

  private static final int LAST_PORT = 65535;

  /** Names that nft prints only when it is asked for names. */
  private static final Map<String, String> SERVICES =
      Map.of(
          "smtp",
          "25",
          "urd",
          "465",
          "submissions",
          "465",
          "submission",
          "587",
          "ssh",
          "22",
          "http",
          "80",
          "https",
          "443",
          "imaps",
          "993");

  Match {
    values = List.copyOf(values);
    sources = List.copyOf(sources);
    rows = List.copyOf(rows);
  }

  static Match of(Field field, boolean isNegated, List<String> values) {
    return new Match(field, isNegated, values, List.of(), List.of());
  }

  static Match of(Field field, boolean isNegated, List<String> values, List<AddressRange> sources) {
    return new Match(field, isNegated, values, sources, List.of());
  }

  static Match anyOf(boolean isNegated, List<List<Match>> rows) {
    return new Match(Field.ANY_OF, isNegated, List.of(), List.of(), rows);
  }

  /**
   * @param words by which it is known again
   */
  static Match other(String words) {
    return of(Field.OTHER, false, List.of(words));
  }

  static Match unreadable(String name) {
    return of(Field.UNREADABLE, false, List.of(name));
  }

  Answer answer(Packet packet) {
    if (isAboutAddress() && values.contains(packet.isIpv6() ? "ipv4" : "ipv6")) {
      return Answer.NO; // Also what is not that source is of its family.
    }
    Answer answer = positive(packet);
    return isNegated ? answer.negated() : answer;
  }

  private boolean isAboutAddress() {
    return switch (field) {
      case SOURCE, DESTINATION, PEER, ORIGINAL_DESTINATION -> true;
      default -> false;
    };
  }

  /** Whether it is about the peer's address, not about ours. */
  boolean isAboutPeer(Packet packet) {
    return field == Field.PEER
        || field == (packet.phase().isAnswer() ? Field.DESTINATION : Field.SOURCE);
  }

  private Answer positive(Packet packet) {
    boolean isAnswer = packet.phase().isAnswer();
    return switch (field) {
      case FAMILY -> yesIf(values.contains(packet.isIpv6() ? "ipv6" : "ipv4"));
      case PROTOCOL -> yesIf(values.contains("tcp") || values.contains("6"));
      case PORT -> isAnswer ? peersPort() : yesIf(hasPort(packet.port()));
      case SOURCE_PORT -> isAnswer ? yesIf(hasPort(packet.port())) : peersPort();
      case ORIGINAL_PORT ->
          yesIf(packet.tracking() == Tracking.TRACKED && hasPort(packet.originalPort()));
      case REPLY_PORT -> yesIf(packet.tracking() == Tracking.TRACKED && hasPort(packet.port()));
      case STATE -> yesIf(states(packet).stream().anyMatch(values::contains));
      case STATUS -> yesIf(statuses(packet).stream().anyMatch(values::contains));
      case DIRECTION -> yesIf(values.contains(isAnswer ? "reply" : "original"));
      case SOURCE, DESTINATION, PEER, ORIGINAL_DESTINATION ->
          isAboutPeer(packet) ? peer(packet) : own(packet);
      case INTERFACE -> isAnswer || isLoopbackAlone() ? Answer.NO : Answer.MAYBE;
      case OUT_INTERFACE -> !isAnswer || isLoopbackAlone() ? Answer.NO : Answer.MAYBE;
      case MARK -> marked(packet.mark());
      case CONNECTION_MARK -> marked(packet.connectionMark());
      case FLAGS -> flags(packet.phase().flags());
      case TO_US -> yesIf(!isAnswer);
      case FROM_US -> yesIf(isAnswer);
      case ALWAYS -> Answer.YES;
      case NEVER -> Answer.NO;
      case ANY_OF -> anyOf(packet);
      case USUAL, UNUSUAL, OTHER -> Answer.MAYBE;
      case UNREADABLE -> Answer.UNREADABLE;
    };
  }

  private boolean isLoopbackAlone() {
    return values.stream().allMatch("lo"::equals);
  }

  /** The states of nft, and those that iptables has besides. */
  private static Set<String> states(Packet packet) {
    if (packet.tracking() != Tracking.TRACKED) {
      return Set.of(packet.tracking() == Tracking.NEVER ? "untracked" : "invalid");
    }
    String state = packet.phase() == Packet.Phase.FIRST ? "new" : "established";
    return packet.isRedirected() ? Set.of(state, "dnat") : Set.of(state);
  }

  private static Set<String> statuses(Packet packet) {
    Set<String> statuses = new HashSet<>();
    if (packet.tracking() == Tracking.TRACKED) {
      if (packet.isRedirected()) {
        statuses.add("dnat");
      }
      if (packet.phase() != Packet.Phase.FIRST) {
        statuses.addAll(Set.of("confirmed", "seen-reply"));
      }
      if (packet.phase().compareTo(Packet.Phase.NEXT) >= 0) {
        statuses.add("assured");
      }
    }
    return statuses;
  }

  private Answer peer(Packet packet) {
    if (values.stream().anyMatch(packet.joined()::contains)) {
      return Answer.YES;
    }
    if (sources.stream().anyMatch(range -> range.isEverything() && isOf(range, packet))) {
      return Answer.YES;
    }
    boolean isEmpty = !sources.isEmpty() && sources.stream().noneMatch(x -> isOf(x, packet));
    return isEmpty || packet.isStranger() ? Answer.NO : Answer.MAYBE;
  }

  /** Which address of this host it is, nobody knows; but it is one that a peer can come to. */
  private Answer own(Packet packet) {
    if (sources.stream().anyMatch(range -> range.isEverything() && isOf(range, packet))) {
      return Answer.YES;
    }
    boolean isElsewhere =
        !sources.isEmpty()
            && sources.stream().noneMatch(x -> isOf(x, packet) && isOfHost(x.first()));
    return isElsewhere ? Answer.NO : Answer.MAYBE;
  }

  private static boolean isOfHost(IpAddress address) {
    int first = address.bytes()[0] & 0xff;
    return address.isIpv6() ? first != 0xff : first != 127 && first < 224;
  }

  private static boolean isOf(AddressRange range, Packet packet) {
    return range.isIpv6() == packet.isIpv6();
  }

  private Answer marked(OptionalLong mark) {
    if (mark.isEmpty()) {
      return Answer.MAYBE;
    }
    for (String value : values) {
      String[] parts = value.split("/", 2);
      OptionalLong mask = parts.length == 2 ? number(parts[1]) : OptionalLong.of(-1);
      String[] ends = parts[0].split("-", 2);
      OptionalLong first = number(ends[0]);
      OptionalLong last = ends.length == 2 ? number(ends[1]) : first;
      if (mask.isEmpty() || first.isEmpty() || last.isEmpty()) {
        return Answer.MAYBE;
      }
      long looked = mark.getAsLong() & mask.getAsLong();
      if (looked >= first.getAsLong() && looked <= last.getAsLong()) {
        return Answer.YES;
      }
    }
    return Answer.NO;
  }

  private static OptionalLong number(String text) {
    try {
      return OptionalLong.of(Long.decode(text));
    } catch (NumberFormatException odd) {
      return OptionalLong.empty();
    }
  }

  private Answer flags(Set<String> flags) {
    Set<String> looked = new HashSet<>(words(values.get(0)));
    looked.retainAll(flags);
    return yesIf(looked.equals(words(values.get(1))));
  }

  private static Set<String> words(String list) {
    Set<String> words = new HashSet<>(Arrays.asList(list.split(",")));
    words.removeAll(Set.of("", "none"));
    return words;
  }

  private Answer anyOf(Packet packet) {
    Answer any = Answer.NO;
    for (List<Match> row : rows) {
      Answer all = Answer.YES;
      for (Match match : row) {
        all = all.and(match.answer(packet));
      }
      if (all == Answer.YES) {
        return all;
      }
      any = all == Answer.NO ? any : all;
    }
    return any;
  }

  private boolean hasPort(int port) {
    return values.stream()
        .map(value -> SERVICES.getOrDefault(value, value))
        .anyMatch(value -> isWithin(value, port, port));
  }

  /** A peer comes from any port that is not reserved. */
  private Answer peersPort() {
    if (values.stream().anyMatch(value -> isWithin(value, FIRST_OF_PEERS, LAST_PORT))) {
      return Answer.YES;
    }
    boolean isReserved = values.stream().noneMatch(value -> reaches(value, FIRST_OF_PEERS));
    return isReserved ? Answer.NO : Answer.MAYBE;
  }

  private static boolean isWithin(String value, int first, int last) {
    long[] ends = ends(value);
    return first >= ends[0] && last <= ends[1];
  }

  private static boolean reaches(String value, int port) {
    return ends(value)[1] >= port;
  }

  /** A service by a name that we don't know is no port of ours: {1, 0} holds nothing. */
  private static long[] ends(String value) {
    if (value.equals("*")) {
      return new long[] {0, LAST_PORT};
    }
    String[] ends = value.split("-", 2);
    try {
      long first = Long.decode(ends[0]);
      return new long[] {first, ends.length == 2 ? Long.decode(ends[1]) : first};
    } catch (NumberFormatException name) {
      return new long[] {1, 0};
    }
  }

  private static Answer yesIf(boolean isSo) {
    return isSo ? Answer.YES : Answer.NO;
  }
}
