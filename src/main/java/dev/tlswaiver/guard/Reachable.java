package dev.tlswaiver.guard;

import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Asks whether a redirected connection would arrive: other rules may drop it on its way. */
public final class Reachable implements Guard {
  /** So long a pool is not redirected again whose redirect did not work. */
  private static final Duration DOUBT = Duration.ofDays(1);

  private static final int MOST_DOUBTED = 1_000;

  private Map<Rung, String> obstacles = Map.of();
  private final Map<String, Doubt> doubts = new LinkedHashMap<>();

  private record Doubt(Instant until, String why) {}

  /**
   * Takes in how the packet filter is now.
   *
   * @param found the rungs whose listener a redirected connection would not reach, each with the
   *     reason and what mends it
   */
  public void look(Map<Rung, String> found) {
    obstacles = Map.copyOf(found);
  }

  /** Takes in that a redirect of this pool did not work, whatever the rules seem to say. */
  public void failed(Pool pool, Instant at, String why) {
    doubts.remove(pool.id());
    doubts.put(pool.id(), new Doubt(at.plus(DOUBT), why));
    if (doubts.size() > MOST_DOUBTED) {
      doubts.remove(doubts.keySet().iterator().next());
    }
  }

  @Override
  public GuardName name() {
    return GuardName.REACHABLE;
  }

  @Override
  public Optional<String> review(Waiver proposal) {
    return Optional.ofNullable(obstacles.get(proposal.rung()))
        .or(
            () ->
                Optional.ofNullable(doubts.get(proposal.pool().id()))
                    .filter(doubt -> proposal.evidence().last().isBefore(doubt.until()))
                    .map(Doubt::why));
  }
}
