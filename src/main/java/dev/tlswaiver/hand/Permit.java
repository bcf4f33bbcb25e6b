package dev.tlswaiver.hand;

import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Grant;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;

/**
 * Root's word that a network may be waived though it is more than single addresses, or for longer
 * than usual. It lasts for the waiver that it was given for.
 *
 * @param until no waiver of the network may end later on its account
 * @param given when root said so
 * @param isUsed whether a waiver of the network was on the host since
 */
record Permit(IpPrefix network, Instant until, Instant given, boolean isUsed) {
  /** The agent is asked for the waiver right after. */
  private static final Duration UNUSED = Duration.ofMinutes(10);

  /** The permit after a desired state. */
  Permit after(Collection<Grant> desired) {
    return isUsed || isMeantBy(desired) ? new Permit(network, until, given, true) : this;
  }

  /** Whether nothing can come of it any more. */
  boolean isOver(Collection<Grant> desired, Instant now) {
    return isUsed ? !isMeantBy(desired) : now.isAfter(given.plus(UNUSED));
  }

  private boolean isMeantBy(Collection<Grant> desired) {
    return desired.stream().flatMap(grant -> grant.networks().stream()).anyMatch(network::overlaps);
  }
}
