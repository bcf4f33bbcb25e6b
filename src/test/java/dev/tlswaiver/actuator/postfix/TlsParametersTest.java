package dev.tlswaiver.actuator.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.actuator.HostException;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What releases and libraries that no laboratory has make of a setting. */
final class TlsParametersTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2.6.6  | none   | ''                                                  | 23 24 25 29",
        "2.11.11| strong | ''                                                  | 23",
        "3.5.25 | ultra  | X25519 prime256v1                                   | 24",
        "3.5.25 | none   | X25519                                              | 23 24 25 29",
        "3.5.25 | auto   | X25519 prime256v1                                   | 23 29",
        "3.6.4  | ultra  | X25519 X448 prime256v1 secp521r1 secp384r1          | 23 24 25 29 30",
        "3.7.11 | none   | x25519,P-384                                        | 24 29",
        "3.7.11 | auto   | ''                                                  | 23 24 25 29",
        "3.7.11 | auto   | brainpoolP256r1                                     | 23 24 25 29",
        "3.11.7 | auto   | ?X25519MLKEM768:DEFAULT                             | 23 24 25 29 4588",
        "3.11.7 | auto   | *X25519MLKEM768 / *X25519:secp256r1                 | 23 29 4588"
      })
  void theGroupsOfARelease(String release, String grade, String curves, String groups)
      throws HostException {
    TlsParameters parameters =
        new TlsParameters(
            PostfixVersion.parse(release),
            Map.of(
                "smtpd_tls_eecdh_grade",
                grade,
                "tls_eecdh_auto_curves",
                curves,
                "tls_eecdh_strong_curve",
                "prime256v1",
                "tls_eecdh_ultra_curve",
                "secp384r1"));
    assertThat(
            parameters.groups().stream()
                .sorted()
                .map(String::valueOf)
                .collect(Collectors.joining(" ")))
        .isEqualTo(groups);
  }
}
