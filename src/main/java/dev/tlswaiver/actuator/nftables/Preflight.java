package dev.tlswaiver.actuator.nftables;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.nftables.FilterChain.Origin;
import dev.tlswaiver.actuator.nftables.FilterRule.Verdict;
import dev.tlswaiver.actuator.nftables.Match.Answer;
import dev.tlswaiver.actuator.nftables.Obstacle.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether the packet filter, as it was when it was read, lets redirected connections in. A value:
 * read it anew to know how things are now.
 *
 * <p>The first packet of a connection is taken through the rules, once as it comes to the public
 * port and once as it comes out of our redirection; of a peer that stands in no list of sources,
 * and of one that may stand in any. What can't be known counts in favour of the connection: a
 * condition about interfaces or rates holds where the rule accepts, and does not where it drops. An
 * extension of iptables that can't be read never accepts.
 *
 * <p>Each base chain of a hook is asked, whatever the others say: to accept means in nftables only
 * that the next base chain is asked, while to drop is final. So no rule of our own table, early or
 * late, can overrule a drop of another; the mend has to stand in the chain that drops. (Seen on
 * kernel 6.18 with nft 1.0.6. There, of two translations of one priority, the one that was loaded
 * last took the connection.)
 */
public record Preflight(KernelRules rules) {
  private static final int DSTNAT = -100;

  /** So deep may chains jump; more are a loop, which the kernel refuses too. */
  private static final int DEEPEST = 16;

  private enum Fate {
    IN,
    OUT,
    ON
  }

  /** What a chain does to a packet, and which rule does it. */
  private record Fated(Fate fate, String by) {}

  /**
   * Reads the rules of this network namespace.
   *
   * @throws HostException if nft is not there, or we may not ask it
   */
  public static Preflight read(Programs programs) throws HostException {
    return new Preflight(KernelRules.read(programs));
  }

  /**
   * Why a connection that is redirected from the public port to a rung's port would not arrive, and
   * what mends it, in one sentence for the operator; empty where it would.
   *
   * <p>For the guard {@code reachable}: ask it with the port of the rung that is proposed.
   */
  public Optional<String> objection(int publicPort, int rungPort) {
    return obstacles(publicPort, rungPort).stream()
        .filter(Obstacle::isInTheWay)
        .findFirst()
        .map(obstacle -> obstacle.what() + "; " + obstacle.mend());
  }

  /** All that other rules do to connections redirected from the public port to this one. */
  public List<Obstacle> obstacles(int publicPort, int rungPort) {
    // The same chain may stand in the way of both families; it is mended once.
    Map<String, Obstacle> obstacles = new LinkedHashMap<>();
    for (boolean isIpv6 : List.of(false, true)) {
      for (Obstacle obstacle : dropped(isIpv6, publicPort, rungPort)) {
        obstacles.putIfAbsent(obstacle.what(), obstacle);
      }
      for (Obstacle obstacle : translated(isIpv6, publicPort)) {
        obstacles.putIfAbsent(obstacle.what(), obstacle);
      }
    }
    return List.copyOf(obstacles.values());
  }

  private List<Obstacle> dropped(boolean isIpv6, int publicPort, int rungPort) {
    List<FilterChain> chains = new ArrayList<>();
    rules.at("prerouting", "filter", isIpv6).stream()
        .filter(chain -> chain.priority() > DSTNAT)
        .forEach(chains::add);
    chains.addAll(rules.at("input", "filter", isIpv6));
    List<Obstacle> dropped = new ArrayList<>();
    for (FilterChain chain : chains) {
      drop(chain, Packet.direct(isIpv6, publicPort), rungPort)
          .ifPresent(
              by ->
                  dropped.add(
                      new Obstacle(
                          Kind.DROPPED,
                          true,
                          chain.label()
                              + " lets port "
                              + publicPort
                              + " in and drops what is redirected from it ("
                              + by
                              + ")",
                          mend(chain, publicPort))));
    }
    return dropped;
  }

  /** What drops the packet when it is redirected, though it would get in as it is. */
  private Optional<String> drop(FilterChain chain, Packet listed, int rungPort) {
    for (Packet direct : List.of(listed.fromStranger(), listed)) {
      Fated fated = fate(chain, direct.redirectedTo(rungPort));
      // Where mail does not come in anyway, there is nothing to be worse than.
      if (fated.fate() == Fate.OUT && fate(chain, direct).fate() != Fate.OUT) {
        return Optional.of(fated.by());
      }
    }
    return Optional.empty();
  }

