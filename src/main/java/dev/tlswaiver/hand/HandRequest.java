package dev.tlswaiver.hand;

import dev.tlswaiver.peer.IpPrefix;
import java.time.Instant;

/** What is asked of the hand over its socket. */
sealed interface HandRequest {

  /** Takes each kind of request; a new kind does not compile until everybody knows it. */
  interface Visitor<T, X extends Exception> {
    T abilities() throws X;

    T facts() throws X;

    T plan(Plan request) throws X;

    T apply(Apply request) throws X;

    T permit(Permit request) throws X;

    T forbid(Forbid request) throws X;

    T reset() throws X;
  }

  <T, X extends Exception> T accept(Visitor<T, X> visitor) throws X;

  /** What the rungs can do; it takes a dozen commands to find out. */
  record Abilities() implements HandRequest {
    @Override
    public <T, X extends Exception> T accept(Visitor<T, X> visitor) throws X {
      return visitor.abilities();
    }
  }

  /** How the host is: what its packet filter means for redirects, and what was changed lately. */
  record Facts() implements HandRequest {
    @Override
    public <T, X extends Exception> T accept(Visitor<T, X> visitor) throws X {
      return visitor.facts();
    }
  }

  /** What {@link Apply} would do. */
  record Plan(Desired desired) implements HandRequest {
    @Override
    public <T, X extends Exception> T accept(Visitor<T, X> visitor) throws X {
      return visitor.plan(this);
    }
  }

  /** Makes the host so. */
  record Apply(Desired desired) implements HandRequest {
    @Override
    public <T, X extends Exception> T accept(Visitor<T, X> visitor) throws X {
      return visitor.apply(this);
    }
  }

  /** Root alone: a network may be waived, until that time even where that is longer than usual. */
  record Permit(IpPrefix network, Instant until) implements HandRequest {
    @Override
    public <T, X extends Exception> T accept(Visitor<T, X> visitor) throws X {
      return visitor.permit(this);
    }
  }

  /** Root alone: no longer. */
  record Forbid(IpPrefix network) implements HandRequest {
    @Override
    public <T, X extends Exception> T accept(Visitor<T, X> visitor) throws X {
      return visitor.forbid(this);
    }
  }

  /** Root alone: removes every trace. */
  record Reset() implements HandRequest {
    @Override
    public <T, X extends Exception> T accept(Visitor<T, X> visitor) throws X {
      return visitor.reset();
    }
  }
}
