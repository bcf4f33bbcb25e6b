package dev.tlswaiver.firewall;

import dev.tlswaiver.firewall.Match.Answer;
import dev.tlswaiver.firewall.Match.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What is supposed of the conditions that the rules alone don't settle: the same for each packet of
 * a connection, redirected or not. {@link #turn} leads to the next supposition, until all were
 * there that suppose of few conditions that they hold.
 */
final class World {
  private final int mostHolding;

  /** What was supposed, in the order in which it was asked. */
  private final List<Boolean> choices = new ArrayList<>();

  private final Map<Match, Boolean> supposed = new HashMap<>();
  private final TreeSet<String> otherInterfaces = new TreeSet<>();
  private Optional<String> itsInterface = Optional.empty();
  private int asked;
  private boolean isLimited;

  /**
   * @param mostHolding of so many conditions it may be supposed that they hold
   */
  World(int mostHolding) {
    this.mostHolding = mostHolding;
  }

  /** Goes on to the next supposition; answers whether there is one. */
  boolean turn() {
    asked = 0;
    supposed.clear();
    otherInterfaces.clear();
    itsInterface = Optional.empty();
    while (!choices.isEmpty()) {
      boolean held = choices.remove(choices.size() - 1);
      if (!held) {
        if (holding() < mostHolding) {
          choices.add(true);
          return true;
        }
        isLimited = true;
      }
    }
    return false;
  }

  private long holding() {
    return choices.stream().filter(held -> held).count();
  }

  /** Whether there are suppositions beyond those that this world may make. */
  boolean isLimited() {
    return isLimited;
  }

  /** What is supposed of the interface that peers come by. */
  String way() {
    return itsInterface.orElse("not " + otherInterfaces);
  }

  boolean holds(FilterRule rule, Packet packet) {
    for (Match match : rule.matches()) {
      if (!holds(match, rule, packet)) {
        return false;
      }
    }
    return true;
  }

  private boolean holds(Match match, FilterRule rule, Packet packet) {
    Answer answer = match.answer(packet);
    if (answer == Answer.YES || answer == Answer.NO) {
      return answer == Answer.YES;
    }
    boolean positive =
        switch (match.field()) {
          case USUAL -> true;
          case UNUSUAL -> false;
          case INTERFACE, OUT_INTERFACE -> isInterface(match.values());
          case ANY_OF ->
              match.rows().stream()
                  .anyMatch(row -> row.stream().allMatch(part -> holds(part, rule, packet)));
          default -> supposes(subject(match, rule, packet));
        };
    return positive != match.isNegated();
  }

  /** By what a condition is known again in another rule, and for another packet. */
  private static Match subject(Match match, FilterRule rule, Packet packet) {
    boolean isPeer = match.isAboutPeer(packet);
    List<String> values = new ArrayList<>(match.values());
    if (match.field() == Field.UNREADABLE) {
      // It may be about the port, and another one of this name about something else.
      values.add(rule.label() + " " + packet.port());
    }
    boolean isOwn = match.field() == Field.SOURCE || match.field() == Field.DESTINATION;
    if (isOwn && !isPeer && packet.port() != packet.originalPort()) {
      values.add("redirected"); // To the first address of its interface, whatever it was before.
    }
    return Match.of(
        isPeer ? Field.PEER : isOwn ? Field.DESTINATION : match.field(),
        false,
        values,
        match.sources());
  }

  private boolean supposes(Match subject) {
    Boolean before = supposed.get(subject);
    boolean is = before == null ? choose() : before;
    supposed.put(subject, is);
    return is;
  }

  private boolean choose() {
    if (asked == choices.size()) {
      choices.add(false);
    }
    return choices.get(asked++);
  }

  private boolean isInterface(List<String> names) {
    return names.stream().anyMatch(this::isInterface);
  }

  private boolean isInterface(String name) {
    if (name.equals("lo")) {
      return false;
    }
    if (itsInterface.isPresent() && !isPattern(itsInterface.get())) {
      return fits(itsInterface.get(), name);
    }
    if (otherInterfaces.stream().anyMatch(other -> fits(name, other))) {
      return false;
    }
    if (itsInterface.filter(name::equals).isPresent()) {
      return true;
    }
    if (choose()) {
      itsInterface = Optional.of(name);
      return true;
    }
    otherInterfaces.add(name);
    return false;
  }

  private static boolean isPattern(String name) {
    return name.endsWith("*") || name.endsWith("+");
  }

  private static boolean fits(String name, String pattern) {
    return isPattern(pattern)
        ? name.startsWith(pattern.substring(0, pattern.length() - 1))
        : name.equals(pattern);
  }
}
