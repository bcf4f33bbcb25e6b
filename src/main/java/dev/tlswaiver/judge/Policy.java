package dev.tlswaiver.judge;

import dev.tlswaiver.guard.Bounds;
import dev.tlswaiver.guard.PeerList;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.rule.Rule;
import dev.tlswaiver.waiver.Ladder;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.Terms;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What decisions go by, as the operator set it; each key is explained in {@code
 * etc/tlswaiver.yaml}. Two judges with the same policy, the same surroundings and the same
 * observations decide alike.
 *
 * @param pools how peers are pooled
 * @param enabled the rungs that may be granted, lowest first
 */
public record Policy(
    Pools pools,
    List<RuleSettings> rules,
    List<Rung> enabled,
    WaiverSettings waiver,
    GuardSettings guards) {

  public Policy {
    rules = List.copyOf(rules);
    enabled = List.copyOf(enabled);
  }

  /** When failures of one pool are worth a finding, and where help begins. */
  public record RuleSettings(
      String name,
      Set<Reason> reasons,
      Optional<Pattern> pattern,
      int failures,
      Duration within,
      Duration spread,
      Rung rung) {

    /** What of it counts. */
    public Rule rule() {
      return new Rule(name, reasons, pattern, failures, within, spread);
    }
  }

  /** How long waivers last. */
  public record WaiverSettings(Duration lasts, Duration longest, Duration proveWithin) {}

  /** What to do about private addresses. */
  public enum PrivateAddresses {
    REFUSE,
    ALLOW
  }

  /** What the guards go by. */
  public record GuardSettings(
      PeerList never,
      PeerList only,
      PrivateAddresses privateAddresses,
      Duration strongTlsMemory,
      IsItUs isItUs,
      int probeScore,
      int mostWaivers,
      int mostAddresses,
      int mostAsked,
      PerNetwork mostPerNetwork) {

    Bounds.Most most() {
      return new Bounds.Most(
          mostWaivers, mostAddresses, mostAsked, mostPerNetwork.ipv4(), mostPerNetwork.ipv6());
    }
  }

  /** How many waivers there may be in a /24, and in a /48. */
  public record PerNetwork(int ipv4, int ipv6) {}

  /** From how many pools failing alike we look at ourselves. */
  public record IsItUs(int pools, Duration within) {}

  Ladder ladder(Surroundings around) {
    return new Ladder(
        enabled,
        around.canAsk() && enabled.contains(Rung.DIAGNOSE),
        around.offers().isEmpty() ? Ladder.usualOffers() : around.offers());
  }

  /** What is allowed a waiver. */
  Terms terms(Ladder ladder) {
    Map<String, Rung> firstRung = new HashMap<>();
    rules.forEach(rule -> firstRung.put(rule.name(), rule.rung()));
    return new Terms(
        ladder,
        firstRung,
        waiver.lasts(),
        waiver.longest(),
        waiver.proveWithin(),
        guards.mostAddresses());
  }
}
