package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Lab.HostState;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The guard "reachable and safe": reading rules is no proof. The handshakes are real, and so is
 * what is in their way; only the log's time and the host's clock are moved on.
 */
final class RedirectIT {
  private static final Pattern LAST_TICK =
      Pattern.compile("(?m)^tlswaiver_last_tick_timestamp_seconds (.*)$");

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

  private static String list(Lab lab) throws IOException {
    return lab.tlswaiver(lab.configuration(), "list").output();
  }

  /** Whether the agent has looked at its waivers by a clock that is so far ahead. */
  private static boolean ticksAhead(Lab lab, Duration duration) {
    Matcher tick = LAST_TICK.matcher(lab.get("/metrics"));
    return tick.find()
        && Double.parseDouble(tick.group(1))
            > Instant.now().plus(duration).minusSeconds(60).getEpochSecond();
  }

  @Test
  void whoIsSeenNowhereThoughItCameBackBeforeEndsItsWaiverWithinHoursAndTheDoctorNamesIt()
      throws Exception {
    try (Lab lab = Lab.up()) {
      RedatedLog log = new RedatedLog(lab);
      RunningTlswaiver agent = lab.runByClock(lab.configure(log.configuration())).awaitStart();
      for (int minutesAgo : List.of(50, 25, 0)) {
        assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
        assertThat(lab.send(Lab.UNLISTED, "tls1")).isEmpty();
        log.pass(2, Duration.ofMinutes(minutesAgo));
      }
      agent.await("PROPOSED -> ACTIVE pool=oldbank.example");
      agent.await("PROPOSED -> ACTIVE pool=elsewhere.example");
      // Out of sight of this host's rules: no line tells that it tried, and none that it did not.
      lab.onSenders(
          List.of(
              "nft",
              "add table ip way; add chain ip way out { type filter hook output priority 0; };"
                  + " add rule ip way out ip saddr 198.51.100.10 drop"));
      assertThat(lab.canConnect(Lab.OLD, 25)).isFalse();
      assertThat(lab.send(Lab.UNLISTED, "tls1")).isPresent();
      log.pass(1, Duration.ZERO);
      agent.await("ACTIVE -> PROVEN pool=elsewhere.example");

      lab.setClockForward(Duration.ofHours(5));
      Lab.await("a look by the new clock", () -> ticksAhead(lab, Duration.ofHours(5)));
      assertThat(list(lab)).contains("oldbank.example");
      lab.setClockForward(Duration.ofHours(6).plusMinutes(1));
      agent.await(
          "ACTIVE -> \\w+ pool=oldbank.example .*the redirect may not work: oldbank.example came"
              + " every 25 minutes and was not seen on any port since it was waived at ");
      Lab.await(
          "no redirect of it",
          () -> !lab.onHost("nft", "list", "ruleset").contains("198.51.100.10"));
      assertThat(list(lab)).contains("elsewhere.example").doesNotContain("oldbank.example");
      assertThat(lab.tlswaiver(lab.configuration(), "doctor").output())
          .contains("ended: the redirect may not work: oldbank.example came every 25 minutes");
    }
  }
}
