package dev.tlswaiver.doctor;

import dev.tlswaiver.actuator.postfix.Certificates;
import dev.tlswaiver.actuator.postfix.ServedCertificate;
import dev.tlswaiver.actuator.postfix.TlsParameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How far the certificates lead that smtpd sends: each must be signed by the next. Behind a
 * certificate that stands alone in its file OpenSSL sends what it finds in smtpd_tls_CAfile and
 * smtpd_tls_CApath (SSL_CTX_set_mode(3), SSL_MODE_NO_AUTO_CHAIN); behind another one it does not
 * look there.
 *
 * @param end how the way ends
 * @param last the certificate where it ends
 */
record SentChain(End end, X509Certificate last) {
  /** How a chain ends. */
  enum End {
    /** At a root of this host's, or at one that is sent with it. */
    ROOT,
    /** At the very first certificate, which signed itself. */
    SELF_SIGNED,
    /** At a certificate whose issuer is neither sent nor a root of this host's. */
    MISSING,
    /**
     * At a certificate whose issuer is there by name, and has another key than it was signed with.
     */
    WRONG_KEY,
    /** Behind an issuer, on a host that has no roots to look it up among. */
    UNKNOWN
  }

  /** Where distributions keep the roots that they trust, in one file. */
  private static final List<String> BUNDLES =
      List.of("etc/ssl/certs/ca-certificates.crt", "etc/pki/tls/certs/ca-bundle.crt");

  /** More than any directory of roots holds. */
  private static final int MOST_FILES = 2_000;

  /** The way from a certificate of the service, which must be there. */
  static SentChain of(ServedCertificate served, TlsParameters parameters, Path root) {
    X509Certificate leaf = served.certificate().orElseThrow();
    List<X509Certificate> sent =
        served.issuers().isEmpty() ? authorities(parameters) : served.issuers();
    return walk(leaf, sent, roots(root));
  }

  static SentChain walk(
      X509Certificate leaf, List<X509Certificate> sent, List<X509Certificate> roots) {
    X509Certificate current = leaf;
    Set<X509Certificate> behind = new HashSet<>();
    while (!hasSigned(current, current)) {
      behind.add(current);
      List<X509Certificate> named = named(current, sent);
      Optional<X509Certificate> next = signer(current, named);
      if (next.isEmpty() || behind.contains(next.get())) {
        return new SentChain(end(current, leaf, named, roots), current);
      }
      current = next.get();
    }
    return new SentChain(current.equals(leaf) ? End.SELF_SIGNED : End.ROOT, current);
  }

  private static End end(
      X509Certificate last,
      X509Certificate leaf,
      List<X509Certificate> named,
      List<X509Certificate> roots) {
    if (signer(last, named(last, roots)).isPresent()) {
      return End.ROOT;
    }
    if (!named.isEmpty()) {
      return End.WRONG_KEY;
    }
    return roots.isEmpty() && !last.equals(leaf) ? End.UNKNOWN : End.MISSING;
  }

  private static List<X509Certificate> named(X509Certificate signed, List<X509Certificate> among) {
    return among.stream()
        .filter(other -> other.getSubjectX500Principal().equals(signed.getIssuerX500Principal()))
        .toList();
  }

  private static Optional<X509Certificate> signer(
      X509Certificate signed, List<X509Certificate> named) {
    return named.stream().filter(other -> hasSigned(other, signed)).findFirst();
  }

  private static boolean hasSigned(X509Certificate issuer, X509Certificate signed) {
    if (!issuer.getSubjectX500Principal().equals(signed.getIssuerX500Principal())) {
      return false;
    }
    try {
      signed.verify(issuer.getPublicKey());
      return true;
    } catch (GeneralSecurityException notBy) {
      return false;
    }
  }

  private static List<X509Certificate> authorities(TlsParameters parameters) {
    List<X509Certificate> found = new ArrayList<>(in(parameters.value("smtpd_tls_CAfile")));
    String directory = parameters.value("smtpd_tls_CApath");
    if (!directory.isEmpty()) {
      try (Stream<Path> files = Files.list(Path.of(directory))) {
        files.limit(MOST_FILES).forEach(file -> found.addAll(in(file.toString())));
      } catch (IOException | java.nio.file.InvalidPathException unreadable) {
        // Then smtpd finds nothing there either.
      }
    }
    return found;
  }

  private static List<X509Certificate> roots(Path root) {
    return BUNDLES.stream()
        .map(bundle -> root.resolve(bundle).toString())
        .map(SentChain::in)
        .filter(roots -> !roots.isEmpty())
        .findFirst()
        .orElse(List.of());
  }

  private static List<X509Certificate> in(String file) {
    try {
      return file.isEmpty() || Files.isDirectory(Path.of(file))
          ? List.of()
          : Certificates.certificates(file);
    } catch (IOException | java.nio.file.InvalidPathException unreadable) {
      return List.of();
    }
  }
}
