package dev.tlswaiver.guard;

import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.Waiver;
import java.util.List;
import java.util.Optional;

/** All guards together. */
public final class Guards {
  /** The names that guards have or will have; a contract. */
  public static final List<String> NAMES =
      List.of(
          "never",
          "only",
          "private-address",
          "strong-tls-memory",
          "is-it-us",
          "probe",
          "bounds",
          "feasible",
          "reachable",
          "banned",
          "paused",
          "evidence-gap");

  private final List<Guard> guards;

  public Guards(List<Guard> guards) {
    this.guards = List.copyOf(guards);
  }

  public void observe(Observation observation, Pool pool) {
    guards.forEach(guard -> guard.observe(observation, pool));
  }

  /** The same, of evidence that an earlier run left behind. */
  public void recall(Observation observation, Pool pool) {
    guards.forEach(guard -> guard.recall(observation, pool));
  }

  /** What every guard has against the proposal, in the guards' order. */
  public List<Objection> review(Waiver proposal) {
    return guards.stream()
        .map(guard -> guard.objection(proposal))
        .flatMap(Optional::stream)
        .toList();
  }
}
