package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Programs.Result;
import dev.tlswaiver.actuator.RejectedException;
import dev.tlswaiver.actuator.Stage;
import dev.tlswaiver.waiver.Rung;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;

/**
 * The relaxed listeners' own RSA key and self-signed certificate, in one file. smtpd(8) reads it
 * while it is still root, so nobody else needs to.
 */
public final class RelaxedKey {
  private static final String DAYS = "3650";

  /** Rungs that change nothing about keys, or need none. */
  private static final Set<Rung> WITHOUT = Set.of(Rung.DIAGNOSE, Rung.PLAINTEXT);

  private final Path file;
  private final Programs programs;

  public RelaxedKey(Path stateDirectory, Programs programs) {
    this.file = stateDirectory.resolve("tls").resolve("relaxed.pem");
    this.programs = programs;
  }

  static boolean isNeededBy(Rung rung) {
    return !WITHOUT.contains(rung);
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
        "rsa:2048",
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

  /** Makes the key if there is none yet. */
  void ensure() throws HostException {
    if (exists()) {
      return;
    }
    Path made = file.resolveSibling("made.pem");
    Path certificate = file.resolveSibling("made.pem.crt");
    try {
      Files.createDirectories(
          file.getParent(),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Result result = programs.run(command(made), java.util.Map.of(), "", Programs.USUAL);
      if (!result.isGood()) {
        throw new RejectedException(Stage.STAGE, "openssl made no key: " + result.said());
      }
      Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-------"));
      Files.writeString(made, Files.readString(made) + Files.readString(certificate));
      Files.delete(certificate);
      Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException failure) {
      throw new RejectedException(Stage.STAGE, file + " can't be made: " + failure);
    }
  }
}
