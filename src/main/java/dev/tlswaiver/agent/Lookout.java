package dev.tlswaiver.agent;

import dev.tlswaiver.hand.HandAwayException;
import dev.tlswaiver.judge.Surroundings;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;

/** What the agent looks at around it from time to time. */
interface Lookout {
  /** Sees nothing. */
  Lookout NONE =
      new Lookout() {
        @Override
        public Surroundings surroundings() {
          return new Surroundings(Map.of(), Map.of(), false, ZoneOffset.UTC);
        }
      };

  /** Who else than Postfix can write the log, and what mends it; empty where nobody can. */
  default Optional<String> forgeableLog() {
    return Optional.empty();
  }

  /** What the rooms would be told of this host now. */
  Surroundings surroundings() throws HandAwayException;
}
