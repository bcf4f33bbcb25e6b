package dev.tlswaiver.hand;

import dev.tlswaiver.firewall.AddressRanges;
import dev.tlswaiver.waiver.Rung;
import java.util.Map;

/**
 * What other rules of the packet filter mean for ours.
 *
 * @param unreachable the rungs whose listener a redirected connection would not reach, each with
 *     the reason and what mends it
 * @param banned who may not connect to the public port
 */
public record Rules(Map<Rung, String> unreachable, AddressRanges banned) {
  public static final Rules NONE = new Rules(Map.of(), AddressRanges.NONE);

  public Rules {
    unreachable = Map.copyOf(unreachable);
  }
}
