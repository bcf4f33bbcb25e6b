package dev.tlswaiver.waiver;

import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import java.time.Instant;
import java.util.Optional;

/**
 * The latest handshake of a waived peer on a listener of ours.
 *
 * @param rung the listener's
 * @param failed why it failed; empty where it was completed
 * @param protocol what was agreed on
 * @param cipher what was agreed on
 */
public record Attempt(
    Instant at,
    Rung rung,
    Optional<Reason> failed,
    Optional<String> protocol,
    Optional<String> cipher) {

  /** What a handshake there showed. */
  static Attempt of(Rung rung, Handshake handshake, Instant now) {
    Outcome outcome = handshake.outcome();
    Optional<Completed> completed =
        outcome instanceof Completed agreed ? Optional.of(agreed) : Optional.empty();
    return new Attempt(
        handshake.time().orElse(now),
        rung,
        outcome instanceof Failed failed ? Optional.of(failed.reason()) : Optional.empty(),
        completed.map(Completed::protocol),
        completed.map(Completed::cipher));
  }
}
