package dev.tlswaiver.handshake;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A cipher suite, and what OpenSSL's name of it tells about when it can be agreed on (ciphers(1)).
 *
 * @param number its number in the TLS registry of IANA
 * @param name OpenSSL's
 */
public record CipherSuite(int number, String name) {
  private static final int SSL_3 = 0x0300;
  private static final int TLS_1 = 0x0301;
  private static final int TLS_1_2 = 0x0303;
  private static final int TLS_1_3 = 0x0304;

  /**
   * The suite with this number, if an OpenSSL has or had it: some hosts run an old one, or one
   * built with what others left out.
   */
  public static Optional<CipherSuite> find(int number) {
    return CipherSuites.name(number)
        .or(() -> CipherSuites.formerName(number))
        .map(name -> new CipherSuite(number, name));
  }

  /** The numbers of all suites of today's OpenSSL that may be negotiated at all. */
  static Set<Integer> usable() {
    return CipherSuites.numbers().stream()
        .filter(number -> find(number).filter(CipherSuite::isUsable).isPresent())
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Whether a mail server may agree on it: it encrypts, and needs nothing but an RSA or ECDSA
   * certificate.
   */
  public boolean isUsable() {
    return !name.contains("NULL")
        && !name.contains("PSK")
        && !name.contains("SRP")
        && !name.contains("DSS")
        && !name.contains("EXP")
        && !name.startsWith("ADH-")
        && !name.startsWith("AECDH-");
  }

  /** Whether it belongs to this version. */
  boolean fits(int version) {
    return version >= TLS_1_3
        ? lowestVersion() == TLS_1_3
        : lowestVersion() <= version && lowestVersion() < TLS_1_3;
  }

  int lowestVersion() {
    if (name.startsWith("TLS_")) {
      return TLS_1_3;
    }
    boolean isOfTls12 =
        name.endsWith("SHA256")
            || name.endsWith("SHA384")
            || name.contains("CCM")
            || name.contains("CHACHA20");
    return isOfTls12 ? TLS_1_2 : needsGroup() ? TLS_1 : SSL_3;
  }

  /** Whether both sides need a group in common for it. */
  boolean needsGroup() {
    return name.startsWith("ECDHE-") || name.startsWith("AECDH-") || name.startsWith("TLS_");
  }

  /** Whether only an ECDSA certificate serves it. */
  public boolean needsEcdsa() {
    return name.contains("ECDSA");
  }

  /** Whether only an RSA certificate serves it. */
  public boolean needsRsa() {
    return !needsEcdsa() && lowestVersion() < TLS_1_3;
  }
}
