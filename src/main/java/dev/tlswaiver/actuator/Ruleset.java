package dev.tlswaiver.actuator;

import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Rung;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Who is redirected where.
 *
 * @param publicPort the port that is redirected
 * @param rungs each rung that has a guarded port
 */
public record Ruleset(int publicPort, Map<Rung, Way> rungs) {
  /** The kernel tells what is left in whole seconds, and takes time to answer. */
  private static final Duration VERGE = Duration.ofSeconds(10);

  /** Timeouts are counted by the kernel in its own time; a plan is not made for less than this. */
  private static final Duration TOLERANCE = Duration.ofSeconds(60);

  /**
   * The way to one rung.
   *
   * @param elements the networks that are redirected, each until its time
   */
  public record Way(int port, Map<IpPrefix, Instant> elements) {
    public Way {
      elements = Map.copyOf(elements);
    }

    private Instant until(IpPrefix network, Instant otherwise) {
      return elements.getOrDefault(network, otherwise);
    }
  }

  private static final Way NOWHERE = new Way(0, Map.of());

  public Ruleset {
    rungs = Map.copyOf(rungs);
  }

  public boolean isEmpty() {
    return rungs.isEmpty();
  }

  /** Whether both redirect the same networks to the same ports until about the same times. */
  public boolean isAsGoodAs(Ruleset other) {
    if (isEmpty() && other.isEmpty()) {
      return true;
    }
    return publicPort == other.publicPort
        && rungs.keySet().equals(other.rungs.keySet())
        && rungs.entrySet().stream()
            .allMatch(entry -> isSame(entry.getValue(), other.rungs.get(entry.getKey())));
  }

  /**
   * Whether both are as good now, whatever is about to end: what the kernel drops between two looks
   * was changed by nobody.
   */
  boolean agreesWith(Ruleset other, Instant now) {
    Instant verge = now.plus(VERGE);
    return (isEmpty() && other.isEmpty())
        || (publicPort == other.publicPort
            && ports().equals(other.ports())
            && holdsAllOf(other.after(verge))
            && other.holdsAllOf(after(verge)));
  }

  private Map<Rung, Integer> ports() {
    Map<Rung, Integer> ports = new EnumMap<>(Rung.class);
    rungs.forEach((rung, way) -> ports.put(rung, way.port()));
    return ports;
  }

  /** Whether this redirects whatever the other one does, to rungs that both have. */
  private boolean holdsAllOf(Ruleset other) {
    return other.rungs.entrySet().stream()
        .allMatch(
            entry ->
                entry.getValue().elements().entrySet().stream()
                    .allMatch(
                        element ->
                            isClose(
                                element.getValue(),
                                rungs
                                    .getOrDefault(entry.getKey(), NOWHERE)
                                    .until(element.getKey(), Instant.MIN))));
  }

  private static boolean isSame(Way left, @org.jspecify.annotations.Nullable Way right) {
    return right != null
        && left.port() == right.port()
        && left.elements().keySet().equals(right.elements().keySet())
        && left.elements().entrySet().stream()
            .allMatch(
                element ->
                    isClose(
                        element.getValue(),
                        right.elements().getOrDefault(element.getKey(), Instant.MIN)));
  }

  private static boolean isClose(Instant left, Instant right) {
    return Duration.between(left, right).abs().compareTo(TOLERANCE) <= 0;
  }

  /**
   * The state between this and the next: every port of both is guarded, what the next redirects
   * nowhere is out, and what it redirects is still redirected to where it is.
   */
  Ruleset towards(Ruleset next) {
    Set<IpPrefix> wanted = next.networks();
    return towards(next, rung -> wanted);
  }

  /** The same on a way back: only what both redirect to the same port is redirected. */
  Ruleset backTowards(Ruleset next) {
    return towards(
        next,
        rung -> {
          Way way = next.rungs.get(rung);
          return way == null ? Set.of() : way.elements().keySet();
        });
  }

