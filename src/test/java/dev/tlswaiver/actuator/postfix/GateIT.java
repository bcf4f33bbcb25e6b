package dev.tlswaiver.actuator.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Lab.HostState;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * Rule f: the postscreen(8) that stands before the public service stands before a relaxed listener
 * too, on a real Postfix.
 */
final class GateIT {
  /** tlsproxy(8) tells no names, and who fails three times in a minute looks like a probe. */
  private static final String ANYBODY = "guards: {probe_score: 101}";

  private static final String AT_THE_GATE = "tlswaiver-legacy/postscreen\\[\\d+\\]: ";

  /** Puts postscreen before the public service, with these parameters. */
  private static void guard(Lab lab, String... parameters) throws IOException {
    Path master = lab.postfix().resolve("master.cf");
    String text = Files.readString(master, StandardCharsets.ISO_8859_1);
    Files.writeString(
        master,
        text.replaceFirst(
            "(?m)^smtp +inet .*\n",
            """
            smtp inet n - n - 1 postscreen
              -o postscreen_greet_wait=1s
            smtpd pass - - n - - smtpd
            tlsproxy unix - - n - 0 tlsproxy
            """),
        StandardCharsets.ISO_8859_1);
    for (String parameter : parameters) {
      lab.onHost("postconf", "-c", lab.postfix().toString(), "-e", parameter);
    }
    lab.stopPostfix();
    lab.startPostfix();
  }

  private static String log(Lab lab) throws IOException {
    return Files.readString(lab.maillog());
  }

  @Test
  void whomPostscreenRejectsItRejectsBehindTheWaiverToo() throws Exception {
    try (Lab lab = Lab.up()) {
      Path denied = lab.postfix().resolve("denied.cidr");
      Files.writeString(denied, "198.51.100.10/32 reject\n");
      guard(
          lab,
          "postscreen_access_list=permit_mynetworks, cidr:" + denied,
          "postscreen_blacklist_action=enforce");
      HostState before = lab.hostState();
      RunningTlswaiver agent = lab.run(lab.configure(ANYBODY)).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("PROPOSED -> ACTIVE .*networks=198.51.100.10/32 rung=legacy");
      assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
      assertThat(log(lab))
          .containsPattern(AT_THE_GATE + "NOQUEUE: reject: RCPT from \\[198.51.100.10\\]:\\d+: 550")
          .doesNotContainPattern(
              "tlswaiver-legacy/smtpd\\[\\d+\\]: connect from \\S*198.51.100.10");

      // Now its own words are known, before a waiver is made.
      assertThat(lab.tlswaiver(lab.configuration(), "revoke", "198.51.100.10").exit()).isZero();
      assertThat(
              lab.tlswaiver(lab.configuration(), "grant", "198.51.100.10", "--rung", "legacy")
                  .output())
          .contains("postscreen", "turned 198.51.100.10 away at", "\"550 5.");
      assertThat(lab.hostState()).isEqualTo(before);
      agent.stop();
    }
  }

  @Test
  void whereTheGreetingIsAllThatIsTestedAWaivedNewcomerPassesAtOnce() throws Exception {
    try (Lab lab = Lab.up()) {
      guard(lab, "postscreen_greet_action=enforce");
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("PROPOSED -> ACTIVE .*rung=legacy");
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
      agent.await("ACTIVE -> PROVEN");
      assertThat(log(lab)).containsPattern(AT_THE_GATE + "PASS NEW \\[198.51.100.10\\]");
      assertThat(lab.isInOrder()).isTrue();
      agent.stop();
    }
  }

  @Test
  void testsBehindTheGreetingCostANewcomerOneRetry() throws Exception {
    try (Lab lab = Lab.up()) {
      guard(lab, "postscreen_bare_newline_enable=yes");
      HostState before = lab.hostState();
      RunningTlswaiver agent =
          lab.run(
                  lab.configure(
                      ANYBODY, Lab.ASKING, "waiver: {lasts: 7d, longest: 30d, prove_within: 90s}"))
              .awaitStart();
      // TLS ends in tlsproxy(8), which names the failing peer and nobody's hello.
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("waiver 1 PROPOSED -> DIAGNOSING");
      assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
      agent.await("waiver 1 DIAGNOSING -> ACTIVE .*rung=legacy");
      assertThat(lab.tlswaiver(lab.configuration(), "show", "198.51.100.10").output())
          .contains("offers at most TLSv1");

      assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
      assertThat(log(lab))
          .containsPattern("tlswaiver-legacy/tlsproxy\\[\\d+\\]: \\S+ TLS connection established")
          .containsPattern(
              AT_THE_GATE + "NOQUEUE: reject: RCPT from \\[198.51.100.10\\]:\\d+: 450");
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
      agent.await("waiver 1 ACTIVE -> PROVEN");
      assertThat(log(lab)).containsPattern(AT_THE_GATE + "PASS OLD \\[198.51.100.10\\]");
      assertThat(agent.output()).doesNotContain("INEFFECTIVE");

      lab.tlswaiver(lab.configuration(), "revoke", "1");
      assertThat(lab.hostState()).isEqualTo(before);
      try (var data = Files.list(lab.postfix().resolveSibling("data"))) {
        assertThat(data.map(file -> file.getFileName().toString()))
            .noneMatch(name -> name.startsWith("tlswaiver"));
      }
      agent.stop();
    }
  }
}
