package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Lab.HostState;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * The guard "reachable and safe": reading rules is no proof. The handshakes are real, and so is
 * what is in their way; only the log's time is moved on.
 *
 * <p>That a sender stays away for hours is judged by the host's clock, which no test may set:
 * {@code RedirectWatchTest} has it.
 */
final class RedirectIT {
  @Test
  void whoIsSeenAtThePublicPortAgainLosesAWaiverThatDoesNotHoldWhatItPromises() throws Exception {
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      RedatedLog log = new RedatedLog(lab);
      RunningTlswaiver agent = lab.run(lab.configure(log.configuration())).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      log.pass(3, Duration.ZERO);
      agent.await("PROPOSED -> ACTIVE pool=oldbank.example");
      // A connection is translated once: who comes first has it.
      lab.onHost(
          "nft",
          "add table ip mine; add chain ip mine first { type nat hook prerouting priority -110; };"
              + " add rule ip mine first ip saddr 198.51.100.10 tcp dport 25 redirect to :25");

      assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
      log.pass(1, Duration.ofMinutes(-6));
      assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
      log.pass(1, Duration.ofMinutes(-9));
      agent.await(
          "ACTIVE -> \\w+ .*the redirect does not work: 198.51.100.10 is waived and came to the"
              + " public port all the same");
      lab.onHost("nft", "delete table ip mine");
      Lab.await("no trace", () -> lab.isAsBefore(before));
      // Nor is it waived again for a day, only for that to fail again.
      lab.failThreeTimes(Lab.OLD, "tls1");
      log.pass(3, Duration.ofMinutes(-10));
      agent.await("waiver 2 REFUSED .*guard=reachable .*the redirect does not work");
      assertThat(lab.hostState()).isEqualTo(before);
    }
  }
}
