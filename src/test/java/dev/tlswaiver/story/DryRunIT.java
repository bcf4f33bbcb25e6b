package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Lab.HostState;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class DryRunIT {

  @Test
  void aDryRunPrintsTheWholePlanAndTouchesNothing() throws Exception {
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      Path configuration = lab.configure();
      RunningTlswaiver agent = lab.run(configuration, "--dry-run").awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent
          .await("proposal 1: rung legacy for oldbank.example \\(198.51.100.10/32\\): 3 failures")
          .await("\\+198.51.100.10 tlswaiver_waived")
          .await("\\+  -o smtpd_tls_protocols=!SSLv2,!SSLv3")
          .await("postmap hash:")
          .await("postfix -c \\S+ reload")
          .await("elements = \\{ 198.51.100.10 timeout 604800s \\}");
      agent.stop();
      assertThat(lab.hostState()).isEqualTo(before);
      assertThat(lab.state()).doesNotExist();
    }
  }

  @Test
  void observingTouchesNothingButItsLedger() throws Exception {
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      Path configuration = lab.configure("mode: observe");
      RunningTlswaiver agent = lab.run(configuration).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("proposal 1: rung legacy").await("postfix -c \\S+ reload");
      assertThat(lab.hostState()).isEqualTo(before);
      try (Stream<Path> files = Files.list(lab.state())) {
        assertThat(files.map(file -> file.getFileName().toString()))
            .allMatch(name -> name.matches("(ledger\\.db|memory\\.key|agent\\.lock|sqlite).*"));
      }
      assertThat(lab.tlswaiver(configuration, "plan").exit()).isEqualTo(3);
      assertThat(lab.tlswaiver(configuration, "list").output()).contains("PROPOSED  legacy");
      assertThat(lab.hostState()).isEqualTo(before);
    }
  }

  @Test
  void aProposalWaitsForTheOperatorsWord() throws Exception {
    try (Lab lab = Lab.up()) {
      Path configuration = lab.configure("mode: propose");
      RunningTlswaiver agent = lab.run(configuration).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("waiver 1 PROPOSED");
      assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
      assertThat(lab.tlswaiver(configuration, "approve", "1").output())
          .contains("PROPOSED -> ACTIVE");
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
    }
  }

  @Test
  void resetRemovesEveryTraceOnceTheAgentIsStopped() throws Exception {
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      Path configuration = lab.configure();
      RunningTlswaiver agent = lab.run(configuration).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("PROPOSED -> ACTIVE");
      Lab.CommandResult refused = lab.tlswaiver(configuration, "reset");
      assertThat(refused.exit()).isEqualTo(1);
      assertThat(refused.output()).contains("another tlswaiver").contains("stop it first");
      agent.stop();
      assertThat(lab.tlswaiver(configuration, "reset", "--dry-run").exit()).isEqualTo(3);
      assertThat(lab.tlswaiver(configuration, "reset").exit()).isZero();
      assertThat(lab.hostState()).isEqualTo(before);
      assertThat(lab.tlswaiver(configuration, "reset").output()).contains("Nothing to remove.");
      assertThat(lab.tlswaiver(configuration, "list", "--all").output()).contains("REVOKED");
    }
  }
}
