package dev.tlswaiver.guard;

import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Waiver;
import java.util.Optional;

/** The operator's allowlist; an empty one allows everybody. */
public final class Only implements Guard {
  private final PeerList allowed;

  public Only(PeerList allowed) {
    this.allowed = allowed;
  }

  @Override
  public GuardName name() {
    return GuardName.ONLY;
  }

  @Override
  public Optional<String> review(Waiver proposal) {
    return allowed.isEmpty() || allowed.hasAllOf(proposal)
        ? Optional.empty()
        : Optional.of(
            proposal.pool() + " is not on the list guards.only; add it to allow a waiver");
  }
}
