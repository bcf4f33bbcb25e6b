package dev.tlswaiver.waiver;

import dev.tlswaiver.handshake.CipherSuite;
import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Offer;
import dev.tlswaiver.handshake.Offer.Agreed;
import dev.tlswaiver.handshake.Offer.NoCommonGroup;
import dev.tlswaiver.handshake.Offer.NoCommonSuite;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What keeps a peer out although it is no weaker than the strict terms ask for: our own service
 * leaves out what the peer needs. A parameter helps it, and everybody like it; a waiver would
 * weaken what it has.
 */
final class Remedy {
  /** P-256, P-384, P-521, X25519 and X448 (RFC 8446, 4.2.7): any of them is as good as ours. */
  private static final Set<Integer> GOOD_GROUPS = Set.of(23, 24, 25, 29, 30);

  private Remedy() {}

  /** The sentence that helps; empty where the peer really offers less than the strict terms. */
  static Optional<String> find(ClientHello hello, Offer strict) {
    if (isAbove(hello, strict)) {
      return Optional.of(
          "It has nothing but "
              + hello.versionName()
              + ", which smtpd_tls_protocols (or smtpd_tls_mandatory_protocols) leaves out: allow it"
              + " there; no relaxed terms are needed.");
    }
    if (strict.answer(hello) instanceof NoCommonSuite && needsEcdhe(hello, strict)) {
      return Optional.of(
          "It needs ECDHE, of which the strict terms have nothing: smtpd_tls_eecdh_grade is none"
              + " (the default of Postfix 2.6), or a list of ciphers leaves it out;"
              + " smtpd_tls_eecdh_grade = strong, or auto from 3.2 on, lets it in; no relaxed terms"
              + " are needed.");
    }
    if (strict.answer(hello) instanceof NoCommonGroup
        && hello.groups().stream().anyMatch(GOOD_GROUPS::contains)) {
      return Optional.of(
          "Its groups are as good as ours, and tls_eecdh_auto_curves (or smtpd_tls_eecdh_grade"
              + " before Postfix 3.2) has none of them: add one there; no relaxed terms are"
              + " needed.");
    }
    return Optional.empty();
  }

  /** Whether every version that the peer has is higher than all of ours. */
  static boolean isAbove(ClientHello hello, Offer strict) {
    return !strict.versions().isEmpty()
        && !hello.versions().isEmpty()
        && hello.versions().stream().allMatch(version -> version > strict.versions().last());
  }

  /** Whether the strict terms would admit it if they had ECDHE, with the certificates they have. */
  private static boolean needsEcdhe(ClientHello hello, Offer strict) {
    if (has(strict.suites(), Remedy::isEcdhe)) {
      return false;
    }
    Set<Integer> ecdhe =
        hello.suites().stream()
            .filter(
                number ->
                    CipherSuite.find(number)
                        .filter(Remedy::isEcdhe)
                        .filter(CipherSuite::isUsable)
                        .filter(suite -> isServed(suite, strict))
                        .isPresent())
            .collect(Collectors.toUnmodifiableSet());
    return new Offer(strict.versions(), ecdhe, strict.groups()).answer(hello) instanceof Agreed;
  }

  private static boolean isServed(CipherSuite suite, Offer strict) {
    return suite.needsEcdsa()
        ? has(strict.suites(), CipherSuite::needsEcdsa)
        : has(strict.suites(), CipherSuite::needsRsa);
  }

  private static boolean has(Set<Integer> suites, Predicate<CipherSuite> kind) {
    return suites.stream().anyMatch(number -> CipherSuite.find(number).filter(kind).isPresent());
  }

  private static boolean isEcdhe(CipherSuite suite) {
    return suite.name().startsWith("ECDHE-");
  }
}
