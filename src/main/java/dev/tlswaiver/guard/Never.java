package dev.tlswaiver.guard;

import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Waiver;
import java.util.Optional;

/** The operator's denylist. */
public final class Never implements Guard {
  private final PeerList denied;

  public Never(PeerList denied) {
    this.denied = denied;
  }

  @Override
  public GuardName name() {
    return GuardName.NEVER;
  }

  @Override
  public Optional<String> review(Waiver proposal) {
    return denied.hasAnyOf(proposal)
        ? Optional.of(
            proposal.pool() + " is on the list guards.never; take it off to allow a waiver")
        : Optional.empty();
  }
}
