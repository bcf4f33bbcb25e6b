package dev.tlswaiver.judge;

import dev.tlswaiver.guard.Alarms;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.rule.Finding;
import dev.tlswaiver.waiver.Waiver;
import java.util.Optional;

/**
 * What was seen, and what followed from it. They come in the order in which they came about, and
 * judging is done when they are handed out: whoever acts on one changes nothing that another one
 * was decided by.
 */
public sealed interface Effect {

  /** Hears of each kind of effect; of those that it does not name, nothing. */
  interface Visitor {
    default void observed(Observation observation, Optional<Pool> pool) {}

    default void found(Finding finding) {}

    default void changed(Waiver waiver) {}

    default void kept(Waiver waiver, Peer peer) {}

    default void fellBack(Pool pool) {}

    default void alarmed(Alarms.Alarm alarm) {}

    default void heldBack() {}
  }

  void accept(Visitor visitor);

  /**
   * Something was seen.
   *
   * @param pool whom it is about; empty where nobody can tell
   */
  record Observed(Observation observation, Optional<Pool> pool) implements Effect {
    @Override
    public void accept(Visitor visitor) {
      visitor.observed(observation, pool);
    }
  }

  /** A pool failed as often as a rule says. */
  record Found(Finding finding) implements Effect {
    @Override
    public void accept(Visitor visitor) {
      visitor.found(finding);
    }
  }

  /** A waiver was made or changed; not each change is a transition. */
  record Changed(Waiver waiver) implements Effect {
    @Override
    public void accept(Visitor visitor) {
      visitor.changed(waiver);
    }
  }

  /** A peer met the strict terms whose waiver stays: the operator granted it knowingly. */
  record Kept(Waiver waiver, Peer peer) implements Effect {
    @Override
    public void accept(Visitor visitor) {
      visitor.kept(waiver, peer);
    }
  }

  /** A sender whose handshake failed gave us a message in plaintext. */
  record FellBack(Pool pool) implements Effect {
    @Override
    public void accept(Visitor visitor) {
      visitor.fellBack(pool);
    }
  }

  /** Something that a person should look at. */
  record Alarmed(Alarms.Alarm alarm) implements Effect {
    @Override
    public void accept(Visitor visitor) {
      visitor.alarmed(alarm);
    }
  }

  /** An alarm of which there were too many. */
  record HeldBack() implements Effect {
    @Override
    public void accept(Visitor visitor) {
      visitor.heldBack();
    }
  }
}
