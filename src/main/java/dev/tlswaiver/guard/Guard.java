package dev.tlswaiver.guard;

import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.Waiver;
import java.util.Optional;

/** One reason not to act. */
public interface Guard {
  /** Under which name it objects. */
  GuardName name();

  /**
   * Says why the proposal must not come into force; empty where this guard has nothing against it.
   * Asking changes nothing: not what is decided later, and nothing that is noted.
   */
  Optional<String> review(Waiver proposal);

  /** The same of a proposal that is decided by it: notes what that means for later ones. */
  default Optional<String> judge(Waiver proposal) {
    return review(proposal);
  }

  /** Lets the guard learn from what was seen of a pool. */
  default void observe(Observation observation, Pool pool) {}

  /** Lets the guard learn again, after a restart, what it learnt from an observation. */
  default void recall(Observation observation, Pool pool) {
    observe(observation, pool);
  }

  /** This guard's objection to the proposal. */
  default Optional<Objection> objection(Waiver proposal) {
    return review(proposal).map(text -> new Objection(name(), text));
  }
}
