package dev.tlswaiver.firewall;

import dev.tlswaiver.firewall.FilterRule.Verdict;
import dev.tlswaiver.firewall.Packet.Phase;
import dev.tlswaiver.firewall.Packet.Tracking;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The way of one connection through the packet filter, there and back, in one {@link World}.
 *
 * <p>Destination translation rewrites what comes in at {@code dstnat} of prerouting, and what goes
 * out at {@code srcnat} of postrouting: between them, the output hook included, packets have the
 * rung's port. Connection tracking stands before both, at -200; who says notrack does so earlier.
 */
final class Passage {
  private static final int TRACKING = -200;
  private static final int DSTNAT = -100;
  private static final int SRCNAT = 100;

  /** So deep may chains jump; more are a loop, which the kernel refuses too. */
  private static final int DEEPEST = 16;

  private enum Fate {
    IN,
    OUT,
    ON
  }

  /** What becomes of it there. */
  enum Loss {
    DROPPED,
    /** Connection tracking does not see it: no translation. */
    UNTRACKED,
    /** Connection tracking looks for its answers elsewhere than for itself: likewise. */
    ZONED
  }

  /**
   * Where it fails.
   *
   * @param chain the base chain
   * @param by what of it does so
   * @param place the chain that has the rule
   * @param index the rule's place there, from 0; -1 for the chain's policy
   */
  record Trouble(
      Loss loss, Phase phase, FilterChain chain, String by, FilterChain place, int index) {}

  private final KernelRules rules;
  private final World world;
  private final int publicPort;
  private final int rungPort;

  private final List<Trouble> troubles = new ArrayList<>();
  private Packet packet;

  /** Which rule decided last, where it stands. */
  private String by = "";

  private Optional<FilterChain> place = Optional.empty();
  private int index;

  private Passage(KernelRules rules, World world, Packet first, int rungPort) {
    this.rules = rules;
    this.world = world;
    this.packet = first;
    this.publicPort = first.port();
    this.rungPort = rungPort;
  }

  /**
   * Where the connection fails; empty where it does not. It goes on behind each drop as if that had
   * been mended, so that all are named.
   *
   * @param first its first packet as it comes to the host
   * @param rungPort where it is redirected to; the port that it came to for one that is not
   */
  static List<Trouble> of(KernelRules rules, World world, Packet first, int rungPort) {
    Passage passage = new Passage(rules, world, first, rungPort);
    passage.follow();
    return passage.troubles;
  }

  /**
   * The rule that keeps an answer from where connection tracking would look for it, if one does.
   *
   * @param loss whether it is taken out, or put into a zone
   */
  static Optional<Trouble> ofAnswer(KernelRules rules, World world, Packet answer, Loss loss) {
    Passage passage = new Passage(rules, world, answer, answer.port());
    List<FilterChain> output = passage.chains("output", "filter", "route");
    passage.meet(output, Integer.MIN_VALUE, TRACKING);
    boolean isLost =
        loss == Loss.ZONED
            ? !passage.packet.zone().isEmpty()
            : passage.packet.tracking() == Tracking.NEVER;
    if (isLost) {
      passage.lose(loss, output);
    }
    return passage.troubles.stream().filter(trouble -> trouble.loss() == loss).findFirst();
  }

