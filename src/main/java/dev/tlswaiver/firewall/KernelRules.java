package dev.tlswaiver.firewall;

import com.google.gson.JsonParseException;
import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Programs.Result;
import dev.tlswaiver.firewall.FilterChain.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The packet filter of this network namespace without our own table, as it was when it was read:
 * that of nftables, and of iptables in both of its kinds.
 *
 * <p>Of the extensions of iptables-nft, nft prints nothing but the names; their tables are read
 * from iptables-nft-save instead, where that is installed.
 */
public final class KernelRules {
  private final List<FilterChain> chains;

  private KernelRules(List<FilterChain> chains) {
    this.chains = List.copyOf(chains);
  }

  /** No rule at all. */
  public static KernelRules none() {
    return new KernelRules(List.of());
  }

  /**
   * Reads them from the kernel.
   *
   * @throws HostException if nft is not there, or we may not ask it
   */
  public static KernelRules read(Programs programs) throws HostException {
    Result ruleset = programs.run("nft", "-j", "list", "ruleset");
    if (!ruleset.isGood()) {
      throw new HostException("nft can't list the ruleset; are we root? " + ruleset.said());
    }
    KernelRules rules = parse(ruleset.out());
    for (boolean isIpv6 : List.of(false, true)) {
      String program = isIpv6 ? "ip6tables" : "iptables";
      if (rules.hasUnreadable(isIpv6)) {
        rules = rules.with(Origin.IPTABLES_NFT, isIpv6, saved(programs, program + "-nft-save"));
      }
      rules = rules.with(Origin.IPTABLES_LEGACY, isIpv6, saved(programs, program + "-legacy-save"));
    }
    return rules;
  }

  private static Optional<String> saved(Programs programs, String program) {
    try {
      Result result = programs.run(program);
      return result.isGood() ? Optional.of(result.out()) : Optional.empty();
    } catch (HostException absent) {
      return Optional.empty(); // Without iptables there is nothing that it would show.
    }
  }

  /**
   * Reads what {@code nft -j list ruleset} printed.
   *
   * @throws HostException if that is something else
   */
  public static KernelRules parse(String json) throws HostException {
    try {
      return new KernelRules(NftListing.parse(json));
    } catch (JsonParseException
        | IllegalStateException
        | NullPointerException
        | ClassCastException
        | UnsupportedOperationException
        | java.util.NoSuchElementException
        | IndexOutOfBoundsException
        | NumberFormatException odd) {
      throw new HostException("nft printed what we can't read: " + odd.getMessage(), odd);
    }
  }

  /** These, if no rule said notrack. */
  KernelRules tracking() {
    return new KernelRules(
        chains.stream()
            .map(chain -> chain.with(chain.rules().stream().map(FilterRule::tracking).toList()))
            .toList());
  }

  private boolean hasUnreadable(boolean isIpv6) {
    return chains.stream()
        .filter(chain -> chain.family().equals(isIpv6 ? "ip6" : "ip"))
        .flatMap(chain -> chain.rules().stream())
        .flatMap(rule -> rule.matches().stream())
        .anyMatch(match -> match.field() == Match.Field.UNREADABLE);
  }

  /** These, with what iptables-save printed; its tables replace those that nft printed of it. */
  KernelRules with(Origin origin, boolean isIpv6, Optional<String> saved) {
    List<FilterChain> read =
        saved.map(text -> IptablesListing.parse(origin, isIpv6, text)).orElse(List.of());
    List<FilterChain> all = new ArrayList<>(chains);
    if (origin == Origin.IPTABLES_NFT) {
      all.removeIf(
          chain ->
              read.stream()
                  .anyMatch(
                      other ->
                          chain.family().equals(other.family())
                              && chain.table().equals(other.table())));
    }
    all.addAll(read);
    return new KernelRules(all);
  }

  /** Whether rules of iptables-legacy stand beside those that nft shows. */
  public boolean hasLegacyRules() {
    return chains.stream()
        .filter(chain -> chain.origin() == Origin.IPTABLES_LEGACY)
        .anyMatch(chain -> chain.isDroppedAtEnd() || !chain.rules().isEmpty());
  }

  /** The chains that a packet meets at a hook, first things first. */
  List<FilterChain> at(String hook, String type, boolean isIpv6) {
    return chains.stream()
        .filter(chain -> chain.hook().equals(hook) && chain.type().equals(type))
        .filter(chain -> chain.isFor(isIpv6))
        .sorted(java.util.Comparator.comparingInt(FilterChain::priority))
        .toList();
  }

  /** The chain that a rule of another one jumps to. */
  Optional<FilterChain> target(FilterChain from, String name) {
    return chains.stream().filter(chain -> chain.isTargetOf(from, name)).findFirst();
  }
}
