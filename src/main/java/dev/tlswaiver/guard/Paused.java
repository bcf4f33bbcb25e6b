package dev.tlswaiver.guard;

import dev.tlswaiver.waiver.Waiver;
import java.time.Instant;
import java.util.Optional;

/** Grants nothing for a while, after a rollback for instance. */
public final class Paused implements Guard {
  private Instant until = Instant.MIN;
  private String why = "";

  /** Objects to whatever is proposed before this time. */
  public void pauseUntil(Instant end, String reason) {
    until = end;
    why = reason;
  }

  @Override
  public String name() {
    return "paused";
  }

  @Override
  public Optional<String> review(Waiver proposal) {
    return proposal.last().isBefore(until)
        ? Optional.of("no waivers before " + until + ": " + why)
        : Optional.empty();
  }
}
