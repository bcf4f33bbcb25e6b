package dev.tlswaiver.guard;

import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.waiver.Diagnosis;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Ladder;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.Waiver;
import java.util.Map;
import java.util.Optional;

/** Asks whether the rung can help at all on this host. */
public final class Feasible implements Guard {
  /** The code of the one place where OpenSSL up to 1.0.2 says it of a real but old client. */
  private static final String OLD_UNKNOWN_PROTOCOL = "140760FC";

  private final Ladder ladder;
  private final Map<Rung, String> impossible;

  /**
   * @param ladder the rungs that the operator allows, and what each accepts
   * @param impossible the rungs that this host can't serve, each with the reason why
   */
  public Feasible(Ladder ladder, Map<Rung, String> impossible) {
    this.ladder = ladder;
    this.impossible = Map.copyOf(impossible);
  }

  @Override
  public GuardName name() {
    return GuardName.FEASIBLE;
  }

  @Override
  public Optional<String> review(Waiver proposal) {
    Rung rung = proposal.rung();
    if (!ladder.enabled().contains(rung)) {
      return Optional.of(
          "the rung "
              + rung.label()
              + " is not enabled; enable it in the ladder to help "
              + proposal.pool());
    }
    if (impossible.containsKey(rung)) {
      return Optional.of("the rung " + rung.label() + " can't work here: " + impossible.get(rung));
    }
    // Where it is known what the peer offers, there is no need to guess from OpenSSL's words.
    Optional<Diagnosis> diagnosis = proposal.evidence().diagnosis();
    return diagnosis.isEmpty()
        ? guess(proposal)
        : diagnosis.filter(known -> !mayHelp(known, proposal)).map(Diagnosis::words);
  }

  /** Whether the rung admits it; and for whoever is no operator, whether it is the one it needs. */
  private boolean mayHelp(Diagnosis known, Waiver proposal) {
    Rung rung = proposal.rung();
    return known.admittedBy().compareTo(rung) <= 0
        && (proposal.isOperators()
            || ladder
                .decide(known.hello(), proposal.evidence().reason(), rung)
                .filter(rung::equals)
                .isPresent());
  }

  private static Optional<String> guess(Waiver proposal) {
    Reason reason = proposal.evidence().reason();
    if (reason == Reason.VERSION_TOO_LOW && proposal.rung().compareTo(Rung.PLAINTEXT) < 0) {
      return Optional.of(
          proposal.pool()
              + " offers no protocol that this OpenSSL has (SSLv3 at most): only the rung plaintext"
              + " would help");
    }
    return reason == Reason.UNKNOWN_PROTOCOL
            && proposal
                .evidence()
                .openssl()
                .filter(code -> !code.equals(OLD_UNKNOWN_PROTOCOL))
                .isPresent()
        ? Optional.of(
            proposal.pool() + " sends an SSLv2 hello, which no rung admits and scanners like")
        : Optional.empty();
  }
}
