package dev.tlswaiver.firewall;

import dev.tlswaiver.firewall.Passage.Loss;
import dev.tlswaiver.firewall.Passage.Trouble;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What becomes of a redirected connection in each world in which the same connection would come in
 * as it is.
 */
final class Worlds {
  /** Of so many conditions that can't be judged it is supposed that they hold at once. */
  private static final int MOST_HOLDING = 3;

  /** So many suppositions are tried each time; rules that people write need a dozen. */
  private static final int MOST_TRIED = 300;

  /** What fails, by where; and how peers come in then. */
  private final Map<Trouble, Set<String>> failing = new LinkedHashMap<>();

  /** How peers come in where nothing fails. */
  private final Set<String> passing = new HashSet<>();

  /** What would drop even the public port's connections, were they tracked. */
  private final Set<Trouble> droppedTracked = new LinkedHashSet<>();

  private boolean isMailComingIn;

  private Worlds() {}

  /**
   * @param first the first packet of the connection, as it comes to the host
   */
  static Worlds of(KernelRules rules, Packet first, int rungPort) {
    Worlds worlds = new Worlds();
    for (int holding = 0; holding <= MOST_HOLDING; holding++) {
      World world = new World(holding);
      int tried = 0;
      do {
        worlds.look(rules, world, first, rungPort);
        tried++;
      } while (world.turn() && tried < MOST_TRIED);
      if (!world.isLimited() && tried < MOST_TRIED) {
        break;
      }
    }
    return worlds;
  }

  private void look(KernelRules rules, World world, Packet first, int rungPort) {
    if (!Passage.of(rules, world, first, first.port()).isEmpty()) {
      return;
    }
    isMailComingIn = true;
    List<Trouble> troubles = Passage.of(rules, world, first, rungPort);
    for (Trouble trouble : troubles) {
      failing.computeIfAbsent(trouble, way -> new HashSet<>()).add(world.way());
    }
    if (troubles.stream().anyMatch(trouble -> trouble.loss() == Loss.UNTRACKED)) {
      droppedTracked.addAll(Passage.of(rules.tracking(), world, first, first.port()));
    }
    if (troubles.isEmpty()) {
      passing.add(world.way());
    }
  }

  /** Whether there is a world in which the connection comes in as it is. */
  boolean isMailComingIn() {
    return isMailComingIn;
  }

  /** What fails in any of them, the first thing of each chain. */
  List<Trouble> troubles() {
    Map<FilterChain, Trouble> first = new HashMap<>();
    failing.keySet().forEach(trouble -> first.putIfAbsent(trouble.chain(), trouble));
    return failing.keySet().stream()
        .filter(trouble -> trouble.equals(first.get(trouble.chain())))
        .toList();
  }

  /** What drops the public port's own connections as soon as they are tracked. */
  List<Trouble> droppedTracked() {
    return List.copyOf(droppedTracked);
  }

  /** Whether it fails however the conditions are that can't be judged, but for interfaces. */
  boolean isSure(Trouble trouble) {
    return failing.getOrDefault(trouble, Set.of()).stream().anyMatch(way -> !passing.contains(way));
  }
}