  private void follow() {
    String zone = "";
    for (Phase phase : Phase.values()) {
      packet = packet.next(phase);
      boolean isFirst = phase == Phase.FIRST;
      if (phase.isAnswer()) {
        List<FilterChain> output = chains("output", "filter", "route");
        packet = packet.at(rungPort, isRedirected());
        meet(output, Integer.MIN_VALUE, TRACKING);
        if (isRedirected() && !packet.zone().equals(zone)) {
          zonedIn(zone, output);
        }
        track(output);
        meet(output, TRACKING, Integer.MAX_VALUE);
        List<FilterChain> postrouting = chains("postrouting", "filter");
        meet(postrouting, Integer.MIN_VALUE, SRCNAT);
        packet = packet.at(publicPort, isRedirected());
        meet(postrouting, SRCNAT, Integer.MAX_VALUE);
      } else {
        List<FilterChain> prerouting = chains("prerouting", "filter");
        packet = packet.at(publicPort, isRedirected() && !isFirst);
        meet(prerouting, Integer.MIN_VALUE, TRACKING);
        zone = isFirst ? packet.zone() : zone;
        track(prerouting);
        meet(prerouting, TRACKING, DSTNAT + 1);
        packet = packet.at(rungPort, isRedirected());
        meet(prerouting, DSTNAT + 1, Integer.MAX_VALUE);
        meet(chains("input", "filter"), Integer.MIN_VALUE, Integer.MAX_VALUE);
      }
      if (troubles.stream().anyMatch(trouble -> trouble.loss() != Loss.DROPPED)) {
        return; // It would not be as it is supposed to be from here on.
      }
    }
  }

  private boolean isRedirected() {
    return rungPort != publicPort;
  }

  private void zonedIn(String zone, List<FilterChain> output) {
    by = "zone " + zone;
    lose(Loss.ZONED, output);
  }

  /** In the order in which a packet meets them. */
  private List<FilterChain> chains(String hook, String... types) {
    return Stream.of(types)
        .flatMap(type -> rules.at(hook, type, packet.isIpv6()).stream())
        .sorted(Comparator.comparingInt(FilterChain::priority))
        .toList();
  }

  private void track(List<FilterChain> chains) {
    if (packet.tracking() == Tracking.NOT_YET) {
      packet = packet.tracked(Tracking.TRACKED);
    } else if (isRedirected()) {
      lose(Loss.UNTRACKED, chains);
    }
  }

  private void lose(Loss loss, List<FilterChain> chains) {
    FilterChain there = place.or(() -> chains.stream().findFirst()).orElseThrow();
    troubles.add(new Trouble(loss, packet.phase(), there, by, there, index));
  }

  /** Goes through the chains from one priority to before another. */
  private void meet(List<FilterChain> chains, int from, int before) {
    for (FilterChain chain : chains) {
      if (chain.priority() >= from && chain.priority() < before) {
        meet(chain);
      }
    }
  }

  private void meet(FilterChain chain) {
    Fate fate = fate(chain, 0);
    if (fate == Fate.ON && chain.isDroppedAtEnd()) {
      troubles.add(
          new Trouble(Loss.DROPPED, packet.phase(), chain, "its policy is to drop", chain, -1));
    } else if (fate == Fate.OUT) {
      troubles.add(
          new Trouble(Loss.DROPPED, packet.phase(), chain, by, place.orElseThrow(), index));
    }
  }

  private Fate fate(FilterChain chain, int depth) {
    int at = -1;
    for (FilterRule rule : chain.rules()) {
      at++;
      if (!world.holds(rule, packet)) {
        continue;
      }
      apply(rule, chain, at);
      switch (rule.verdict()) {
        case ACCEPT -> {
          return Fate.IN;
        }
        case DROP -> {
          decide(rule, chain, at);
          return Fate.OUT;
        }
        case RETURN -> {
          return Fate.ON;
        }
        case JUMP, GOTO -> {
          Optional<FilterChain> target =
              depth < DEEPEST ? rules.target(chain, rule.target()) : Optional.empty();
          Fate inner = target.map(to -> fate(to, depth + 1)).orElse(Fate.ON);
          if (inner != Fate.ON || rule.verdict() == Verdict.GOTO) {
            return inner;
          }
        }
        case TRANSLATE, CONTINUE -> {}
      }
    }
    return Fate.ON;
  }

  private void apply(FilterRule rule, FilterChain chain, int at) {
    for (Effect effect : rule.effects()) {
      packet = effect.on(packet);
      if (effect instanceof Effect.NoTracking || effect instanceof Effect.Zone) {
        decide(rule, chain, at);
      }
    }
  }

  private void decide(FilterRule rule, FilterChain chain, int at) {
    by = rule.label();
    place = Optional.of(chain);
    index = at;
  }
}
