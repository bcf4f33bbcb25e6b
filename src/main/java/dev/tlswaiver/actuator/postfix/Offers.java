package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Settings;
import dev.tlswaiver.handshake.Offer;
import dev.tlswaiver.waiver.Rung;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.HashMap;
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
 * <p>Not calculated: certificates for single names (tls_server_sni_maps), the curve of an ECDSA
 * certificate, which a peer must have up to TLS 1.2, and what openssl.cnf demands of signatures.
 */
final class Offers {
  private static final Set<String> NEED_NO_CERTIFICATE = Set.of("any", "None");

  /** What the configuration says of a listener's TLS, but for what the library can't do. */
  private record Terms(TlsParameters parameters, Set<String> kinds, Set<Integer> suites) {
    Offer offer(NavigableSet<Integer> versions) {
      NavigableSet<Integer> enabled = new TreeSet<>();
      if (parameters.offersTls() && (!kinds.isEmpty() || parameters.needsNoCertificate())) {
        parameters.protocolList().ifPresent(list -> enabled.addAll(list.of(versions)));
      }
      if (kinds.isEmpty()) {
        enabled.remove(ProtocolList.TLS_1_3); // It has no anonymous suites.
      }
      return new Offer(enabled, suites, parameters.groups());
    }
  }

  private final OpenSsl library;
  private final Path key;

  /** What OpenSSL makes of a cipher list; most rungs have the same. */
  private final Map<String, List<OpenSsl.Suite>> lists = new HashMap<>();

  private final Map<Rung, Terms> terms = new EnumMap<>(Rung.class);

  private Offers(OpenSsl library, Path key) {
    this.library = library;
    this.key = key;
  }

  /**
   * Reads what the configuration says.
   *
   * @throws HostException if Postfix or OpenSSL can't be asked
   */
  static Offers read(Settings settings, Programs programs, OpenSsl library) throws HostException {
    Path directory = settings.configDirectory();
    Path key = new RelaxedKey(settings.stateDirectory(), programs, InstantSource.system()).file();
    Offers offers = new Offers(library, key);
    ServiceEntry smtpd =
        PublicService.find(
                MasterFile.read(directory),
                settings.publicService(),
                new MainFile(programs, directory))
            .smtpd();
    TlsParameters strict = TlsParameters.read(programs, directory, smtpd.arguments());
    StrictChain chain = StrictChain.read(strict, key, library);
    for (Rung rung : Rung.values()) {
      if (rung == Rung.DIAGNOSE) {
        offers.add(rung, strict);
      } else if (rung != Rung.PLAINTEXT) {
        // Neither the endpoints nor who is admitted to them makes a difference to TLS.
        RelaxedListener listener =
            new RelaxedListener(
                rung,
                List.of(),
                smtpd,
                strict,
                chain.keyFor(rung),
                Restrictions.NONE,
                Optional.empty());
        offers.add(rung, TlsParameters.read(programs, directory, listener.arguments()));
      }
    }
    return offers;
  }

  private void add(Rung rung, TlsParameters parameters) throws HostException {
    Set<String> kinds = Certificates.kinds(parameters, key);
    boolean hasCurves = !parameters.hasNoCurves() || !library.waitsForCurves();
    terms.put(
        rung, new Terms(parameters, kinds, suites(parameters.cipherList(), kinds, hasCurves)));
  }

  /**
   * What each rung's listener accepts, as {@link Capabilities#offers} says.
   *
   * @param versions those that the library knows
   */
  Map<Rung, Offer> with(NavigableSet<Integer> versions) {
    Map<Rung, Offer> offers = new EnumMap<>(Rung.class);
    terms.forEach((rung, known) -> offers.put(rung, known.offer(versions)));
    return offers;
  }

  private Set<Integer> suites(Optional<String> list, Set<String> kinds, boolean hasCurves)
      throws HostException {
    if (list.isEmpty()) {
      return Set.of();
    }
    List<OpenSsl.Suite> selected = lists.get(list.get());
    if (selected == null) {
      selected = library.suites(list.get());
      lists.put(list.get(), selected);
    }
    return selected.stream()
        .filter(suite -> isServed(suite, kinds))
        .filter(suite -> hasCurves || !suite.needsCurve())
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
