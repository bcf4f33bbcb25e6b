package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Settings;
import dev.tlswaiver.waiver.Rung;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Which rungs may show the public service's own certificates, so that a sender that checks them
 * (DANE, MTA-STS) still can.
 *
 * <p>Static RSA and SSLv3 are the two weaknesses that reach beyond a session to the key. Where a
 * rung offers either and the public service does not, a key of our own is shown; so it is where the
 * public service has no RSA certificate, which is what the rung is for.
 *
 * @param ours the relaxed listeners' own file
 */
public record StrictChain(Path ours, boolean servesStaticRsa, boolean servesSslv3) {

  static StrictChain read(TlsParameters strict, Path ours, OpenSsl library) throws HostException {
    // TLS 1.3 has no static RSA.
    boolean servesBelowTls13 =
        strict
            .protocolList()
            .filter(list -> list.admits(ProtocolList.TLS_1_2) || list.admits(ProtocolList.TLS_1_1))
            .isPresent();
    boolean servesStaticRsa =
        strict.offersTls()
            && servesBelowTls13
            && Certificates.kinds(strict, ours).contains(Certificates.RSA)
            && strict.cipherList().isPresent()
            && library.suites(strict.cipherList().get()).stream()
                .anyMatch(OpenSsl.Suite::isStaticRsa);
    boolean servesSslv3 =
        strict.protocolList().filter(list -> list.admits(ProtocolList.SSL_3)).isPresent();
    return new StrictChain(ours, servesStaticRsa, servesSslv3);
  }

  /**
   * That of a host.
   *
   * @param strict the public service's parameters
   * @throws HostException if OpenSSL can't be asked
   */
  public static StrictChain of(Settings settings, TlsParameters strict, Programs programs)
      throws HostException {
    Path ours = new RelaxedKey(settings.stateDirectory(), programs, InstantSource.system()).file();
    return read(strict, ours, new OpenSsl(programs));
  }

  /** Whether the rung's listener shows another certificate than the public service. */
  public boolean isReplacedOn(Rung rung) {
    return keyFor(rung).isPresent();
  }

  /** The file with the key that the rung's listener shows; empty for the public service's own. */
  Optional<Path> keyFor(Rung rung) {
    return switch (rung) {
      // No suite and no version but those of the public service; or no TLS.
      case DIAGNOSE, TLS12, PLAINTEXT -> Optional.empty();
      case CIPHERS, LEGACY -> servesStaticRsa ? Optional.empty() : Optional.of(ours);
      case SSLV3 -> servesStaticRsa && servesSslv3 ? Optional.empty() : Optional.of(ours);
    };
  }
}
