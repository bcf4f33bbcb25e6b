package dev.tlswaiver.doctor;

import dev.tlswaiver.waiver.Rung;
import java.util.List;
import java.util.Optional;

/**
 * The result of an examination.
 *
 * @param findings problems first
 * @param unseen what this user could not see, each with the reason
 */
public record Checkup(
    Optional<String> postfix,
    Optional<String> openssl,
    Optional<String> nftables,
    List<RungState> rungs,
    List<Finding> findings,
    List<String> unseen) {
  public Checkup {
    rungs = List.copyOf(rungs);
    findings = List.copyOf(findings);
    unseen = List.copyOf(unseen);
  }

  /**
   * What a rung can do on this host.
   *
   * @param why it is not possible; empty where it is
   * @param versions the protocol versions that it accepts, as Postfix spells them
   * @param suites how many cipher suites it accepts
   */
  public record RungState(
      Rung rung,
      int port,
      boolean isEnabled,
      Optional<String> why,
      List<String> versions,
      int suites) {
    public RungState {
      versions = List.copyOf(versions);
    }

    public boolean isPossible() {
      return why.isEmpty();
    }
  }
}
