package dev.tlswaiver.doctor;

import dev.tlswaiver.actuator.postfix.Capabilities;
import dev.tlswaiver.doctor.Checkup.RungState;
import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Offer;
import dev.tlswaiver.waiver.Rung;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What each rung can really do with this host's OpenSSL. */
final class RungStates {
  private final Patient patient;
  private final Map<Rung, String> impossible;
  private final Map<Rung, Offer> offers;
  private final Optional<String> policy;

  RungStates(Patient patient, Capabilities capabilities) {
    this.patient = patient;
    this.impossible = capabilities.impossible();
    this.offers = capabilities.offers();
    this.policy = new CryptoPolicy(patient.root()).objectionToSha1();
  }

  List<RungState> all() {
    List<RungState> states = new ArrayList<>();
    for (Rung rung : Rung.values()) {
      Optional<Integer> port = Optional.ofNullable(patient.settings().ports().get(rung));
      port.ifPresent(number -> states.add(state(rung, number)));
    }
    return states;
  }

  private RungState state(Rung rung, int port) {
    Optional<Offer> offer = Optional.ofNullable(offers.get(rung));
    Optional<String> why = why(rung, offer);
    Optional<Offer> served = why.isEmpty() ? offer : Optional.empty();
    return new RungState(
        rung,
        port,
        patient.enabled().contains(rung),
        why,
        served.stream()
            .flatMap(known -> known.versions().stream())
            .map(ClientHello::versionName)
            .toList(),
        served.map(known -> known.suites().size()).orElse(0));
  }

  private Optional<String> why(Rung rung, Optional<Offer> offer) {
    if (impossible.containsKey(rung)) {
      return Optional.ofNullable(impossible.get(rung));
    }
    if (policy.isPresent() && (rung == Rung.LEGACY || rung == Rung.SSLV3)) {
      return policy;
    }
    if (offers.isEmpty()) {
      return Optional.of("this host's Postfix or OpenSSL can't be asked");
    }
    return rung == Rung.PLAINTEXT || offer.filter(known -> !known.versions().isEmpty()).isPresent()
        ? Optional.empty()
        : Optional.of("smtpd has TLS switched off, no certificate, or a broken protocol list");
  }

  /** Enabled rungs that can't be served, where the public service itself can. */
  static void examine(List<RungState> states, Chart chart) {
    boolean isServing =
        states.stream().anyMatch(state -> state.rung() == Rung.DIAGNOSE && state.isPossible());
    for (RungState state : states) {
      if (state.isEnabled() && isServing) {
        state
            .why()
            .ifPresent(
                why ->
                    chart.find(
                        Ailment.RUNG_IMPOSSIBLE,
                        "The rung " + state.rung().label() + " is enabled, and " + why + ".",
                        "in the ladder of tlswaiver.yaml: {rung: "
                            + state.rung().label()
                            + ", enabled: false, port: "
                            + state.port()
                            + "}"));
      }
    }
  }
}
