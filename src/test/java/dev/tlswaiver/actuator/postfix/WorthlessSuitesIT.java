package dev.tlswaiver.actuator.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whatever main.cf offers: no rung takes an anonymous, unencrypted or export suite. */
final class WorthlessSuitesIT {
  private static final Map<String, String> WAIVED =
      Map.of(
          "198.51.100.10", "diagnose",
          "198.51.100.11", "tls12",
          "198.51.100.20", "ciphers",
          "203.0.113.40", "legacy");

  private static boolean isIn(Lab lab, String address, String options) {
    return lab.onSenders(
                List.of(
                    "sh",
                    "-c",
                    "timeout 20 openssl s_client -starttls smtp -connect 192.0.2.25:25 -bind "
                        + address
                        + ":0 "
                        + options
                        + " </dev/null >/dev/null 2>&1"))
            .exit()
        == 0;
  }

  @Test
  void theyAreRefusedOnEachRung() throws Exception {
    try (Lab lab = Lab.up()) {
      for (String parameter :
          List.of(
              "smtpd_tls_ciphers=medium",
              "smtpd_tls_exclude_ciphers=",
              "smtpd_tls_mandatory_exclude_ciphers=",
              "smtpd_tls_protocols=",
              "tls_medium_cipherlist=ALL:COMPLEMENTOFALL:eNULL:aNULL:EXPORT:LOW")) {
        lab.onHost("postconf", "-c", lab.postfix().toString(), "-e", parameter);
      }
      lab.onHost("postfix", "-c", lab.postfix().toString(), "reload");
      RunningTlswaiver agent =
          lab.run(
                  lab.configure(
                      "ladder: [{rung: diagnose, enabled: true, port: 10124},"
                          + " {rung: tls12, enabled: true, port: 10125}]"))
              .awaitStart();
      for (Map.Entry<String, String> entry : WAIVED.entrySet()) {
        assertThat(
                lab.tlswaiver(
                        lab.configuration(),
                        "grant",
                        entry.getKey(),
                        "--rung",
                        entry.getValue(),
                        "--force")
                    .output())
            .as(entry.toString())
            .contains("PROPOSED -> ");
      }
      String all = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";
      List<String> worthless =
          List.of("aNULL:@SECLEVEL=0", "eNULL:@SECLEVEL=0", "AECDH-NULL-SHA:@SECLEVEL=0");
      // The public service, as this operator has it, takes them: the test can fail.
      for (String list : worthless) {
        assertThat(isIn(lab, "198.51.100.30", "-tls1_2 -cipher " + list)).as(list).isTrue();
      }
      for (Map.Entry<String, String> entry : WAIVED.entrySet()) {
        assertThat(isIn(lab, entry.getKey(), "-tls1_2 -cipher " + all))
            .as(entry.getValue())
            .isTrue();
        for (String list : worthless) {
          for (String version : List.of("-tls1_2", "-tls1")) {
            assertThat(isIn(lab, entry.getKey(), version + " -cipher " + list))
                .as(entry.getValue() + " " + version + " " + list)
                .isFalse();
          }
        }
      }
      agent.stop();
    }
  }
}