  private static String mend(FilterChain chain, int publicPort) {
    if (chain.isIptables()) {
      return chain.program()
          + (chain.table().equals("filter") ? "" : " -t " + chain.table())
          + " -I "
          + chain.name()
          + " -p tcp -m conntrack --ctstate DNAT --ctorigdstport "
          + publicPort
          + " -j ACCEPT";
    }
    return "nft insert rule "
        + chain.family()
        + " "
        + chain.table()
        + " "
        + chain.name()
        + " meta l4proto tcp ct status dnat ct original proto-dst "
        + publicPort
        + " accept";
  }

  private Fated fate(FilterChain chain, Packet packet) {
    Fated fated = fate(chain, packet, 0);
    if (fated.fate() != Fate.ON) {
      return fated;
    }
    return chain.isDroppedAtEnd()
        ? new Fated(Fate.OUT, "its policy is to drop")
        : new Fated(Fate.IN, "its policy");
  }

  private Fated fate(FilterChain chain, Packet packet, int depth) {
    Fated on = new Fated(Fate.ON, "");
    for (FilterRule rule : chain.rules()) {
      Answer answer = rule.answer(packet);
      boolean isSure = answer == Answer.YES;
      if (answer == Answer.NO || answer == Answer.UNREADABLE) {
        continue;
      }
      switch (rule.verdict()) {
        case ACCEPT -> {
          return new Fated(Fate.IN, rule.label());
        }
        case DROP -> {
          if (isSure) {
            return new Fated(Fate.OUT, rule.label());
          }
        }
        case RETURN -> {
          if (isSure) {
            return on;
          }
        }
        case JUMP, GOTO -> {
          Fated inner = inner(chain, rule, packet, depth);
          if (inner.fate() == Fate.IN || (inner.fate() == Fate.OUT && isSure)) {
            return inner;
          }
          if (rule.verdict() == Verdict.GOTO && isSure) {
            return on;
          }
        }
        case TRANSLATE, CONTINUE -> {}
      }
    }
    return on;
  }

  private Fated inner(FilterChain chain, FilterRule rule, Packet packet, int depth) {
    Optional<FilterChain> target =
        depth < DEEPEST ? rules.target(chain, rule.target()) : Optional.empty();
    return target.isPresent()
        ? fate(target.get(), packet, depth + 1)
        : new Fated(Fate.ON, "no such chain");
  }

  private List<Obstacle> translated(boolean isIpv6, int publicPort) {
    List<Obstacle> translated = new ArrayList<>();
    for (FilterChain chain : rules.at("prerouting", "nat", isIpv6)) {
      Optional<String> rule = translation(chain, Packet.direct(isIpv6, publicPort), 0);
      if (rule.isPresent()) {
        boolean isFirst = chain.priority() <= DSTNAT;
        translated.add(
            new Obstacle(
                Kind.TRANSLATED,
                isFirst,
                rule.get()
                    + (rule.get().contains(chain.label())
                        ? ""
                        : ", reached from " + chain.label() + ",")
                    + " sends port "
                    + publicPort
                    + " elsewhere"
                    + (isFirst ? ", before or instead of our redirection" : ""),
                "let it leave port "
                    + publicPort
                    + " of this host alone, or run tlswaiver where that port's Postfix is"));
      }
    }
    return translated;
  }

  private Optional<String> translation(FilterChain chain, Packet packet, int depth) {
    for (FilterRule rule : chain.rules()) {
      if (rule.answer(packet) == Answer.NO) {
        continue;
      }
      if (rule.verdict() == Verdict.TRANSLATE) {
        return Optional.of(
            chain.origin() == Origin.NFT ? rule.label() + " of " + chain.label() : rule.label());
      }
      if (rule.verdict() == Verdict.JUMP || rule.verdict() == Verdict.GOTO) {
        Optional<String> inner =
            depth < DEEPEST
                ? rules
                    .target(chain, rule.target())
                    .flatMap(target -> translation(target, packet, depth + 1))
                : Optional.empty();
        if (inner.isPresent()) {
          return inner;
        }
      }
    }
    return Optional.empty();
  }
}
