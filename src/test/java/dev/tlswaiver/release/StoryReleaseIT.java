package dev.tlswaiver.release;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Lab.HostState;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.nio.file.Files;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The story of examples/demo.sh, on each release. */
final class StoryReleaseIT {

  @ParameterizedTest
  @EnumSource
  void anOldSenderIsDiagnosedWaivedProvenAndNoTraceIsLeft(Release release) throws Exception {
    try (ReleaseHost host = ReleaseHost.up(release)) {
      Lab lab = host.lab();
      assertThat(lab.onHost("postconf", "-h", "mail_version")).startsWith(release.postfix + ".");
      assertThat(lab.onHost("openssl", "version")).startsWith("OpenSSL " + release.openssl);
      assertThat(lab.outputOnHost("java", "-version"))
          .contains("version \"" + release.javaVersion + ".");
      assertThat(lab.onHost("postconf", "-M", "smtp/inet")).containsPattern("inet +n +- +y ");
      HostState before = lab.hostState();

      RunningTlswaiver dry = host.run("--dry-run");
      lab.failThreeTimes(Lab.OLD, "tls1");
      dry.await("elements = .*198\\.51\\.100\\.10").stop();
      assertThat(lab.hostState()).isEqualTo(before);
      assertThat(lab.root().resolve("var/lib/tlswaiver/tls")).doesNotExist();

      RunningTlswaiver agent = host.run();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("waiver 1 PROPOSED -> DIAGNOSING");
      assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
      agent.await("waiver 1 DIAGNOSING -> ACTIVE .*rung=legacy");
      String queueId = lab.send(Lab.OLD, "tls1").orElseThrow();
      agent.await("waiver 1 ACTIVE -> PROVEN .* proof=TLSv1/\\S+/" + queueId);
      assertThat(host.tlswaiver("plan")).contains("Nothing to change.");
      assertThat(host.tlswaiver("show", "oldbank.example")).contains("TLSv1");

      assertThat(lab.send(Lab.MODERN, "modern")).isPresent();
      assertThat(Files.readString(lab.maillog()))
          .containsPattern("postfix/smtpd\\[\\d+\\]: \\S+ TLS connection established from mail.mod")
          .doesNotContain("tlswaiver-legacy/smtpd: connect from mail.modern")
          .doesNotContainPattern("(?:fatal|panic): ");
      assertThat(lab.send(Lab.UNLISTED, "tls1")).isEmpty();
      assertThat(lab.canConnect(Lab.OLD, Lab.LEGACY)).isFalse();
      assertThat(lab.send(Lab.OLD, "tls1", "--to", "somebody@elsewhere.example")).isEmpty();

      agent.stop();
      host.tlswaiver("reset");
      assertThat(lab.hostState()).isEqualTo(before);
      assertThat(lab.onHost("nft", "list", "tables")).isBlank();
      assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
      assertThat(lab.send(Lab.MODERN, "modern")).isPresent();
    }
  }
}
