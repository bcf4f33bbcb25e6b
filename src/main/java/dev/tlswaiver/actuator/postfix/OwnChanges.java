package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What was changed on this host that senders may begin to fail from: configuration files,
 * certificates and packages, by the times of their files. Reads only.
 */
public final class OwnChanges {
  /** Files that say something about TLS wherever Postfix's own are. */
  private static final List<Path> SYSTEM =
      List.of(
          Path.of("/etc/ssl/openssl.cnf"),
          Path.of("/etc/pki/tls/openssl.cnf"),
          Path.of("/etc/crypto-policies/config"));

  /** dpkg writes a package's list of files when it installs or upgrades it. */
  private static final Path PACKAGES = Path.of("/var/lib/dpkg/info");

  private static final Pattern OURS =
      Pattern.compile("(postfix|openssl|libssl[0-9.a-z]*)(:[a-z0-9]+)?\\.list");

  /**
   * One change.
   *
   * @param what in words that go before "at" and the time
   */
  public record Change(Instant at, String what) {}

  private OwnChanges() {}

  /** The changes since then, the oldest first. What can't be read is left out. */
  public static List<Change> since(Programs programs, Path directory, Instant start) {
    List<Change> changes = new ArrayList<>();
    List<Path> certificates = certificates(programs, directory);
    Stream.of(
            Stream.of(directory.resolve("main.cf"), directory.resolve("master.cf")),
            SYSTEM.stream(),
            certificates.stream())
        .flatMap(files -> files)
        .forEach(
            file ->
                written(file).ifPresent(at -> changes.add(new Change(at, file + " was changed"))));
    certificates.forEach(file -> expiry(file).ifPresent(changes::add));
    packages().forEach(changes::add);
    return changes.stream()
        .filter(change -> change.at().isAfter(start))
        .sorted(java.util.Comparator.comparing(Change::at))
        .toList();
  }

  private static List<Path> certificates(Programs programs, Path directory) {
    try {
      TlsParameters parameters = TlsParameters.read(programs, directory, List.of());
      return Stream.of(parameters.certificateFiles(), parameters.chainFiles())
          .flatMap(List::stream)
          .filter(file -> file.startsWith("/"))
          .map(Path::of)
          .toList();
    } catch (HostException absent) {
      return List.of();
    }
  }

  private static Optional<Instant> written(Path file) {
    try {
      return Optional.of(Files.getLastModifiedTime(file).toInstant());
    } catch (IOException absent) {
      return Optional.empty();
    }
  }

  private static Optional<Change> expiry(Path file) {
    try (InputStream stream = Files.newInputStream(file)) {
      return CertificateFactory.getInstance("X.509").generateCertificates(stream).stream()
          .filter(X509Certificate.class::isInstance)
          .map(certificate -> ((X509Certificate) certificate).getNotAfter().toInstant())
          .min(Instant::compareTo)
          .map(end -> new Change(end, "the certificate in " + file + " expires"));
    } catch (IOException | CertificateException unreadable) {
      return Optional.empty();
    }
  }

  private static List<Change> packages() {
    try (Stream<Path> files = Files.list(PACKAGES)) {
      return files
          .filter(file -> OURS.matcher(file.getFileName().toString()).matches())
          .flatMap(
              file ->
                  written(file)
                      .map(
                          at ->
                              new Change(
                                  at, "the package " + name(file) + " was installed or upgraded"))
                      .stream())
          .toList();
    } catch (IOException noDpkg) {
      return List.of();
    }
  }

  private static String name(Path list) {
    return list.getFileName().toString().replaceFirst("(:[a-z0-9]+)?\\.list$", "");
  }
}
