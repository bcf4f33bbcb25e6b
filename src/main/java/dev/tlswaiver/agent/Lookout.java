package dev.tlswaiver.agent;

import dev.tlswaiver.actuator.postfix.OwnChanges;
import dev.tlswaiver.judge.Surroundings;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Rung;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

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
        public Rules rules() {
          return Rules.NONE;
        }

        @Override
        public Surroundings surroundings() {
          return new Surroundings(Map.of(), Map.of(), false, ZoneOffset.UTC);
        }
      };

  /**
   * What other rules of the packet filter mean for ours.
   *
   * @param unreachable the rungs whose listener a redirected connection would not reach, each with
   *     the reason and what mends it
   */
  record Rules(Map<Rung, String> unreachable, Predicate<IpPrefix> isBanned) {
    static final Rules NONE = new Rules(Map.of(), network -> false);
  }

  /** What was changed on this host lately. */
  List<OwnChanges.Change> ownChanges();

  Rules rules();

  /** Who else than Postfix can write the log, and what mends it; empty where nobody can. */
  default Optional<String> forgeableLog() {
    return Optional.empty();
  }

  /** What the rooms would be told of this host now. */
  Surroundings surroundings();
}
