package dev.tlswaiver.firewall;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.firewall.FilterChain.Origin;
import dev.tlswaiver.firewall.FilterRule.Verdict;
import dev.tlswaiver.firewall.Match.Answer;
import dev.tlswaiver.firewall.Obstacle.Kind;
import dev.tlswaiver.firewall.Passage.Loss;
import dev.tlswaiver.firewall.Passage.Trouble;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whether the packet filter, as it was when it was read, lets redirected connections in. A value:
 * read it anew to know how things are now.
 *
 * <p>A connection is taken through the rules, there and back, once as it comes to the public port
 * and once as our redirection changes it; of a peer that stands in no list of sources, and where
 * none of those comes in, of one that may stand in any. What the rules alone don't settle is
 * supposed in turn, the same for both: where the one gets through and the other does not, that is
 * an obstacle, and it says so where it depends on such a condition. Rates and numbers are taken to
 * be within their limits. What a filter of the families netdev and bridge does comes before or
 * behind every translation, and is the same for both.
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
      Optional<Worlds> worlds = worlds(isIpv6, publicPort, rungPort);
      for (Obstacle obstacle : lost(worlds, Packet.direct(isIpv6, publicPort), rungPort)) {
        obstacles.putIfAbsent(obstacle.what(), obstacle);
      }
      for (Obstacle obstacle : translated(isIpv6, publicPort)) {
        obstacles.putIfAbsent(obstacle.what(), obstacle);
      }
    }
    return List.copyOf(obstacles.values());
  }

  /**
   * That nobody gets in at the public port, as far as its rules can be judged. Where mail does come
   * in we misread one of them, and what it does to redirected connections can't be told.
   */
  public Optional<Obstacle> unclear(int publicPort, int rungPort) {
    boolean isMailComingIn =
        Stream.of(false, true).anyMatch(isIpv6 -> worlds(isIpv6, publicPort, rungPort).isPresent());
    return isMailComingIn ? Optional.empty() : Optional.of(unclear(publicPort));
  }

  private static Obstacle unclear(int publicPort) {
    return new Obstacle(
        Kind.UNCLEAR,
        false,
        "as far as its rules can be judged, the packet filter lets nobody in at port "
            + publicPort
            + ", so that it can't be told what it does to redirected connections",
        "if mail comes in: 'meta l4proto tcp ct status dnat ct original proto-dst "
            + publicPort
            + " accept' at the head of each filter chain of the hooks input and output, in"
            + " iptables: -p tcp -m conntrack --ctstate DNAT --ctorigdstport "
            + publicPort
            + " -j ACCEPT");
  }

  /**
   * Of strangers; where mail comes from nobody but who stands in a list, of those. Empty where it
   * does not come in anyway: there is nothing to be worse than.
   */
  private Optional<Worlds> worlds(boolean isIpv6, int publicPort, int rungPort) {
    Packet listed = Packet.direct(isIpv6, publicPort);
    return Stream.of(listed.fromStranger(), listed)
        .map(first -> Worlds.of(rules, first, rungPort))
        .filter(Worlds::isMailComingIn)
        .findFirst();
  }

  private List<Obstacle> lost(Optional<Worlds> worlds, Packet first, int rungPort) {
    return worlds.stream()
        .flatMap(
            found ->
                found.troubles().stream().map(trouble -> obstacle(trouble, found, first, rungPort)))
        .toList();
  }

  private Obstacle obstacle(Trouble trouble, Worlds worlds, Packet first, int rungPort) {
    FilterChain chain = trouble.chain();
    int publicPort = first.port();
    String unsure =
        worlds.isSure(trouble)
            ? ""
            : "; this depends on a condition that can't be judged from the rules, and is taken for"
                + " so";
    return switch (trouble.loss()) {
      case DROPPED ->
          new Obstacle(
              Kind.DROPPED,
              true,
              chain.label() + dropped(trouble, publicPort, rungPort) + unsure,
              Mend.accept(chain, publicPort));
      case UNTRACKED ->
          new Obstacle(
              Kind.UNTRACKED,
              true,
              trouble.place().label()
                  + " takes "
                  + (trouble.phase().isAnswer()
                      ? "answers from port " + rungPort
                      : "port " + publicPort)
                  + " out of connection tracking ("
                  + trouble.by()
                  + "), without which no redirection works"
                  + unsure,
              trouble.phase().isAnswer()
                  ? Mend.track(trouble, rungPort)
                  : trackBothWays(trouble, worlds.droppedTracked(), first));
      case ZONED ->
          new Obstacle(
              Kind.UNTRACKED,
              true,
              "port "
                  + publicPort
                  + " is in "
                  + trouble.by()
                  + " of connection tracking, and the answers from port "
                  + rungPort
                  + ", where it is redirected to, are not"
                  + unsure,
              zoneOf(first.next(Packet.Phase.ANSWER))
                  .map(rule -> Mend.zone(rule, trouble.by().replace("zone ", ""), rungPort))
                  .orElse("set the same zone for them in the output hook"));
    };
  }

  private Optional<Trouble> zoneOf(Packet answer) {
    return Passage.ofAnswer(rules, new World(0), answer, Loss.ZONED);
  }

  private static String dropped(Trouble trouble, int publicPort, int rungPort) {
    return trouble.phase().isAnswer()
        ? " lets answers from port "
            + publicPort
            + " out and drops those to what is redirected from it, which still have the rung's"
            + " source port "
            + rungPort
            + " there ("
            + trouble.by()
            + ")"
        : " lets port "
            + publicPort
            + " in and drops what is redirected from it ("
            + trouble.by()
            + ")";
  }

  /**
   * What is tracked one way alone is invalid to the kernel, and who was let in for not being
   * tracked is not any more: mail would stop with half of the mend.
   */
  private String trackBothWays(Trouble trouble, List<Trouble> dropped, Packet first) {
    int publicPort = first.port();
    List<String> mends = new ArrayList<>();
    for (Trouble drop : dropped) {
      mends.add(Mend.open(drop, publicPort));
      mends.add(Mend.accept(drop.chain(), publicPort));
    }
    mends.add(Mend.track(trouble, publicPort));
    Passage.ofAnswer(rules, new World(0), first.next(Packet.Phase.ANSWER), Loss.UNTRACKED)
        .ifPresent(untracked -> mends.add(Mend.track(untracked, publicPort)));
    return mends.stream().distinct().collect(Collectors.joining("; "));
  }

  private List<Obstacle> translated(boolean isIpv6, int publicPort) {
    List<Obstacle> translated = new ArrayList<>();
    List<FilterChain> chains = new ArrayList<>(rules.at("prerouting", "nat", isIpv6));
    chains.addAll(rules.at("prerouting", "filter", isIpv6)); // That is where tproxy stands.
    for (FilterChain chain : chains) {
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
