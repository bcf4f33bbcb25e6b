package dev.tlswaiver.guard;

import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.Waiver;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks whether the rung can help at all on this host. */
public final class Feasible implements Guard {
  /** The code of the one place where OpenSSL up to 1.0.2 says it of a real but old client. */
  private static final String OLD_UNKNOWN_PROTOCOL = "140760FC";

  private final List<Rung> enabled;
  private final Map<Rung, String> impossible;

  /**
   * @param enabled the rungs that the operator allows
   * @param impossible the rungs that this host can't serve, each with the reason why
   */
  public Feasible(List<Rung> enabled, Map<Rung, String> impossible) {
    this.enabled = List.copyOf(enabled);
    this.impossible = Map.copyOf(impossible);
  }

  @Override
  public String name() {
    return "feasible";
  }

  @Override
  public Optional<String> review(Waiver proposal) {
    Rung rung = proposal.rung();
    if (!enabled.contains(rung)) {
      return Optional.of(
          "the rung "
              + rung.label()
              + " is not enabled; enable it in the ladder to help "
              + proposal.pool());
    }
    if (impossible.containsKey(rung)) {
      return Optional.of("the rung " + rung.label() + " can't work here: " + impossible.get(rung));
    }
    if (proposal.reason() == Reason.VERSION_TOO_LOW && rung.compareTo(Rung.PLAINTEXT) < 0) {
      return Optional.of(
          proposal.pool()
              + " offers no protocol that this OpenSSL has (SSLv3 at most): only the rung plaintext"
              + " would help");
    }
    return proposal.reason() == Reason.UNKNOWN_PROTOCOL
            && proposal.openssl().filter(code -> !code.equals(OLD_UNKNOWN_PROTOCOL)).isPresent()
        ? Optional.of(
            proposal.pool() + " sends an SSLv2 hello, which no rung admits and scanners like")
        : Optional.empty();
  }
}
