package dev.tlswaiver.rule;

import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * When failures of one pool are worth a finding.
 *
 * @param reasons the failures that count
 * @param pattern a failure also counts when this is found in its text
 * @param failures how many are needed
 * @param within the window's length, back from the latest failure
 * @param spread the least time from the first to the last of them
 */
public record Rule(
    String name,
    Set<Reason> reasons,
    Optional<Pattern> pattern,
    int failures,
    Duration within,
    Duration spread) {
  public Rule {
    reasons = Set.copyOf(reasons);
  }

  /** Whether the failure is one that this rule counts. */
  public boolean counts(Failed failed) {
    return reasons.contains(failed.reason())
        || pattern.filter(words -> PatientText.contains(failed.text(), words)).isPresent();
  }
}
