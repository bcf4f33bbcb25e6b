package dev.tlswaiver.guard;

import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.Waiver;
import java.util.Map;
import java.util.Optional;

/** Asks whether a redirected connection would arrive: other rules may drop it on its way. */
public final class Reachable implements Guard {
  private Map<Rung, String> obstacles = Map.of();

  /**
   * Takes in how the packet filter is now.
   *
   * @param found the rungs whose listener a redirected connection would not reach, each with the
   *     reason and what mends it
   */
  public void look(Map<Rung, String> found) {
    obstacles = Map.copyOf(found);
  }

  @Override
  public GuardName name() {
    return GuardName.REACHABLE;
  }

  @Override
  public Optional<String> review(Waiver proposal) {
    return Optional.ofNullable(obstacles.get(proposal.rung()));
  }
}
