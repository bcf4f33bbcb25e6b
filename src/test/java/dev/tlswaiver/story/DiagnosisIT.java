package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A sender is asked what it offers, and gets no more than it needs: on a real Postfix. */
final class DiagnosisIT {
  private static final String ONE_RULE =
      "rules: [{name: any, reasons: [no-shared-cipher, unsupported-protocol, version-too-low],"
          + " failures: 3, within: 1h, spread: 0s, rung: %s}]";

  @Test
  void itsHelloDecidesTheRungWhateverTheRuleSays() throws Exception {
    try (Lab lab = Lab.up()) {
      RunningTlswaiver agent =
          lab.run(lab.configure(Lab.ASKING, ONE_RULE.formatted("tls12"))).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("waiver 1 PROPOSED -> DIAGNOSING .*networks=198.51.100.10/32");
      // Nothing is relaxed yet: the listener that asks has the strict terms.
      assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
      agent.await("waiver 1 DIAGNOSING -> ACTIVE .*rung=legacy");
      assertThat(Files.readString(lab.maillog()))
          .containsPattern("tlswaiver-diagnose/smtpd.* SSL_accept error from mta1.oldbank");
      assertThat(lab.tlswaiver(lab.configuration(), "list", "--format", "json").output())
          .contains("\"version\": \"TLSv1\"")
          .contains("\"AES128-SHA\"")
          .contains("\"admitted_by\": \"legacy\"")
          .contains("The strict terms begin at TLSv1.2.");
      String queueId = lab.send(Lab.OLD, "tls1").orElseThrow();
      agent.await("waiver 1 ACTIVE -> PROVEN .* proof=TLSv1/\\S+/" + queueId);
    }
  }

  @Test
  void aSenderThatLacksASuiteOnlyGetsSuites() throws Exception {
    try (Lab lab = Lab.up()) {
      RunningTlswaiver agent =
          lab.run(lab.configure(Lab.ASKING, ONE_RULE.formatted("legacy"))).awaitStart();
      lab.failThreeTimes(Lab.STATIC_RSA, "tls1_2-rsa");
      agent.await("waiver 1 PROPOSED -> DIAGNOSING");
      assertThat(lab.send(Lab.STATIC_RSA, "tls1_2-rsa")).isEmpty();
      agent.await("waiver 1 DIAGNOSING -> ACTIVE .*rung=ciphers");
      assertThat(lab.send(Lab.STATIC_RSA, "tls1_2-rsa")).isPresent();
      agent.await("waiver 1 ACTIVE -> PROVEN .* proof=TLSv1.2/");
    }
  }

  @Test
  void aSenderThatIsUpgradedMeanwhileIsNoLongerWaived() throws Exception {
    try (Lab lab = Lab.up()) {
      Lab.HostState before = lab.hostState();
      RunningTlswaiver agent = lab.run(lab.configure(Lab.ASKING)).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("PROPOSED -> DIAGNOSING");
      assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
      agent.await("DIAGNOSING -> ACTIVE");
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
      agent.await("ACTIVE -> PROVEN");
      assertThat(lab.send(Lab.OLD, "modern")).isPresent();
      agent.await("PROVEN -> EXPIRED .*meets the strict terms");
      Lab.await("no trace", () -> lab.isAsBefore(before));
      assertThat(lab.send(Lab.OLD, "modern")).isPresent();
      assertThat(Files.readString(lab.maillog()))
          .containsPattern(
              "postfix/smtpd\\[\\d+\\]: \\S+ TLS connection established from mta1.old");
    }
  }

  @Test
  void aSenderThatNeedsLessThanItWasGivenStepsDown() throws Exception {
    try (Lab lab = Lab.up()) {
      RunningTlswaiver agent =
          lab.run(lab.configure(Lab.ASKING, ONE_RULE.formatted("legacy"))).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("PROPOSED -> DIAGNOSING");
      assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
      agent.await("DIAGNOSING -> ACTIVE .*rung=legacy");
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
      agent.await("ACTIVE -> PROVEN");
      // Half an upgrade: the protocol is new, the suites are old.
      assertThat(lab.send(Lab.OLD, "tls1_2-rsa")).isPresent();
      agent.await("waiver 1 PROVEN -> PROVEN .*rung=ciphers .*steps down from legacy");
      Lab.await("the redirect to the lower rung", lab::isInOrder);
      assertThat(lab.send(Lab.OLD, "tls1_2-rsa")).isPresent();
      assertThat(Files.readString(lab.maillog()))
          .containsPattern("tlswaiver-ciphers/smtpd.* TLS connection established from mta1.old");
    }
  }

