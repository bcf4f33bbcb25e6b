package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.Aside;
import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Settings;
import dev.tlswaiver.handshake.Offer;
import dev.tlswaiver.waiver.Rung;
import java.util.EnumMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * What this host's rungs can do.
 *
 * @param impossible the rungs that its OpenSSL can't serve, whatever it is told, each with the
 *     reason why
 * @param offers what each rung's listener accepts; the lowest rung relaxes nothing, and its offer
 *     is that of the public service. A service that has TLS switched off accepts no version, and
 *     the highest rung has no offer. Empty where this host's Postfix or OpenSSL can't be asked
 */
public record Capabilities(Map<Rung, String> impossible, Map<Rung, Offer> offers) {
  /** Where nobody could be asked. */
  public static final Capabilities UNKNOWN = new Capabilities(Map.of(), Map.of());

  public Capabilities {
    impossible = Map.copyOf(impossible);
    offers = Map.copyOf(offers);
  }

  /**
   * Asks Postfix and OpenSSL.
   *
   * @param settings empty where there is no Postfix
   */
  public static Capabilities of(Optional<Settings> settings, Programs programs) {
    OpenSsl library = new OpenSsl(programs);
    CompletableFuture<Optional<NavigableSet<Integer>>> versions =
        Aside.begin("openssl", () -> versions(library));
    Optional<Offers> offers = settings.flatMap(known -> offers(known, programs, library));
    // Without the openssl command nothing is known; the relaxed smtpd itself will say.
    return versions
        .join()
        .map(
            known ->
                new Capabilities(
                    impossible(known), offers.map(all -> all.with(known)).orElse(Map.of())))
        .orElse(UNKNOWN);
  }

  private static Optional<NavigableSet<Integer>> versions(OpenSsl library) {
    try {
      return Optional.of(library.versions());
    } catch (HostException absent) {
      return Optional.empty();
    }
  }

  private static Optional<Offers> offers(Settings settings, Programs programs, OpenSsl library) {
    try {
      return Optional.of(Offers.read(settings, programs, library));
    } catch (HostException absent) {
      return Optional.empty();
    }
  }

  private static Map<Rung, String> impossible(Set<Integer> versions) {
    Map<Rung, String> impossible = new EnumMap<>(Rung.class);
    if (!versions.contains(ProtocolList.SSL_3)) {
      impossible.put(
          Rung.SSLV3, "this OpenSSL was built without SSLv3; plaintext is the rung above it");
    }
    if (!versions.contains(ProtocolList.TLS_1)) {
      impossible.put(Rung.LEGACY, "this OpenSSL was built without TLS 1.0");
    }
    return impossible;
  }
}
