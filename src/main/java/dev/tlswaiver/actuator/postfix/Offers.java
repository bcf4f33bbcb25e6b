package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Settings;
import dev.tlswaiver.handshake.Offer;
import dev.tlswaiver.waiver.Rung;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What the listeners of this host accept: the public service, and the relaxed ones whether they
 * stand already or not. It is read from the arguments that {@link RelaxedListener} writes, so the
 * calculation and the listener can't drift apart.
 *
 * <p>Not calculated: certificates for single names (tls_server_sni_maps), and what openssl.cnf
 * demands of signatures.
 */
public final class Offers {
  private static final Set<String> NEED_NO_CERTIFICATE = Set.of("any", "None");

  private final Programs programs;
  private final Path directory;
  private final Path key;
  private final OpenSsl library;
  private final NavigableSet<Integer> versions;

  private Offers(Settings settings, Programs programs) throws HostException {
    this.programs = programs;
    this.directory = settings.configDirectory();
    this.key = new RelaxedKey(settings.stateDirectory(), programs, InstantSource.system()).file();
    this.library = new OpenSsl(programs);
    this.versions = library.versions();
  }

  /**
   * What each rung's listener accepts; the lowest rung relaxes nothing, and its offer is that of
   * the public service. A service that has TLS switched off accepts no version, and the highest
   * rung has no offer. Empty where this host's Postfix or OpenSSL can't be asked.
   */
  public static Map<Rung, Offer> of(Settings settings, Programs programs) {
    try {
      return new Offers(settings, programs).all(settings.publicService());
    } catch (HostException absent) {
      return Map.of();
    }
  }

  private Map<Rung, Offer> all(Optional<String> publicService) throws HostException {
    ServiceEntry smtpd =
        PublicService.find(
                MasterFile.read(directory), publicService, new MainFile(programs, directory))
            .smtpd();
    TlsParameters strict = TlsParameters.read(programs, directory, smtpd.arguments());
    Map<Rung, Offer> offers = new EnumMap<>(Rung.class);
    for (Rung rung : Rung.values()) {
      if (rung != Rung.PLAINTEXT) {
        // Neither the endpoints nor who is admitted to them makes a difference to TLS.
        RelaxedListener listener =
            new RelaxedListener(rung, List.of(), smtpd, strict, key, List.of());
        offers.put(
            rung,
            offer(
                rung == Rung.DIAGNOSE
                    ? strict
                    : TlsParameters.read(programs, directory, listener.arguments())));
      }
    }
    return Collections.unmodifiableMap(offers);
  }

  private Offer offer(TlsParameters parameters) throws HostException {
    Set<String> kinds = Certificates.kinds(parameters, key);
    NavigableSet<Integer> enabled = new TreeSet<>();
    if (parameters.offersTls() && (!kinds.isEmpty() || parameters.needsNoCertificate())) {
      ProtocolList.parse(parameters.protocols())
          .ifPresent(list -> enabled.addAll(list.of(versions)));
    }
    if (kinds.isEmpty()) {
      enabled.remove(ProtocolList.TLS_1_3); // It has no anonymous suites.
    }
    return new Offer(enabled, suites(parameters.cipherList(), kinds));
  }

  private Set<Integer> suites(Optional<String> list, Set<String> kinds) throws HostException {
    if (list.isEmpty()) {
      return Set.of();
    }
    return library.suites(list.get()).stream()
        .filter(suite -> isServed(suite, kinds))
        .map(OpenSsl.Suite::number)
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * A suite of another kind asks for what no mail server has: a password shared with the peer, a
   * static key of Diffie and Hellman, GOST.
   */
  private static boolean isServed(OpenSsl.Suite suite, Set<String> kinds) {
    boolean needsPassword = suite.name().contains("PSK") || suite.name().contains("SRP");
    return !needsPassword
        && (NEED_NO_CERTIFICATE.contains(suite.authentication())
            || kinds.contains(suite.authentication()));
  }
}