  private Ruleset towards(Ruleset next, Function<Rung, Set<IpPrefix>> wanted) {
    Map<Rung, Way> ways = new EnumMap<>(Rung.class);
    Set<Rung> all = new HashSet<>(rungs.keySet());
    all.addAll(next.rungs.keySet());
    for (Rung rung : all) {
      Way before = rungs.get(rung);
      Way after = next.rungs.get(rung);
      Map<IpPrefix, Instant> kept = new TreeMap<>();
      if (before != null && (after == null || before.port() == after.port())) {
        before
            .elements()
            .forEach(
                (network, until) -> {
                  if (isWithin(network, wanted.apply(rung))) {
                    kept.put(network, after == null ? until : after.until(network, until));
                  }
                });
      }
      ways.put(rung, new Way(after != null ? after.port() : port(before), kept));
    }
    return new Ruleset(next.publicPort, ways);
  }

  private Set<IpPrefix> networks() {
    Set<IpPrefix> networks = new HashSet<>();
    rungs.values().forEach(way -> networks.addAll(way.elements().keySet()));
    return networks;
  }

  /** What this redirects, and the next redirects to another rung. */
  Map<Rung, Set<IpPrefix>> moving(Ruleset next) {
    Map<Rung, Set<IpPrefix>> moving = new EnumMap<>(Rung.class);
    Set<IpPrefix> wanted = next.networks();
    rungs.forEach(
        (rung, way) -> {
          Way after = next.rungs.get(rung);
          Set<IpPrefix> staying = after == null ? Set.of() : after.elements().keySet();
          Set<IpPrefix> leaving = new HashSet<>(way.elements().keySet());
          leaving.removeIf(network -> !isWithin(network, wanted) || isWithin(network, staying));
          if (!leaving.isEmpty()) {
            moving.put(rung, leaving);
          }
        });
    return moving;
  }

  /** The same with these ports guarded too. */
  Ruleset guarding(Map<Rung, Integer> ports) {
    Map<Rung, Way> ways = new EnumMap<>(Rung.class);
    ports.forEach((rung, port) -> ways.put(rung, new Way(port, Map.of())));
    ways.putAll(rungs);
    return new Ruleset(publicPort, ways);
  }

  /** Whether one of the networks holds all of this one. */
  private static boolean isWithin(IpPrefix network, Set<IpPrefix> networks) {
    return networks.contains(holder(network, networks));
  }

  private static int port(@org.jspecify.annotations.Nullable Way way) {
    if (way == null) {
      throw new IllegalStateException("a rung of neither ruleset");
    }
    return way.port();
  }

  /** Without what is past its time. */
  Ruleset after(Instant now) {
    Map<Rung, Way> ways = new EnumMap<>(Rung.class);
    rungs.forEach(
        (rung, way) -> {
          Map<IpPrefix, Instant> left = new TreeMap<>(way.elements());
          left.values().removeIf(until -> !until.isAfter(now));
          ways.put(rung, new Way(way.port(), left));
        });
    return new Ruleset(publicPort, ways);
  }

  /** The networks of a rung, merged; each part ends when the longest-lasting grant of it does. */
  static Map<IpPrefix, Instant> elements(Map<IpPrefix, Instant> granted) {
    // An interval set takes no network twice: what lies within another goes with it.
    Map<IpPrefix, Instant> merged = new HashMap<>();
    granted.entrySet().stream()
        .sorted(Comparator.comparing(entry -> entry.getKey().length()))
        .forEach(
            entry ->
                merged.merge(
                    holder(entry.getKey(), merged.keySet()),
                    entry.getValue(),
                    (left, right) -> left.isAfter(right) ? left : right));
    return merged;
  }

  /** The network that holds this one, or itself. */
  private static IpPrefix holder(IpPrefix network, Set<IpPrefix> networks) {
    for (int length = 0; length < network.length(); length++) {
      IpPrefix wider = network.network().network(length);
      if (networks.contains(wider)) {
        return wider;
      }
    }
    return network;
  }
}
