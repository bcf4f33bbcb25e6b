package dev.tlswaiver.firewall;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.firewall.FilterRule.Verdict;
import dev.tlswaiver.firewall.Match.Answer;
import dev.tlswaiver.firewall.Match.Field;
import dev.tlswaiver.peer.IpPrefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Who may not connect to the public port, as the packet filter said when it was read: every source
 * that some rule of another program drops or rejects there, whether fail2ban, CrowdSec, sshguard or
 * the operator put it in. A value: read it anew to know who is banned now.
 *
 * <p>What may be a ban is taken for one, also behind conditions that can't be judged, and also
 * where an earlier rule accepts the same source. The members of an ipset are not seen.
 *
 * <p>A ban on the public port does not see a connection that was redirected before it: whoever is
 * banned must not be redirected.
 */
public final class Bans {
  private static final int DSTNAT = -100;
  private static final int DEEPEST = 16;

  private final KernelRules rules;
  private final int publicPort;
  private final List<AddressRange> found = new ArrayList<>();
  private final Set<String> onPortAlone = new LinkedHashSet<>();
  private AddressRanges ranges = AddressRanges.NONE;

  private Bans(KernelRules rules, int publicPort) {
    this.rules = rules;
    this.publicPort = publicPort;
  }

  /**
   * Reads the bans of this network namespace.
   *
   * @throws HostException if nft is not there, or we may not ask it
   */
  public static Bans read(Programs programs, int publicPort) throws HostException {
    return of(KernelRules.read(programs), publicPort);
  }

  /** The bans among these rules. */
  public static Bans of(KernelRules rules, int publicPort) {
    Bans bans = new Bans(rules, publicPort);
    for (boolean isIpv6 : List.of(false, true)) {
      for (String hook : List.of("prerouting", "input")) {
        for (FilterChain chain : rules.at(hook, "filter", isIpv6)) {
          boolean isBehind = hook.equals("input") || chain.priority() > DSTNAT;
          bans.collect(chain, chain, List.of(), isIpv6, isBehind, 0);
        }
      }
    }
    bans.ranges = new AddressRanges(bans.found);
    bans.found.clear();
    return bans;
  }

  /**
   * Whether any address of the prefix may not connect to the public port.
   *
   * <p>For the guard {@code banned}: ask it for each network that a waiver would cover.
   */
  public boolean isBanned(IpPrefix prefix) {
    return ranges.overlap(prefix);
  }

  /** Who is banned. */
  public AddressRanges ranges() {
    return ranges;
  }

  /**
   * The chains that ban on the public port alone, as a person calls them, also where nobody is
   * banned now: a redirected connection passes them.
   */
  public List<String> onPortAlone() {
    return List.copyOf(onPortAlone);
  }

  private void collect(
      FilterChain base,
      FilterChain chain,
      List<Match> path,
      boolean isIpv6,
      boolean isBehind,
      int depth) {
    Packet direct = Packet.direct(isIpv6, publicPort);
    for (FilterRule rule : chain.rules()) {
      List<Match> matches = new ArrayList<>(path);
      matches.addAll(rule.matches());
      if (answer(matches, direct) == Answer.NO) {
        continue;
      }
      if (rule.verdict() == Verdict.DROP && isBan(matches)) {
        collect(chain, matches, isIpv6, isBehind);
      }
      boolean isJump = rule.verdict() == Verdict.JUMP || rule.verdict() == Verdict.GOTO;
      if (isJump && depth < DEEPEST) {
        rules
            .target(base, rule.target())
            .ifPresent(target -> collect(base, target, matches, isIpv6, isBehind, depth + 1));
      }
    }
  }

  private void collect(FilterChain chain, List<Match> matches, boolean isIpv6, boolean isBehind) {
    matches.stream()
        .filter(Bans::isSource)
        .flatMap(match -> match.sources().stream())
        .filter(range -> range.isIpv6() == isIpv6)
        .forEach(found::add);
    // Any other port than the public one: no listener of ours has it, nor has anybody's rule.
    Packet redirected = Packet.direct(isIpv6, publicPort).redirectedTo(0);
    if (isBehind && answer(matches, redirected) == Answer.NO) {
      onPortAlone.add(chain.label());
    }
  }

  /** Whoever is dropped for not standing in a list is no more banned than everybody else. */
  private static boolean isBan(Collection<Match> matches) {
    return matches.stream().anyMatch(Bans::isSource);
  }

  private static boolean isSource(Match match) {
    return match.field() == Field.SOURCE
        && !match.isNegated()
        && match.sources().stream().noneMatch(AddressRange::isEverything);
  }

  private static Answer answer(List<Match> matches, Packet packet) {
    Answer answer = Answer.YES;
    for (Match match : matches) {
      answer = answer.and(emptyIsNoMatter(match, packet));
    }
    return answer;
  }

  /** A set that is empty now bans whoever comes into it later. */
  private static Answer emptyIsNoMatter(Match match, Packet packet) {
    return isSource(match) && match.sources().isEmpty() ? Answer.MAYBE : match.answer(packet);
  }
}
