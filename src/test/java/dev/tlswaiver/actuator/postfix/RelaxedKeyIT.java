package dev.tlswaiver.actuator.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.actuator.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The relaxed key on disk, with the real openssl(1). */
final class RelaxedKeyIT {
  @TempDir private Path folder;

  private final Programs programs = new ProcessPrograms();
  private RelaxedKey key = new RelaxedKey(Path.of("/"), programs, InstantSource.system());
  private Path file = Path.of("/");

  @BeforeEach
  void aKeyIsMade() throws Exception {
    key = new RelaxedKey(folder, programs, InstantSource.system());
    file = key.file();
    key.ensure(strict(Map.of()));
  }

  private static TlsParameters strict(Map<String, String> values) {
    return new TlsParameters(new PostfixVersion(3, 7), values);
  }

  private String text() throws IOException {
    return Files.readString(file);
  }

  private void assertMadeAnew(String before) throws Exception {
    key.ensure(strict(Map.of()));
    assertThat(text()).isNotEqualTo(before);
    assertSound();
    String made = text();
    key.ensure(strict(Map.of()));
    assertThat(text()).isEqualTo(made);
  }

  private void assertSound() throws IOException {
    assertThat(Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)).isTrue();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
        .isEqualTo("rwx------");
    assertThat(Certificates.first(file).orElseThrow().getPublicKey())
        .isInstanceOfSatisfying(
            RSAPublicKey.class, made -> assertThat(made.getModulus().bitLength()).isEqualTo(2048));
    assertThat(file.getParent()).isDirectoryNotContaining(other -> !other.equals(file));
  }

  @Test
  void itIsMadeOnceAndKept() throws Exception {
    assertSound();
    String made = text();
    key.ensure(strict(Map.of()));
    assertThat(text()).isEqualTo(made);
  }

  @Test
  void oneThatWasCutOffIsMadeAnew() throws Exception {
    String made = text();
    for (int length : new int[] {0, 100, made.indexOf("CERTIFICATE"), made.length() - 60}) {
      Files.writeString(file, made.substring(0, length));
      assertMadeAnew(made.substring(0, length));
    }
  }

  @Test
  void oneWhoseCertificateIsAnothersIsMadeAnew() throws Exception {
    String made = text();
    Files.delete(file);
    key.ensure(strict(Map.of()));
    int at = made.indexOf("-----BEGIN CERT");
    String mixed = made.substring(0, at) + text().substring(text().indexOf("-----BEGIN CERT"));
    Files.writeString(file, mixed);
    assertMadeAnew(mixed);
  }

  @Test
  void oneThatOthersMayHaveReadIsMadeAnew() throws Exception {
    for (String mode : new String[] {"rw-r-----", "rw-r--r--", "rw-------".replace('w', '-')}) {
      String made = text();
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
      assertMadeAnew(made);
    }
  }

  @Test
  void aLinkIsReplacedAndWhatItLedToStays() throws Exception {
    Path elsewhere = folder.resolve("elsewhere.pem");
    Files.move(file, elsewhere);
    String made = Files.readString(elsewhere);
    Files.createSymbolicLink(file, elsewhere);
    assertMadeAnew(made);
    assertThat(Files.readString(elsewhere)).isEqualTo(made);
    Files.delete(file);
    Files.createSymbolicLink(file, folder.resolve("nowhere"));
    key.ensure(strict(Map.of()));
    assertSound();
  }

  @Test
  void oneThatEndsSoonIsMadeAnew() throws Exception {
    String made = text();
    InstantSource later = InstantSource.fixed(Instant.now().plus(Duration.ofDays(3650 - 61)));
    new RelaxedKey(folder, programs, later).ensure(strict(Map.of()));
    assertThat(text()).isEqualTo(made);
    later = InstantSource.fixed(Instant.now().plus(Duration.ofDays(3650 - 59)));
    new RelaxedKey(folder, programs, later).ensure(strict(Map.of()));
    assertThat(text()).isNotEqualTo(made);
  }

  @Test
  void aKeyOfTheStrictServiceIsNeverServed() throws Exception {
    String made = text();
    Path copy = folder.resolve("strict.pem");
    Files.writeString(copy, made.substring(made.indexOf("-----BEGIN CERT")));
    for (String parameter : new String[] {"smtpd_tls_cert_file", "smtpd_tls_chain_files"}) {
      Files.writeString(file, made);
      key.ensure(strict(Map.of(parameter, copy.toString())));
      assertThat(text()).isNotEqualTo(made);
      assertSound();
    }
  }

  @Test
  void anEcdsaKeyIsNoKeyForOldSenders() throws Exception {
    programs.output(
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
        "/CN=x",
        "-keyout",
        file.toString(),
        "-out",
        folder.resolve("x.crt").toString());
    Files.writeString(file, text() + Files.readString(folder.resolve("x.crt")));
    assertMadeAnew(text());
  }
}
