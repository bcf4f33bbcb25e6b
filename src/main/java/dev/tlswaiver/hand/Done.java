package dev.tlswaiver.hand;

import dev.tlswaiver.actuator.Plan;
import java.util.Map;

/**
 * What became of a desired state.
 *
 * @param plan what was applied first; an empty one where the host was in order
 * @param refused the waivers that exceed the hand's limits and are not on the host, each with the
 *     reason
 */
public record Done(Plan plan, Map<Long, String> refused) {
  public Done {
    refused = Map.copyOf(refused);
  }
}
