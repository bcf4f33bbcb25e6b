package dev.tlswaiver.actuator;

import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Rung;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

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
  }

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
    return after(verge).isAsGoodAs(other.after(verge));
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
   * The state between this and the next: every port of both is guarded, and only those networks are
   * redirected that both redirect to the same port.
   */
  Ruleset towards(Ruleset next) {
    Map<Rung, Way> ways = new EnumMap<>(Rung.class);
    Set<Rung> all = new HashSet<>(rungs.keySet());
    all.addAll(next.rungs.keySet());
    for (Rung rung : all) {
      Way before = rungs.get(rung);
      Way after = next.rungs.get(rung);
      Map<IpPrefix, Instant> both = new TreeMap<>();
      if (before != null && after != null && before.port() == after.port()) {
        both.putAll(after.elements());
        both.keySet().retainAll(before.elements().keySet());
      }
      ways.put(rung, new Way(after != null ? after.port() : port(before), both));
    }
    return new Ruleset(next.publicPort, ways);
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
    Map<IpPrefix, Instant> merged = new TreeMap<>();
    Collection<IpPrefix> cover = new HashSet<>(granted.keySet());
    for (IpPrefix prefix : cover) {
      // An interval set takes no network twice: what lies within another goes with it.
      boolean isInner =
          cover.stream().anyMatch(other -> !other.equals(prefix) && other.contains(prefix));
      if (!isInner) {
        Instant until =
            granted.entrySet().stream()
                .filter(entry -> prefix.contains(entry.getKey()))
                .map(Map.Entry::getValue)
                .max(Instant::compareTo)
                .orElseThrow();
        merged.put(prefix, until);
      }
    }
    return merged;
  }
}
