package dev.tlswaiver.guard;

import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.Waiver;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** All guards together. */
public final class Guards {
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

  /** What every guard has against the proposal, in the guards' order. Changes nothing. */
  public List<Objection> review(Waiver proposal) {
    return objections(guard -> guard.review(proposal));
  }

  /** The same, where it decides what becomes of the proposal. */
  public List<Objection> judge(Waiver proposal) {
    return objections(guard -> guard.judge(proposal));
  }

  private List<Objection> objections(Function<Guard, Optional<String>> question) {
    return guards.stream()
        .flatMap(
            guard -> question.apply(guard).map(text -> new Objection(guard.name(), text)).stream())
        .toList();
  }
}
