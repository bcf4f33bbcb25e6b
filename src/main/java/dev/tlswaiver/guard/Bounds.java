package dev.tlswaiver.guard;

import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Life;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;

/** Keeps the exceptions few and narrow. */
public final class Bounds implements Guard {
  private static final Duration DAY = Duration.ofDays(1);

  private final Ledger ledger;
  private final Pools pools;
  private final int mostWaivers;
  private final int mostAddresses;

  public Bounds(Ledger ledger, Pools pools, int mostWaivers, int mostAddresses) {
    this.ledger = ledger;
    this.pools = pools;
    this.mostWaivers = mostWaivers;
    this.mostAddresses = mostAddresses;
  }

  @Override
  public GuardName name() {
    return GuardName.BOUNDS;
  }

  @Override
  public Optional<String> review(Waiver proposal) {
    Instant yesterday = proposal.evidence().last().minus(DAY);
    if (before(proposal, waiver -> !waiver.state().isTerminal()) >= mostWaivers) {
      return Optional.of(
          "there are "
              + mostWaivers
              + " waivers already (guards.most_waivers): revoke some, or ask whether the server is"
              + " too strict");
    }
    if (before(proposal, waiver -> isGrantedSince(waiver, yesterday)) >= mostWaivers) {
      return Optional.of(
          mostWaivers
              + " waivers were proposed within a day (guards.most_waivers): ask whether the server"
              + " is too strict, or who is playing with it");
    }
    if (proposal.addresses().size() > mostAddresses) {
      return Optional.of(
          proposal.pool()
              + " fails from more than "
              + mostAddresses
              + " addresses (guards.most_addresses)");
    }
    return proposal.networks().stream()
        .filter(network -> proposal.evidence().rule().equals(Life.OPERATOR))
        .filter(pools::isWiderThanNetworks)
        .findFirst()
        .map(network -> network + " is wider than pool.network allows");
  }

  /** Those made before it: the one that is too many is the last, and not one of the others. */
  private long before(Waiver proposal, Predicate<Waiver> which) {
    return ledger.count(which.and(waiver -> waiver.id() < proposal.id()));
  }

  private static boolean isGrantedSince(Waiver waiver, Instant start) {
    return waiver.at().isAfter(start);
  }
}