  @Test
  void aSenderThatMetTheStrictTermsIsNotWeakened() throws Exception {
    try (Lab lab = Lab.up()) {
      Lab.HostState before = lab.hostState();
      RunningTlswaiver agent = lab.run(lab.configure(Lab.ASKING)).awaitStart();
      assertThat(lab.send(Lab.MODERN, "modern")).isPresent();
      lab.failThreeTimes(Lab.MODERN, "tls1");
      agent.await("waiver 1 REFUSED .*guard=strong-tls-memory");
      agent.await("alarm strong-tls-memory pool=modern.example");
      assertThat(lab.hostState()).isEqualTo(before);
    }
  }

  @Test
  void aProbeNeverGetsPastItsScore() throws Exception {
    try (Lab lab = Lab.up()) {
      Lab.HostState before = lab.hostState();
      RunningTlswaiver agent =
          lab.run(lab.configure(Lab.ASKING, ONE_RULE.formatted("legacy"))).awaitStart();
      // Nameless, no mail, one old version after the other within a minute.
      for (String protocol : new String[] {"sslv3", "tls1", "tls1_1", "tls1"}) {
        assertThat(lab.send(Lab.NAMELESS, protocol)).isEmpty();
      }
      agent.await("waiver 1 REFUSED .*guard=probe .*score");
      assertThat(lab.hostState()).isEqualTo(before);
    }
  }

  /** A client whose one group this host left out. */
  private static boolean comesWithP256(Lab lab, String protocol) {
    return lab.onSenders(
                List.of(
                    "sh",
                    "-c",
                    "echo QUIT | timeout 20 openssl s_client -starttls smtp -connect 192.0.2.25:25"
                        + " -bind 198.51.100.10:0 -curves P-256 "
                        + protocol))
            .exit()
        == 0;
  }

  @ParameterizedTest
  @CsvSource({
    // With static RSA too, so that relaxed terms would let it in.
    "-tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA, no-shared-cipher, ciphers",
    "-tls1_3, tls13-trouble, tls12"
  })
  void aSenderWhoseGroupThisHostLeftOutIsHelpedByASentenceAndNotRelaxed(
      String client, String reason, String rung) throws Exception {
    try (Lab lab = Lab.up()) {
      lab.onHost(
          "postconf", "-c", lab.postfix().toString(), "-e", "tls_eecdh_auto_curves = X25519");
      lab.onHost("postfix", "-c", lab.postfix().toString(), "reload");
      RunningTlswaiver agent =
          lab.run(
                  lab.configure(
                      Lab.ASKING,
                      "guards: {probe_score: 101}",
                      "rules: [{name: any, reasons: ["
                          + reason
                          + "], failures: 3, within: 1h, spread: 0s, rung: "
                          + rung
                          + "}]"))
              .awaitStart();
      for (int i = 0; i < 3; i++) {
        assertThat(comesWithP256(lab, client)).isFalse();
      }
      agent.await("waiver 1 PROPOSED -> DIAGNOSING");
      assertThat(comesWithP256(lab, client)).isFalse();
      agent.await("waiver 1 DIAGNOSING -> REFUSED .*tls_eecdh_auto_curves .*add one there");
      assertThat(agent.output()).doesNotContain("-> ACTIVE");
      // What was said lets it in.
      lab.onHost(
          "postconf",
          "-c",
          lab.postfix().toString(),
          "-e",
          "tls_eecdh_auto_curves = X25519 prime256v1");
      lab.onHost("postfix", "-c", lab.postfix().toString(), "reload");
      Lab.await("its handshake", () -> comesWithP256(lab, client));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "strong", "ultra"})
  void gradesThatThisPostfixDoesNotLookAtKeepNobodyOut(String grade) throws Exception {
    try (Lab lab = Lab.up()) {
      lab.onHost(
          "postconf", "-c", lab.postfix().toString(), "-e", "smtpd_tls_eecdh_grade = " + grade);
      lab.onHost("postfix", "-c", lab.postfix().toString(), "reload");
      Lab.await("its handshake", () -> comesWithP256(lab, "-tls1_3"));
      assertThat(comesWithP256(lab, "-tls1_2")).isTrue();
      assertThat(lab.tlswaiver(lab.configure(), "doctor").output())
          .doesNotContain("eecdh", "groups-few");
    }
  }
}
