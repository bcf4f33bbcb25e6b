package dev.tlswaiver.waiver;

import java.util.EnumSet;
import java.util.Set;

/**
 * How far a waiver has come.
 *
 * <pre>
 * PROPOSED    -> DIAGNOSING, ACTIVE, REFUSED, FAILED
 * DIAGNOSING  -> ACTIVE, REFUSED, FAILED
 * ACTIVE      -> PROVEN, INEFFECTIVE, REVOKED
 * PROVEN      -> EXPIRED, REVOKED
 * REFUSED     ->
 * FAILED      ->
 * INEFFECTIVE ->
 * EXPIRED     ->
 * REVOKED     ->
 * </pre>
 */
public enum State {
  /** A rule found it worth helping; nothing has changed on the host. */
  PROPOSED,
  /** The peer is sent to the strict, verbose listener; its next hello decides the rung. */
  DIAGNOSING,
  /** In force, not yet proven. */
  ACTIVE,
  /** The peer negotiated on the relaxed listener and its mail was accepted. */
  PROVEN,
  /** A guard objected, or the operator said no. */
  REFUSED,
  /** The plan was rejected or rolled back. */
  FAILED,
  /** It did not help: failed there too, or no proof in time. */
  INEFFECTIVE,
  /** Its time is over; the next attempt meets the strict server. */
  EXPIRED,
  /** Taken back by the operator; not granted again by itself. */
  REVOKED;

  /** Whether the table above leads from here to there. */
  public boolean mayBecome(State next) {
    return successors().contains(next);
  }

  /** The states that may follow this one. */
  public Set<State> successors() {
    return switch (this) {
      case PROPOSED -> EnumSet.of(DIAGNOSING, ACTIVE, REFUSED, FAILED);
      case DIAGNOSING -> EnumSet.of(ACTIVE, REFUSED, FAILED);
      case ACTIVE -> EnumSet.of(PROVEN, INEFFECTIVE, REVOKED);
      case PROVEN -> EnumSet.of(EXPIRED, REVOKED);
      case REFUSED, FAILED, INEFFECTIVE, EXPIRED, REVOKED -> EnumSet.noneOf(State.class);
    };
  }

  /** Whether nothing follows. */
  public boolean isTerminal() {
    return successors().isEmpty();
  }

  /** Whether the host owes the peer its rung. */
  public boolean isInForce() {
    return this == ACTIVE || this == PROVEN;
  }

  /** Whether something of it is on the host: a rung, or the question what the peer offers. */
  public boolean isOnHost() {
    return isInForce() || this == DIAGNOSING;
  }
}
