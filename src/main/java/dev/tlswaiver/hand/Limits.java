package dev.tlswaiver.hand;

import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.config.Configuration.PoolSettings;
import dev.tlswaiver.config.Configuration.RungSettings;
import dev.tlswaiver.guard.PeerList;
import dev.tlswaiver.guard.PrivateAddress;
import dev.tlswaiver.judge.Policy;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Grant;
import dev.tlswaiver.waiver.Rung;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What an agent may want at most, whoever has taken it over: enabled rungs, so many waivers of so
 * many single addresses each, no longer than the longest time, and nobody whom the operator
 * excepted. Networks are those that the configuration names, or that root permitted.
 *
 * <p>Lists of domains are the agent's to hold: the hand knows no names.
 */
final class Limits {
  /** The clocks of two processes, and what a plan takes. */
  private static final Duration SLACK = Duration.ofMinutes(1);

  /**
   * What the limits leave of a desired state.
   *
   * @param refused the other waivers, each with the reason
   */
  record Judged(List<Grant> admitted, Map<Long, String> refused) {}

  private final Set<Rung> enabled;
  private final Policy.GuardSettings guards;
  private final Duration longest;
  private final List<IpPrefix> named;
  private final List<Permit> permits;
  private final Instant now;

  Limits(Configuration configuration, Collection<Permit> permits, Instant now) {
    this.enabled =
        configuration.ladder().stream()
            .filter(RungSettings::enabled)
            .map(RungSettings::rung)
            .collect(Collectors.toSet());
    this.guards = configuration.guards();
    this.longest = configuration.waiver().longest();
    this.named =
        configuration.pools().stream().map(PoolSettings::networks).flatMap(List::stream).toList();
    this.permits = List.copyOf(permits);
    this.now = now;
  }

  /** Judges a desired state; whoever was there before has the places first. */
  Judged judge(Collection<Grant> desired, Set<Long> before) {
    List<Grant> admitted = new ArrayList<>();
    Map<Long, String> refused = new LinkedHashMap<>();
    Map<Long, Boolean> waivers = new HashMap<>();
    desired.stream()
        .sorted(
            Comparator.<Grant, Boolean>comparing(grant -> !before.contains(grant.waiver()))
                .thenComparing(Grant::waiver))
        .forEach(
            grant -> {
              boolean isAsked = grant.rung() == Rung.DIAGNOSE;
              Optional<String> objection =
                  waivers.containsKey(grant.waiver())
                      ? Optional.of("it is asked for twice")
                      : objection(grant).or(() -> full(waivers.values(), isAsked));
              if (objection.isPresent()) {
                refused.put(grant.waiver(), objection.get());
              } else {
                waivers.put(grant.waiver(), isAsked);
                admitted.add(grant);
              }
            });
    return new Judged(admitted, refused);
  }

  private Optional<String> full(Collection<Boolean> others, boolean isAsked) {
    long count = others.stream().filter(asked -> asked == isAsked).count();
    int most = isAsked ? guards.mostAsked() : guards.mostWaivers();
    return count < most
        ? Optional.empty()
        : Optional.of(
            "there are "
                + most
                + " already ("
                + (isAsked ? "guards.most_asked)" : "guards.most_waivers)"));
  }

  private Optional<String> objection(Grant grant) {
    if (grant.networks().isEmpty()) {
      return Optional.of("it is for nobody");
    }
    if (!enabled.contains(grant.rung())) {
      return Optional.of("the rung " + grant.rung().label() + " is not enabled");
    }
    return tooLong(grant).or(() -> excepted(grant)).or(() -> unnamed(grant));
  }

  private Optional<String> tooLong(Grant grant) {
    boolean isPermitted =
        grant.networks().stream()
            .allMatch(
                network ->
                    permits.stream()
                        .filter(permit -> permit.network().contains(network))
                        .anyMatch(permit -> !grant.until().isAfter(permit.until().plus(SLACK))));
    return isPermitted || !grant.until().isAfter(now.plus(longest).plus(SLACK))
        ? Optional.empty()
        : Optional.of("it would end later than waiver.longest allows; root may grant it");
  }

  private Optional<String> excepted(Grant grant) {
    List<IpPrefix> permitted = permitted(grant);
    return grant.networks().stream()
        .flatMap(network -> excepted(network, permitted).stream())
        .findFirst();
  }

  private Optional<String> excepted(IpPrefix network, List<IpPrefix> permitted) {
    if (guards.never().overlaps(network)) {
      return Optional.of(network + " is in guards.never");
    }
    PeerList only = guards.only();
    if (only.domains().isEmpty()
        && !only.prefixes().isEmpty()
        && !isWithin(network, only.prefixes())
        && !isWithin(network, permitted)) {
      return Optional.of(network + " is not in guards.only; root may grant it");
    }
    return guards.privateAddresses() == Policy.PrivateAddresses.REFUSE
            && PrivateAddress.isIn(network)
        ? Optional.of(network + " holds private addresses (guards.private_addresses)")
        : Optional.empty();
  }

  private Optional<String> unnamed(Grant grant) {
    List<IpPrefix> free = Stream.concat(named.stream(), permitted(grant).stream()).toList();
    long addresses = 0;
    for (IpPrefix network : grant.networks()) {
      addresses += addresses(network, free);
      if (addresses > guards.mostAddresses()) {
        return Optional.of(
            "it covers more than "
                + guards.mostAddresses()
                + " addresses (guards.most_addresses) that neither pools in the configuration nor"
                + " root named; root may grant a network");
      }
    }
    return Optional.empty();
  }

  /**
   * What root permitted for about that time: a waiver may begin late, since it was asked for first,
   * but no permit is renewed for ever.
   */
  private List<IpPrefix> permitted(Grant grant) {
    return permits.stream()
        .filter(permit -> !grant.until().isAfter(permit.until().plus(longest).plus(SLACK)))
        .map(Permit::network)
        .toList();
  }

  /** How many addresses of the network are in none of those; too many are not counted out. */
  private long addresses(IpPrefix network, List<IpPrefix> free) {
    if (isWithin(network, free)) {
      return 0;
    }
    int hostBits = network.network().bits() - network.length();
    boolean isApart = free.stream().noneMatch(network::contains);
    if (isApart) {
      return hostBits < Integer.SIZE ? 1L << hostBits : Long.MAX_VALUE / 2;
    }
    long count = 0;
    for (IpPrefix half : network.halves()) {
      count += addresses(half, free);
      if (count > guards.mostAddresses()) {
        return count;
      }
    }
    return count;
  }

  private static boolean isWithin(IpPrefix network, List<IpPrefix> others) {
    return others.stream().anyMatch(other -> other.contains(network));
  }
}
