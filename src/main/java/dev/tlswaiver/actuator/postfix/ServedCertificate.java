package dev.tlswaiver.actuator.postfix;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A certificate that a service is told to show to its peers.
 *
 * @param certificate empty where the file holds none that can be read
 * @param issuers those that follow it in the file
 * @param key the private key as PEM; empty where the file holds none
 */
public record ServedCertificate(
    String file,
    String keyFile,
    FileState state,
    FileState keyState,
    Optional<X509Certificate> certificate,
    List<X509Certificate> issuers,
    Optional<String> key) {
  public ServedCertificate {
    issuers = List.copyOf(issuers);
  }

  /** What became of reading a file. */
  public enum FileState {
    READ,
    /** It is there, and not for this user. */
    HIDDEN,
    MISSING
  }

  ServedCertificate withIssuer(X509Certificate issuer) {
    List<X509Certificate> all = new ArrayList<>(issuers);
    all.add(issuer);
    return new ServedCertificate(file, keyFile, state, keyState, certificate, all, key);
  }

  /** Without the key: it must never get into a message. */
  @Override
  public String toString() {
    return file;
  }
}
