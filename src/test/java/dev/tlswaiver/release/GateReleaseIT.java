package dev.tlswaiver.release;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Lab.HostState;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.nio.file.Files;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rule f on each release: postscreen, and the operator's restrictions, hold behind a waiver. */
final class GateReleaseIT {
  private static final String AT_THE_GATE = "tlswaiver-legacy/postscreen\\[\\d+\\]: ";

  /** With tests behind the greeting TLS ends in tlsproxy(8) first. */
  @ParameterizedTest
  @EnumSource
  void aNewcomerIsTestedOnceMoreAndAPartnerStillRelays(Release release) throws Exception {
    try (ReleaseHost host = ReleaseHost.up(release)) {
      Lab lab = host.lab();
      lab.onHost(
          "sh",
          "-ec",
          """
          postconf -MX smtp/inet
          postconf -M 'smtp/inet=smtp inet n - y - 1 postscreen'
          postconf -P smtp/inet/postscreen_greet_wait=1s
          postconf -M 'smtpd/pass=smtpd pass - - y - - smtpd'
          postconf -M 'tlsproxy/unix=tlsproxy unix - - y - 0 tlsproxy'
          postconf -e postscreen_bare_newline_enable=yes 'mynetworks=127.0.0.0/8 198.51.100.11/32' \\
              'postscreen_access_list=cidr:/etc/postfix/allowed.cidr' smtpd_delay_reject=no
          echo '127.0.0.0/8 permit' >/etc/postfix/allowed.cidr
          postfix stop
          postfix start
          """);
      HostState before = lab.hostState();
      host.configure("guards: {probe_score: 101}");
      RunningTlswaiver agent = host.run();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("waiver 1 PROPOSED -> DIAGNOSING");
      assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
      agent.await("waiver 1 DIAGNOSING -> ACTIVE .*rung=legacy");
      assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
      assertThat(Files.readString(lab.maillog()))
          .containsPattern(
              AT_THE_GATE + "NOQUEUE: reject: RCPT from \\[198.51.100.10\\]:\\d+: 450");
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
      agent.await("waiver 1 ACTIVE -> PROVEN");
      assertThat(lab.send(Lab.OLD, "tls1", "--to", "somebody@elsewhere.example")).isEmpty();

      assertThat(host.tlswaiver("grant", "198.51.100.11", "--rung", "legacy")).contains("ACTIVE");
      assertThat(lab.send(Lab.OLD_TOO, "tls1")).isEmpty();
      assertThat(lab.send(Lab.OLD_TOO, "tls1", "--to", "somebody@elsewhere.example")).isPresent();
      assertThat(Files.readString(lab.maillog())).doesNotContainPattern("(?:fatal|panic): ");

      agent.stop();
      host.tlswaiver("reset");
      assertThat(lab.hostState()).isEqualTo(before);
    }
  }
}
