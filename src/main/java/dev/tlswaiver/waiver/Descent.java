package dev.tlswaiver.waiver;

import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.peer.IpAddress;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** The way down the ladder: a proven waiver goes to the lowest rung that would do as well. */
final class Descent {
  /** Failures whose cause is in the offer, so that a better offer is their end. */
  private static final Set<Reason> IN_THE_OFFER =
      EnumSet.of(
          Reason.NO_SHARED_CIPHER,
          Reason.UNKNOWN_PROTOCOL,
          Reason.UNSUPPORTED_PROTOCOL,
          Reason.VERSION_TOO_LOW);

  /** A waiver that stepped down and had to step back has shown that the calculation is wrong. */
  private static final int MOST_STEPS = 2;

  private final Ladder ladder;

  Descent(Ladder ladder) {
    this.ladder = ladder;
  }

  /** With what an address needs, as a handshake that it completed on a rung shows. */
  Waiver needing(Waiver waiver, IpAddress address, Handshake handshake) {
    Optional<Rung> lowest =
        handshake
            .hello()
            .map(ladder::lowestAdmitting)
            .or(
                () ->
                    handshake.outcome() instanceof Completed completed
                        ? ladder.lowestAgreeing(completed.protocol(), completed.cipher())
                        : Optional.empty());
    // Without its hello a guess that was wrong once is not made again.
    boolean isTelling =
        isExplainedByOffer(waiver)
            && (waiver.round() == 0 || waiver.evidence().hello().isPresent());
    return lowest
        .filter(rung -> isTelling && rung != Rung.DIAGNOSE)
        .map(rung -> waiver.needing(address, rung))
        .map(known -> offering(known, handshake))
        .orElse(waiver);
  }

  /** With the hello by which all of its addresses would do with less, if it is that. */
  private Waiver offering(Waiver waiver, Handshake handshake) {
    return handshake
        .hello()
        .map(ladder::diagnose)
        .filter(diagnosis -> most(waiver).filter(diagnosis.admittedBy()::equals).isPresent())
        .map(diagnosis -> waiver.knowing(waiver.evidence().with(diagnosis)))
        .orElse(waiver);
  }

  /** The rung that every failing address can do with; empty while that is not known of all. */
  private static Optional<Rung> most(Waiver waiver) {
    return waiver.needs().keySet().containsAll(waiver.addresses())
        ? waiver.needs().values().stream().max(Comparator.naturalOrder())
        : Optional.empty();
  }

  /** A proven waiver goes down to the lowest rung that every failing address can do with. */
  Waiver down(Waiver waiver, Instant now) {
    Optional<Rung> most = most(waiver).filter(rung -> rung != Rung.DIAGNOSE);
    if (waiver.state() != State.PROVEN || most.isEmpty()) {
      return waiver;
    }
    Rung target = ladder.from(most.get());
    return target.compareTo(waiver.rung()) < 0 && waiver.steps() < MOST_STEPS
        ? waiver.stepTo(
            target,
            now,
            "steps down from " + waiver.rung().label() + ": " + target.label() + " would do")
        : waiver;
  }

  /**
   * A lower rung was tried after the proof, and does not do. Where a hello said that it would, the
   * failure may be anybody's on the way: no climbing against it.
   */
  Waiver back(Waiver waiver, Failed failed, Instant now) {
    Rung proven = waiver.proof().orElseThrow().rung();
    boolean isForbidden =
        waiver
            .evidence()
            .hello()
            .filter(hello -> ladder.lowestAdmitting(hello).compareTo(proven) < 0)
            .isPresent();
    return isForbidden || waiver.rung().compareTo(proven) >= 0
        ? waiver
        : waiver.stepTo(
            proven,
            now,
            "steps back to "
                + proven.label()
                + ": on "
                + waiver.rung().label()
                + " it failed with "
                + failed.reason().label());
  }

  /**
   * Whether the peer failed because of what it offers. Else what it offers says nothing about what
   * it needs.
   */
  boolean isExplainedByOffer(Waiver waiver) {
    return waiver
        .evidence()
        .hello()
        .map(hello -> !ladder.isStrictEnough(hello))
        .orElse(IN_THE_OFFER.contains(waiver.evidence().reason()));
  }
}
