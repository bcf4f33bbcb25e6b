package dev.tlswaiver.agent;

import dev.tlswaiver.actuator.postfix.OwnChanges;
import dev.tlswaiver.hand.HandAwayException;
import dev.tlswaiver.judge.Surroundings;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the agent looks at around it from time to time. */
interface Lookout {
  /** Sees nothing. */
  Lookout NONE =
      new Lookout() {
        @Override
        public List<OwnChanges.Change> ownChanges() {
          return List.of();
        }

        @Override
        public Surroundings surroundings() {
          return new Surroundings(Map.of(), Map.of(), false, ZoneOffset.UTC);
        }
      };

  /** What was changed on this host lately. */
  List<OwnChanges.Change> ownChanges() throws HandAwayException;

  /** Who else than Postfix can write the log, and what mends it; empty where nobody can. */
  default Optional<String> forgeableLog() {
    return Optional.empty();
  }

  /** What the rooms would be told of this host now. */
  Surroundings surroundings() throws HandAwayException;
}
