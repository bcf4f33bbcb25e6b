package dev.tlswaiver.waiver;

import dev.tlswaiver.peer.IpPrefix;
import java.time.Instant;
import java.util.List;

/**
 * What the host owes one waiver in force: these networks meet this rung until then.
 *
 * @param waiver the waiver's id
 * @param until when it ends, whatever becomes of the agent
 */
public record Grant(long waiver, Rung rung, List<IpPrefix> networks, Instant until) {
  public Grant {
    networks = IpPrefix.merge(networks);
  }
}
