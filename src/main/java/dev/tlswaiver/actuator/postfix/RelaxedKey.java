package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Programs.Result;
import dev.tlswaiver.actuator.RejectedException;
import dev.tlswaiver.actuator.Stage;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The relaxed listeners' own RSA key and self-signed certificate, in one file. smtpd(8) reads it
 * while it is still root, so nobody else needs to.
 *
 * <p>It is never a key of the strict service. What is not as it was made, or may have been read by
 * others, is made anew.
 */
public final class RelaxedKey {
  private static final Logger LOG = LoggerFactory.getLogger(RelaxedKey.class);

  private static final String DAYS = "3650";

  /** So long before its end a certificate is replaced; an agent is started more often. */
  private static final Duration LEFT = Duration.ofDays(60);

  /** Old senders do not know longer keys; shorter ones are no protection. */
  private static final int BITS = 2048;

  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private final Path file;
  private final Programs programs;
  private final InstantSource clock;

  public RelaxedKey(Path stateDirectory, Programs programs, InstantSource clock) {
    this.file = stateDirectory.resolve("tls").resolve("relaxed.pem");
    this.programs = programs;
    this.clock = clock;
  }

  /** Where it is kept. */
  public Path file() {
    return file;
  }

  boolean exists() {
    return Files.exists(file);
  }

  /** The command that makes it, for a person. */
  String command() {
    return String.join(" ", command(file));
  }

  private static List<String> command(Path target) {
    return List.of(
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:" + BITS,
        "-nodes",
        "-sha256",
        "-days",
        DAYS,
        "-subj",
        "/CN=tlswaiver relaxed listener",
        "-keyout",
        target.toString(),
        "-out",
        target + ".crt");
  }

  /**
   * Makes the key if there is none yet, or none that can be used.
   *
   * @param strict the public service's parameters, whose keys it must not be
   */
  void ensure(TlsParameters strict) throws HostException {
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      Optional<String> fault = fault(strict);
      if (fault.isEmpty()) {
        return;
      }
      LOG.warn("{} {}; a new one is made", file, fault.get());
    }
    make();
  }

  /** What is wrong with the file; empty if nothing is. */
  private Optional<String> fault(TlsParameters strict) throws HostException {
    try {
      PosixFileAttributes attributes =
          Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (!attributes.isRegularFile()) {
        return Optional.of("is not a file of its own");
      }
      if (!attributes.permissions().equals(OWNER_ONLY)
          || !attributes.owner().equals(Files.getOwner(file.getParent()))) {
        return Optional.of("may have been read by others");
      }
    } catch (IOException failure) {
      return Optional.of("can't be looked at: " + failure);
    }
    Optional<X509Certificate> certificate = Certificates.first(file);
    if (certificate.isEmpty() || !(certificate.get().getPublicKey() instanceof RSAPublicKey key)) {
      return Optional.of("holds no RSA certificate");
    }
    if (key.getModulus().bitLength() < BITS || !isKeyOf(key.getModulus())) {
      return Optional.of("holds no RSA key of its certificate");
    }
    if (certificate.get().getNotAfter().toInstant().isBefore(clock.instant().plus(LEFT))) {
      return Optional.of("ends at " + certificate.get().getNotAfter().toInstant());
    }
    return Certificates.publicKeys(strict).contains(key)
        ? Optional.of("is a key of the strict service")
        : Optional.empty();
  }

  private boolean isKeyOf(BigInteger modulus) throws HostException {
    Result result = programs.run("openssl", "rsa", "-noout", "-modulus", "-in", file.toString());
    String printed = result.out().strip().replaceFirst("^Modulus=", "");
    return result.isGood() && printed.equalsIgnoreCase(modulus.toString(16));
  }

  private void make() throws HostException {
    Path folder = file.getParent();
    Path made = file.resolveSibling("made.pem");
    Path certificate = file.resolveSibling("made.pem.crt");
    try {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
      Files.deleteIfExists(made);
      Result result = programs.run(command(made), Map.of(), "", Programs.USUAL);
      if (!result.isGood()) {
        throw new RejectedException(Stage.STAGE, "openssl made no key: " + result.said());
      }
      Files.setPosixFilePermissions(made, OWNER_ONLY);
      Files.writeString(
          made,
          Files.readString(made, StandardCharsets.US_ASCII)
              + Files.readString(certificate, StandardCharsets.US_ASCII));
      Files.delete(certificate);
      Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failure) {
      throw new RejectedException(Stage.STAGE, file + " can't be made: " + failure);
    }
  }
}
