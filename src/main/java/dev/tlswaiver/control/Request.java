package dev.tlswaiver.control;

import dev.tlswaiver.waiver.Rung;
import java.time.Duration;
import java.util.Optional;

/** What a command asks of an agent, or of the ledger where none is running. */
public sealed interface Request {

  /** Takes each kind of request; a new kind does not compile until everybody knows it. */
  interface Visitor<T, X extends Exception> {
    T revoke(Revoke request) throws X;

    T approve(Approve request) throws X;

    T grant(Grant request) throws X;

    T pause(Pause request) throws X;

    T resume() throws X;

    T list(Inventory request) throws X;

    T show(Show request) throws X;
  }

  <T, X extends Exception> T accept(Visitor<T, X> visitor) throws X;

  /** Takes a waiver back, by its id, its pool's name or one of its addresses. */
  record Revoke(String target) implements Request {
    @Override
    public <T, X extends Exception> T accept(Visitor<T, X> visitor) throws X {
      return visitor.revoke(this);
    }
  }

  /** Puts a proposal in force that waits for the operator's word. */
  record Approve(String target) implements Request {
    @Override
    public <T, X extends Exception> T accept(Visitor<T, X> visitor) throws X {
      return visitor.approve(this);
    }
  }

  /**
   * Grants on the operator's word.
   *
   * @param target an address, a prefix or a domain
   * @param length empty for the configured one
   * @param reason in the operator's words; may be empty
   */
  record Grant(String target, Rung rung, Optional<Duration> length, String reason, boolean isForced)
      implements Request {
    @Override
    public <T, X extends Exception> T accept(Visitor<T, X> visitor) throws X {
      return visitor.grant(this);
    }
  }

  /** Grants nothing new for a while. */
  record Pause(Duration length) implements Request {
    @Override
    public <T, X extends Exception> T accept(Visitor<T, X> visitor) throws X {
      return visitor.pause(this);
    }
  }

  /** Ends a pause, and the care after a damaged ledger. */
  record Resume() implements Request {
    @Override
    public <T, X extends Exception> T accept(Visitor<T, X> visitor) throws X {
      return visitor.resume();
    }
  }

  /**
   * The waivers there are.
   *
   * @param format text, json or networks
   * @param all those that have ended too
   */
  record Inventory(String format, boolean all) implements Request {
    @Override
    public <T, X extends Exception> T accept(Visitor<T, X> visitor) throws X {
      return visitor.list(this);
    }
  }

  /**
   * All that is known of whom the operator means.
   *
   * @param format text, json or letter
   */
  record Show(String target, String format) implements Request {
    @Override
    public <T, X extends Exception> T accept(Visitor<T, X> visitor) throws X {
      return visitor.show(this);
    }
  }
}
