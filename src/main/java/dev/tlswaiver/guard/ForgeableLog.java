package dev.tlswaiver.guard;

import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Waiver;
import java.util.Optional;

/**
 * Asks whether the log's lines may be anybody's: then what they say of a sender is worth no more
 * than what a local user says, and the operator decides.
 */
public final class ForgeableLog implements Guard {
  private Optional<String> doubt = Optional.empty();

  /**
   * Takes in who can write the log.
   *
   * @param why who else than Postfix, and what mends it; empty where nobody can
   */
  public void look(Optional<String> why) {
    doubt = why;
  }

  @Override
  public GuardName name() {
    return GuardName.FORGEABLE_LOG;
  }

  @Override
  public Optional<String> review(Waiver proposal) {
    return doubt.map(why -> why + "; if this sender is real: tlswaiver approve " + proposal.id());
  }
}
