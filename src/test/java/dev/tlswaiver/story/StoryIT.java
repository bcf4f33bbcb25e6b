package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Lab.HostState;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StoryIT {

  @ParameterizedTest
  @CsvSource({
    "mta1.oldbank.example, tls1, legacy, 10127, TLSv1",
    "mta1.oldbank.example, tls1_1, legacy, 10127, TLSv1.1",
    "relay.static-rsa.example, tls1_2-rsa, ciphers, 10126, TLSv1.2"
  })
  void anOldSenderGetsItsMailThroughAndNobodyElseIsWeakened(
      String sender, String protocol, String rung, int port, String negotiated) throws Exception {
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      Path configuration = lab.configure();
      RunningTlswaiver agent = lab.run(configuration).awaitStart();

      lab.failThreeTimes(sender, protocol);
      agent.await("waiver 1 PROPOSED -> ACTIVE .* rung=" + rung);

      String queueId = lab.send(sender, protocol).orElseThrow();
      agent.await("waiver 1 ACTIVE -> PROVEN .* proof=" + negotiated + "/\\S+/" + queueId);

      assertThat(lab.send(Lab.MODERN, "modern")).isPresent();
      assertThat(Files.readString(lab.maillog()))
          .contains("postfix/tlswaiver-" + rung + "/smtpd")
          .doesNotContainPattern("postfix/tlswaiver-\\S+: connect from mail.modern.example")
          .containsPattern("postfix/smtpd\\[\\d+\\]: connect from mail.modern.example");
      assertThat(lab.send(Lab.UNLISTED, protocol)).isEmpty();
      assertThat(lab.canConnect(sender, port)).isFalse();
      assertThat(lab.canConnect(Lab.UNLISTED, port)).isFalse();
      assertThat(lab.tlswaiver(configuration, "plan").exit()).isZero();

      assertThat(lab.tlswaiver(configuration, "revoke", "1").output())
          .contains("PROVEN -> REVOKED");
      assertThat(lab.send(sender, protocol)).isEmpty();
      assertThat(lab.hostState()).isEqualTo(before);
      agent.stop();
    }
  }

  @Test
  void theReactionIsShownAndUnderASecond() throws Exception {
    try (Lab lab = Lab.up()) {
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      Lab.await("ready", () -> lab.get("/-/ready").contains("Ready."));
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("PROPOSED -> ACTIVE");
      Pattern sum = Pattern.compile("tlswaiver_reaction_seconds_sum ([0-9.E-]+)");
      Lab.await("the metric", () -> sum.matcher(lab.get("/metrics")).find());
      Matcher shown = sum.matcher(lab.get("/metrics"));
      assertThat(shown.find()).isTrue();
      assertThat(Double.parseDouble(shown.group(1))).isPositive();
      assertThat(lab.get("/metrics"))
          .contains("tlswaiver_waivers{rung=\"legacy\",state=\"ACTIVE\"} 1.0")
          .contains("tlswaiver_handshake_failures_total{reason=\"unsupported-protocol\"} 3.0");
    }
  }

  @Test
  void ipv6SendersAreHelpedToo() throws Exception {
    try (Lab lab = Lab.up()) {
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      for (int i = 0; i < 3; i++) {
        assertThat(lab.send(Lab.OLD, "tls1", "--ipv6")).isEmpty();
      }
      agent.await("PROPOSED -> ACTIVE .*networks=2001:db8:100::10/128");
      assertThat(lab.send(Lab.OLD, "tls1", "--ipv6")).isPresent();
      assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
    }
  }

  private static final String SSLV3_RULE =
      "rules: [{name: sslv3, reasons: [version-too-low], failures: 3, within: 1h, spread: 0s,"
          + " rung: %s}]";

  @Test
  void aSenderThatTheLibraryCantServeIsOfferedNoStarttls() throws Exception {
    try (Lab lab = Lab.up()) {
      RunningTlswaiver agent =
          lab.run(
                  lab.configure(
                      SSLV3_RULE.formatted("plaintext"),
                      "ladder: [{rung: diagnose, enabled: false, port: 10124},"
                          + " {rung: plaintext, enabled: true, port: 10129}]"))
              .awaitStart();
      lab.failThreeTimes(Lab.OLD, "sslv3");
      agent.await("PROPOSED -> ACTIVE .*rung=plaintext .*reason=version-too-low");
      // It would use STARTTLS if it were offered: the strict listener's is, and fails.
      assertThat(lab.send(Lab.OLD, "plain")).isPresent();
      agent.await("waiver 1 ACTIVE -> PROVEN");
      assertThat(Files.readString(lab.maillog()))
          .containsPattern("tlswaiver-plaintext/smtpd.* disconnect from .* ehlo=1 mail=1");
    }
  }

  @Test
  void aRungThatTheLibraryLacksIsRefusedWithItsReason() throws Exception {
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      RunningTlswaiver agent =
          lab.run(
                  lab.configure(
                      SSLV3_RULE.formatted("sslv3"),
                      "ladder: [{rung: diagnose, enabled: false, port: 10124},"
                          + " {rung: sslv3, enabled: true, port: 10128}]"))
              .awaitStart();
      lab.failThreeTimes(Lab.OLD, "sslv3");
      agent.await("waiver 1 REFUSED .*OpenSSL was built without SSLv3");
      assertThat(lab.hostState()).isEqualTo(before);
    }
  }

  @Test
  void theNextHostOfTheDomainJoinsWithoutAReload() throws Exception {
    try (Lab lab = Lab.up()) {
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("PROPOSED -> ACTIVE");
      assertThat(lab.send(Lab.OLD_TOO, "tls1")).isEmpty();
      Lab.await(
          "the second host in the set",
          () -> lab.onHost("nft", "list", "ruleset").contains("198.51.100.10/31"));
      assertThat(lab.send(Lab.OLD_TOO, "tls1")).isPresent();
      assertThat(Files.readString(lab.maillog()).split("reload -- version")).hasSize(2);
    }
  }

  @Test
  void aWaivedPeerMayNotRelay() throws Exception {
    try (Lab lab = Lab.up()) {
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("PROPOSED -> ACTIVE");
      assertThat(lab.send(Lab.OLD, "tls1", "--to", "somebody@elsewhere.example")).isEmpty();
      assertThat(Files.readString(lab.maillog()))
          .containsPattern("tlswaiver-legacy/smtpd.* 554 5.7.1 .*Relay access denied");
    }
  }

  @Test
  void aProvenWaiverExpiresByItself() throws Exception {
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      RunningTlswaiver agent =
          lab.run(lab.configure("waiver: {lasts: 20s, longest: 30d, prove_within: 48h}"))
              .awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("PROPOSED -> ACTIVE");
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
      agent.await("ACTIVE -> PROVEN");
      agent.await("PROVEN -> EXPIRED");
      Lab.await("no trace", () -> lab.isAsBefore(before));
      // A renewal needs what the first one needed.
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("waiver 2 PROPOSED -> ACTIVE .*finding=old-protocol\\(3 ");
    }
  }

  @Test
  void aWaiverWithoutProofIsTakenBack() throws Exception {
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      RunningTlswaiver agent =
          lab.run(lab.configure("waiver: {lasts: 7d, longest: 30d, prove_within: 2s}"))
              .awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("ACTIVE -> INEFFECTIVE .*no mail came before its deadline");
      Lab.await("no trace", () -> lab.isAsBefore(before));
    }
  }

  @Test
  void theKernelEndsTheRedirectWhenTheAgentIsDead() throws Exception {
    try (Lab lab = Lab.up()) {
      RunningTlswaiver agent =
          lab.run(lab.configure("waiver: {lasts: 6s, longest: 30d, prove_within: 48h}"))
              .awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("PROPOSED -> ACTIVE");
      agent.kill();
      Lab.await(
          "an empty set", () -> !lab.onHost("nft", "list", "ruleset").contains("198.51.100.10"));
      assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
    }
  }

  @Test
  void aRestartKeepsWhatWasGrantedAndWhatWasSeen() throws Exception {
    try (Lab lab = Lab.up()) {
      Path configuration = lab.configure();
      RunningTlswaiver agent = lab.run(configuration).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("PROPOSED -> ACTIVE");
      assertThat(lab.send(Lab.STATIC_RSA, "tls1_2-rsa")).isEmpty();
      assertThat(lab.send(Lab.STATIC_RSA, "tls1_2-rsa")).isEmpty();
      agent.kill();
      // Seen only by the next run, together with the two before it.
      assertThat(lab.send(Lab.STATIC_RSA, "tls1_2-rsa")).isEmpty();
      RunningTlswaiver next = lab.run(configuration).awaitStart();
      next.await("waiver 2 PROPOSED -> ACTIVE .*rung=ciphers");
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
      assertThat(lab.send(Lab.STATIC_RSA, "tls1_2-rsa")).isPresent();
      next.await("waiver 1 ACTIVE -> PROVEN");
    }
  }

  @Test
  void aFlushedRulesetIsHealed() throws Exception {
    try (Lab lab = Lab.up()) {
      Path configuration = lab.configure();
      RunningTlswaiver agent = lab.run(configuration).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("PROPOSED -> ACTIVE");
      agent.kill();
      lab.onHost("nft", "flush", "ruleset");
      assertThat(lab.tlswaiver(configuration, "plan").exit()).isEqualTo(3);
      lab.run(configuration).awaitStart();
      Lab.await(
          "the redirect", () -> lab.onHost("nft", "list", "ruleset").contains("198.51.100.10"));
    }
  }
}
