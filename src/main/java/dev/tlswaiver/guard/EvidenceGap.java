package dev.tlswaiver.guard;

import dev.tlswaiver.handshake.Notes;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Waits after lines of the log went missing: a success among them would have said that there is
 * nothing to help.
 */
public final class EvidenceGap implements Guard {
  private static final Duration WAIT = Duration.ofMinutes(10);

  private static final String LATEST = "latest";

  private final Notes notes;
  private Optional<Instant> latest = Optional.empty();

  /**
   * @param notes where the latest gap is noted
   */
  public EvidenceGap(Notes notes) {
    this.notes = notes;
  }

  /** Lines are missing here. */
  public void gap(Instant at) {
    Instant last = latest.filter(at::isBefore).orElse(at);
    latest = Optional.of(last);
    notes.put(LATEST, last::toString);
  }

  /** Takes up what an earlier run noted. */
  public void restore(String key, String noted) {
    notes.restored(key);
    latest = Optional.of(Instant.parse(noted));
  }

  @Override
  public GuardName name() {
    return GuardName.EVIDENCE_GAP;
  }

  @Override
  public Optional<String> review(Waiver proposal) {
    // What was proposed before the lines went missing was decided with all of them.
    Instant proposed = proposal.at();
    return latest
        .filter(gap -> !proposed.isBefore(gap) && proposed.isBefore(gap.plus(WAIT)))
        .map(
            gap ->
                "lines of the log are missing at "
                    + gap
                    + ": "
                    + proposal.pool()
                    + " is judged again when it fails after "
                    + gap.plus(WAIT)
                    + "; look why lines were lost (rate limits of the journal or of syslog,"
                    + " copytruncate)");
  }
}
