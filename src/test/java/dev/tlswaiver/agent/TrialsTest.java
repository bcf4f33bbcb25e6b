package dev.tlswaiver.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.waiver.Evidence;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What becomes of a burst of which one waiver can't be put in force. */
final class TrialsTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  private final List<List<Long>> plans = new ArrayList<>();
  private final Set<Long> failed = new TreeSet<>();

  private static Waiver waiver(long id, Rung rung) {
    IpAddress address = IpAddress.parse("192.0.2." + id);
    return new Waiver(
        id,
        new Pool(address.toString()),
        List.of(address),
        List.of(address.toPrefix()),
        rung,
        new Evidence("all", Reason.OTHER, Optional.empty(), 1, NOON, NOON, Optional.empty()),
        NOON,
        State.PROPOSED,
        0,
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        List.of(),
        List.of());
  }

  /** A host on which no plan with one of these waivers can be applied. */
  private Trials on(int cost, Set<Long> impossible) {
    return new Trials(
        burst -> {
          List<Long> ids = burst.stream().map(Waiver::id).toList();
          plans.add(ids);
          return ids.stream().anyMatch(impossible::contains)
              ? new Trials.Outcome(cost, waiver -> failed.add(waiver.id()))
              : Trials.Outcome.DONE;
        });
  }

  @Test
  void aBurstThatCanBeAppliedCostsOnePlan() {
    on(Trials.REJECTED, Set.of())
        .putInForce(List.of(waiver(1, Rung.LEGACY), waiver(2, Rung.CIPHERS)));
    assertThat(plans).containsExactly(List.of(1L, 2L));
    assertThat(failed).isEmpty();
  }

  @Test
  void aRungThatFailsLeavesTheOthersAlone() {
    on(Trials.UNDONE, Set.of(1L))
        .putInForce(
            List.of(waiver(1, Rung.LEGACY), waiver(2, Rung.CIPHERS), waiver(3, Rung.CIPHERS)));
    assertThat(plans).containsExactly(List.of(1L, 2L, 3L), List.of(2L, 3L), List.of(1L));
    assertThat(failed).containsExactly(1L);
  }

  @Test
  void oneThatFailsLeavesTheOthersOfItsRungAlone() {
    on(Trials.REJECTED, Set.of(3L))
        .putInForce(IntStream.rangeClosed(1, 4).mapToObj(id -> waiver(id, Rung.LEGACY)).toList());
    assertThat(failed).containsExactly(3L);
  }

  @Test
  void aHostOnWhichNothingCanBeAppliedIsNotTriedForEver() {
    on(Trials.UNDONE, Set.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L))
        .putInForce(IntStream.rangeClosed(1, 8).mapToObj(id -> waiver(id, Rung.LEGACY)).toList());
    assertThat(plans).hasSizeLessThanOrEqualTo(5);
    assertThat(failed).hasSize(8);
  }
}
