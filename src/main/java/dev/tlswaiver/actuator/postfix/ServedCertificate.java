package dev.tlswaiver.actuator.postfix;

import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * A certificate that a service is told to show to its peers.
 *
 * @param certificate empty where the file holds none that can be read
 * @param issuers how many certificates follow it in the file
 * @param key the private key as PEM; empty where the file holds none
 */
public record ServedCertificate(
    String file,
    String keyFile,
    FileState state,
    FileState keyState,
    Optional<X509Certificate> certificate,
    int issuers,
    Optional<String> key) {

  /** What became of reading a file. */
  public enum FileState {
    READ,
    /** It is there, and not for this user. */
    HIDDEN,
    MISSING
  }

  ServedCertificate withOneMoreIssuer() {
    return new ServedCertificate(file, keyFile, state, keyState, certificate, issuers + 1, key);
  }

  /** Without the key: it must never get into a message. */
  @Override
  public String toString() {
    return file;
  }
}
