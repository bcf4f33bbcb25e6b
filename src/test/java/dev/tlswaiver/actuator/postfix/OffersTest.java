package dev.tlswaiver.actuator.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Redirect;
import dev.tlswaiver.actuator.Settings;
import dev.tlswaiver.waiver.Rung;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OffersTest {
  /** What OpenSSL 3.0 prints. */
  private static final String NEW =
      """
                0x13,0x02 - TLS_AES_256_GCM_SHA384         TLSv1.3 Kx=any      Au=any   Enc=AESGCM(256)            Mac=AEAD
                0xC0,0x2C - ECDHE-ECDSA-AES256-GCM-SHA384  TLSv1.2 Kx=ECDH     Au=ECDSA Enc=AESGCM(256)            Mac=AEAD
                0x00,0x32 - DHE-DSS-AES128-SHA             SSLv3   Kx=DH       Au=DSS   Enc=AES(128)               Mac=SHA1
                0x00,0x34 - ADH-AES128-SHA                 SSLv3   Kx=DH       Au=None  Enc=AES(128)               Mac=SHA1
                0x00,0x94 - RSA-PSK-AES128-CBC-SHA         SSLv3   Kx=RSAPSK   Au=RSA   Enc=AES(128)               Mac=SHA1
      """;

  /** What OpenSSL 1.0.2 prints. */
  private static final String OLD =
      """
                0x00,0x05 - RC4-SHA                 SSLv3 Kx=RSA      Au=RSA  Enc=RC4(128)  Mac=SHA1
           0x01,0x00,0x80 - RC4-MD5                 SSLv2 Kx=RSA      Au=RSA  Enc=RC4(128)  Mac=MD5\s
                0xC0,0x0E - ECDH-RSA-AES128-SHA     SSLv3 Kx=ECDH/RSA Au=ECDH Enc=AES(128)  Mac=SHA1
                0x00,0x06 - EXP-RC2-CBC-MD5         SSLv3 Kx=RSA(512) Au=RSA  Enc=RC2(40)   Mac=MD5  export
      """;

  private static final String BROKEN =
      """
      -----BEGIN PRIVATE KEY-----
      AAAA
      -----END PRIVATE KEY-----
      -----BEGIN CERTIFICATE-----
      AAAA
      -----END CERTIFICATE-----
      """;

  /** The openssl command of another host: what it prints for a list that it does not refuse. */
  private record FakeOpenSsl(String printed, String refused) implements Programs {
    @Override
    public Result run(
        List<String> command, Map<String, String> environment, String input, Duration timeout) {
      assertThat(command).startsWith("openssl", "ciphers");
      return String.join(" ", command).contains(refused)
          ? new Result(1, "", "Error in cipher list")
          : new Result(0, printed, "");
    }
  }

  @Test
  void theLinesOfOpensslAreRead() throws Exception {
    assertThat(new OpenSsl(new FakeOpenSsl(NEW, "no")).suites("ALL"))
        .containsExactly(
            new OpenSsl.Suite(
                0x1302, "TLS_AES_256_GCM_SHA384", "TLSv1.3", "any", "any", "AESGCM(256)"),
            new OpenSsl.Suite(
                0xC02C, "ECDHE-ECDSA-AES256-GCM-SHA384", "TLSv1.2", "ECDH", "ECDSA", "AESGCM(256)"),
            new OpenSsl.Suite(0x0032, "DHE-DSS-AES128-SHA", "SSLv3", "DH", "DSS", "AES(128)"),
            new OpenSsl.Suite(0x0034, "ADH-AES128-SHA", "SSLv3", "DH", "None", "AES(128)"),
            new OpenSsl.Suite(
                0x0094, "RSA-PSK-AES128-CBC-SHA", "SSLv3", "RSAPSK", "RSA", "AES(128)"));
  }

  @Test
  void suitesWithoutSecrecyOrWithoutAnOtherSideAreWorthless() throws Exception {
    assertThat(new OpenSsl(new FakeOpenSsl(NEW, "no")).worthless("ALL"))
        .containsExactly("ADH-AES128-SHA");
    assertThat(new OpenSsl(new FakeOpenSsl(OLD, "@SECLEVEL")).worthless("ALL"))
        .containsExactly("EXP-RC2-CBC-MD5");
    assertThat(
            new OpenSsl.Suite(0x003B, "NULL-SHA256", "TLSv1.2", "RSA", "RSA", "None").isWorthless())
        .isTrue();
  }

  @Test
  void anOldOpensslKnowsNoSecurityLevelsAndHasSuitesOfSslv2() throws Exception {
    assertThat(new OpenSsl(new FakeOpenSsl(OLD, "@SECLEVEL")).suites("ALL"))
        .extracting(OpenSsl.Suite::number, OpenSsl.Suite::authentication)
        .containsExactly(
            org.assertj.core.api.Assertions.tuple(0x0005, "RSA"),
            org.assertj.core.api.Assertions.tuple(0xC00E, "ECDH"),
            org.assertj.core.api.Assertions.tuple(0x0006, "RSA"));
  }

  @Test
  void theVersionsAreThoseThatTheCommandTakes() throws Exception {
    assertThat(new OpenSsl(new FakeOpenSsl(NEW, "-ssl3")).versions())
        .containsExactly(0x0301, 0x0302, 0x0303, 0x0304);
    // An old one takes the unknown option -tls1_3 for a list, and the next word for a better one.
    assertThat(new OpenSsl(new FakeOpenSsl(OLD, "@SECLEVEL")).versions())
        .containsExactly(0x0300, 0x0301, 0x0302, 0x0303);
  }

  @Test
  void aListThatIsRefusedSelectsNothing() throws Exception {
    assertThat(new OpenSsl(new FakeOpenSsl(NEW, "NOSUCH")).suites("NOSUCH")).isEmpty();
  }

  @Test
  void whereTheHostCantBeAskedThereAreNoOffers(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("master.cf"), "smtp inet n - n - - smtpd\n");
    Programs absent =
        (command, environment, input, timeout) -> {
          throw new HostException(command.get(0) + " can't be started");
        };
    assertThat(Capabilities.of(Optional.of(settings(folder)), absent).offers()).isEmpty();
    Programs openssl = new FakeOpenSsl(NEW, "-ssl3");
    Capabilities withoutPostfix =
        Capabilities.of(Optional.of(settings(folder.resolve("nowhere"))), openssl);
    assertThat(withoutPostfix.offers()).isEmpty();
    assertThat(withoutPostfix.impossible()).containsOnlyKeys(Rung.SSLV3);
    assertThat(Capabilities.of(Optional.empty(), openssl)).isEqualTo(withoutPostfix);
  }

  private static Settings settings(Path folder) {
    return new Settings(folder, Optional.empty(), Map.of(), Redirect.NONE, folder);
  }

  private static TlsParameters parameters(String... pairs) {
    Map<String, String> values = new java.util.HashMap<>();
    for (String pair : pairs) {
      String[] halves = pair.split("=", 2);
      values.put(halves[0], halves[1]);
    }
    return new TlsParameters(new PostfixVersion(3, 7), values);
  }

  @Test
  void theLevelDecidesWhichParametersCount() {
    String[] both = {
      "smtpd_tls_protocols=TLSv1", "smtpd_tls_mandatory_protocols=TLSv1.2", "smtpd_use_tls=yes"
    };
    assertThat(parameters(both).protocols()).isEqualTo("TLSv1");
    for (String mandatory :
        List.of(
            "smtpd_tls_security_level=Encrypt",
            "smtpd_tls_security_level=verify",
            "smtpd_enforce_tls=yes",
            "smtpd_tls_wrappermode=yes")) {
      TlsParameters parameters = parameters(both[0], both[1], mandatory);
      assertThat(parameters.protocols()).as(mandatory).isEqualTo("TLSv1.2");
      assertThat(parameters.offersTls()).as(mandatory).isTrue();
    }
    // The old parameters count only where the new one is empty.
    assertThat(
            parameters("smtpd_tls_security_level=may", "smtpd_enforce_tls=yes", both[0])
                .protocols())
        .isEqualTo("TLSv1");
    assertThat(parameters("smtpd_tls_security_level=none", both[2]).offersTls()).isFalse();
    assertThat(parameters(both[2]).offersTls()).isTrue();
    assertThat(parameters().offersTls()).isFalse();
  }

  @Test
  void exclusionsStandBehindTheListOfTheGrade() {
    assertThat(
            parameters(
                    "smtpd_tls_security_level=may",
                    "smtpd_tls_ciphers=High",
                    "tls_high_cipherlist=HIGH",
                    "smtpd_tls_exclude_ciphers=aNULL, kRSA:RC4",
                    "smtpd_tls_mandatory_exclude_ciphers=DES",
                    "smtpd_tls_ask_ccert=yes")
                .cipherList())
        .contains("HIGH:!aNULL:!kRSA:!RC4:!aNULL");
    assertThat(
            parameters(
                    "smtpd_tls_security_level=encrypt",
                    "smtpd_tls_mandatory_ciphers=low",
                    "tls_low_cipherlist=ALL",
                    "smtpd_tls_mandatory_exclude_ciphers=DES")
                .cipherList())
        .contains("ALL:!DES");
    assertThat(parameters("smtpd_tls_ciphers=strong").cipherList()).isEmpty();
    assertThat(parameters("smtpd_tls_ciphers=high", "smtpd_tls_exclude_ciphers=+RC4").cipherList())
        .isEmpty();
  }

  @Test
  void aCertificateThatCantBeReadMayBeOfEitherKind(@TempDir Path folder) throws Exception {
    Path ours = folder.resolve("relaxed.pem");
    Path broken = Files.writeString(folder.resolve("broken.pem"), BROKEN);
    for (String unreadable :
        List.of(
            "smtpd_tls_cert_file=" + folder.resolve("absent.pem"),
            "smtpd_tls_cert_file=" + broken,
            "smtpd_tls_chain_files=" + broken,
            "smtpd_tls_chain_files=" + folder)) {
      assertThat(Certificates.kinds(parameters(unreadable), ours))
          .as(unreadable)
          .containsExactlyInAnyOrder("RSA", "ECDSA");
    }
    // Ours is made when it is needed.
    assertThat(Certificates.kinds(parameters("smtpd_tls_cert_file=" + ours), ours))
        .containsExactly("RSA");
    assertThat(Certificates.kinds(parameters("smtpd_tls_cert_file=none"), ours)).isEmpty();
    assertThat(Certificates.kinds(parameters(), ours)).isEmpty();
  }

  @Test
  void gradesThatAreGoneMeanMedium() {
    Map<String, String> values =
        Map.of("smtpd_tls_ciphers", "export", "tls_medium_cipherlist", "MEDIUM");
    assertThat(new TlsParameters(new PostfixVersion(3, 8), values).cipherList()).contains("MEDIUM");
  }
}
