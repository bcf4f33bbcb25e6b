package dev.tlswaiver.guard;

import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Waiver;
import java.util.Optional;

/** Keeps the exceptions few. */
public final class Bounds implements Guard {
  private final Ledger ledger;
  private final int mostWaivers;
  private final int mostAddresses;

  public Bounds(Ledger ledger, int mostWaivers, int mostAddresses) {
    this.ledger = ledger;
    this.mostWaivers = mostWaivers;
    this.mostAddresses = mostAddresses;
  }

  @Override
  public String name() {
    return "bounds";
  }

  @Override
  public Optional<String> review(Waiver proposal) {
    if (ledger.in(state -> !state.isTerminal()).size() >= mostWaivers) {
      return Optional.of(
          "there are "
              + mostWaivers
              + " waivers already (guards.most_waivers): revoke some, or ask whether the server is"
              + " too strict");
    }
    return proposal.addresses().size() > mostAddresses
        ? Optional.of(
            proposal.pool()
                + " fails from more than "
                + mostAddresses
                + " addresses (guards.most_addresses)")
        : Optional.empty();
  }
}
