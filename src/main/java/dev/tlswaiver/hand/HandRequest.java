package dev.tlswaiver.hand;

import dev.tlswaiver.peer.IpPrefix;
import java.time.Instant;

/** What is asked of the hand over its socket. */
sealed interface HandRequest {

  /** What the rungs can do; it takes a dozen commands to find out. */
  record Abilities() implements HandRequest {}

  /** How the host is: what its packet filter means for redirects, and what was changed lately. */
  record Facts() implements HandRequest {}

  /** What {@link Apply} would do. */
  record Plan(Desired desired) implements HandRequest {}

  /** Makes the host so. */
  record Apply(Desired desired) implements HandRequest {}

  /** Root alone: a network may be waived, until that time even where that is longer than usual. */
  record Permit(IpPrefix network, Instant until) implements HandRequest {}

  /** Root alone: no longer. */
  record Forbid(IpPrefix network) implements HandRequest {}

  /** Root alone: removes every trace. */
  record Reset() implements HandRequest {}
}
