package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Lab.HostState;
import dev.tlswaiver.lab.RunningTlswaiver;
import org.junit.jupiter.api.Test;

/** What becomes of the others when a waiver can't be put in force, on a real Postfix. */
final class TrialsIT {

  private static void take(Lab lab, int port) {
    lab.onHost(
        "perl",
        "-MIO::Socket::INET",
        "-e",
        "my $s = IO::Socket::INET->new(LocalPort => "
            + port
            + ", Listen => 1) or die;"
            + " exit 0 if fork; close STDOUT; close STDERR; sleep 600");
  }

  @Test
  void aPlanThatFailsForOneLeavesTheOthersOfTheBurstAlone() throws Exception {
    try (Lab lab = Lab.up()) {
      RunningTlswaiver agent = lab.run(lab.configure("settle: 40s")).awaitStart();
      take(lab, Lab.CIPHERS);
      lab.failThreeTimes(Lab.OLD, "tls1");
      lab.failThreeTimes(Lab.STATIC_RSA, "tls1_2-rsa");
      agent.await("waiver 2 PROPOSED -> FAILED .*port 10126 of the rung ciphers is taken");
      agent.await("waiver 1 PROPOSED -> ACTIVE .*rung=legacy");
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
      agent.stop();
    }
  }

  @Test
  void whoWasAskedGoesBackToThePublicServiceWhenItsPlanFails() throws Exception {
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      RunningTlswaiver agent = lab.run(lab.configure(Lab.ASKING)).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("waiver 1 PROPOSED -> DIAGNOSING");
      take(lab, Lab.LEGACY);
      assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
      agent.await("waiver 1 DIAGNOSING -> FAILED");
      Lab.await("no redirect", () -> lab.isAsBefore(before));
      assertThat(agent.output()).doesNotContain("the host differs from the ledger");
      agent.stop();
    }
  }
}
