package dev.tlswaiver.agent;

import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.Waiver;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Puts the waivers of a burst in force, all of them in one plan if that can be. If it fails, those
 * it fails for are looked for: a rung's listener is what goes wrong at most, so each rung is tried
 * by itself, and then each half of its waivers.
 */
final class Trials {
  /** What a burst may cost: the thinking thread waits meanwhile. What is left fails together. */
  static final int MOST_COST = 12;

  /** A plan that was only checked. */
  static final int REJECTED = 1;

  /** One that was undone: two reloads, and the probes after them. */
  static final int UNDONE = 4;

  /**
   * What became of one plan.
   *
   * @param cost 0 where it was applied
   * @param fail marks a waiver of it as failed
   */
  record Outcome(int cost, Consumer<Waiver> fail) {
    static final Outcome DONE = new Outcome(0, waiver -> {});
  }

  private final Function<List<Waiver>, Outcome> plan;
  private int cost;

  /**
   * @param plan applies one for these waivers
   */
  Trials(Function<List<Waiver>, Outcome> plan) {
    this.plan = plan;
  }

  /** Whether one that failed has something on the host still. */
  boolean putInForce(List<Waiver> burst) {
    Outcome outcome = plan.apply(burst);
    if (outcome.cost() == 0) {
      return false;
    }
    cost += outcome.cost();
    List<List<Waiver>> parts = parts(burst);
    if (parts.size() < 2 || cost >= MOST_COST) {
      burst.forEach(outcome.fail());
      return burst.stream().anyMatch(waiver -> waiver.state().isOnHost());
    }
    boolean isLeft = false;
    for (List<Waiver> part : parts) {
      isLeft |= putInForce(part);
    }
    return isLeft;
  }

  private static List<List<Waiver>> parts(List<Waiver> burst) {
    Map<Rung, List<Waiver>> byRung =
        burst.stream()
            .collect(
                Collectors.groupingBy(
                    Waiver::rung, () -> new EnumMap<>(Rung.class), Collectors.toList()));
    if (byRung.size() > 1) {
      return List.copyOf(byRung.values());
    }
    int half = burst.size() / 2;
    return half == 0
        ? List.of(burst)
        : List.of(burst.subList(0, half), burst.subList(half, burst.size()));
  }
}
