package dev.tlswaiver.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.excerpt.ExcerptReader;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.rule.Rule;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ExplainerTest {
  private static final Rule RULE =
      new Rule(
          "no-shared-cipher",
          Set.of(Reason.NO_SHARED_CIPHER),
          Optional.empty(),
          3,
          Duration.ofHours(1),
          Duration.ZERO);

  private static List<Explanation.Line> explain(List<String> lines) {
    Explainer explainer = new Explainer(new ExcerptReader(ZoneOffset.UTC), List.of(RULE));
    lines.forEach(line -> explainer.accept(line, Instant.parse("2026-12-01T00:00:00Z")));
    return explainer.finish().lines();
  }

  /** Record, peer and reason of each line. */
  private static List<String> facts(String text) {
    return explain(text.lines().toList()).stream()
        .map(
            line ->
                line.record().word()
                    + line.peer().flatMap(Peer::address).map(ip -> " " + ip).orElse("")
                    + line.reason().map(reason -> " " + reason.label()).orElse(""))
        .toList();
  }

  /** Postfix masks ASCII's controls alone where a client may say UTF-8 (smtputf8_enable). */
  @Test
  void aTerminalDoesNotObeyWhatAClientSaid() {
    Explainer explainer = new Explainer(new ExcerptReader(ZoneOffset.UTC), List.of(RULE));
    explainer.accept(
        "Mar  1 10:00:00 mx postfix/smtpd[31]: NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 450"
            + " 4.1.8 <\u009b2J\u202eevil@\u001b[31mx>: Sender\taddress rejected",
        Instant.parse("2026-12-01T00:00:00Z"));
    assertThat(explainer.finish().text())
        .contains("<?2J?evil@?[31mx>: Sender\taddress rejected\n")
        .doesNotContain("\u009b", "\u202e", "\u001b");
  }

  @Test
  void theLinesOfAFailureShareItsSenderAndReason() {
    assertThat(
            facts(
                """
                Mar  1 10:00:00 mx postfix/smtpd[31]: connect from a.example[192.0.2.1]
                Mar  1 10:00:00 mx postfix/smtpd[32]: connect from b.example[192.0.2.2]
                Mar  1 10:00:01 mx postfix/smtpd[32]: SSL_accept error from b.example[192.0.2.2]: -1
                Mar  1 10:00:01 mx postfix/smtpd[31]: SSL_accept error from a.example[192.0.2.1]: lost connection
                Mar  1 10:00:01 mx postfix/smtpd[32]: warning: TLS library problem: error:0A0000C1:SSL routines::no shared cipher:x.c:1:
                Mar  1 10:00:02 mx postfix/smtpd[32]: lost connection after STARTTLS from b.example[192.0.2.2]
                Mar  1 10:00:02 mx postfix/smtpd[32]: disconnect from b.example[192.0.2.2]
                Mar  1 10:00:03 mx postfix/qmgr[5]: 4F6D0629C: removed
                """))
        .containsExactly(
            "connect 192.0.2.1",
            "connect 192.0.2.2",
            "accept-error 192.0.2.2 no-shared-cipher",
            "accept-error 192.0.2.1 disconnected",
            "library-problem 192.0.2.2 no-shared-cipher",
            "lost-connection 192.0.2.2",
            "disconnect 192.0.2.2",
            "other");
  }

  @Test
  void aSingleQuotedLineIsReadByItself() {
    assertThat(
            facts(
                "> warning: TLS library problem: 364:error:140760FC:SSL routines:"
                    + "SSL23_GET_CLIENT_HELLO:unknown protocol:s23_srvr.c:647:"))
        .containsExactly("library-problem unknown-protocol");
    assertThat(facts("what is this?")).containsExactly("unrecognized");
  }

  @Test
  void theSentenceNamesTheSettingAndTheRule() {
    List<Explanation.Line> lines =
        explain(
            List.of(
                "postfix/smtpd[32]: SSL_accept error from b.example[192.0.2.2]: -1",
                "postfix/smtpd[32]: warning: TLS library problem: error:0A0000C1:SSL routines::no"
                    + " shared cipher:x.c:1:"));
    assertThat(lines.get(0).sentence())
        .contains("smtpd_tls_exclude_ciphers")
        .endsWith("It counts for the rule no-shared-cipher.");
    assertThat(
            explain(
                    List.of(
                        "postfix/submission/smtpd[32]: SSL_accept error from b.example[192.0.2.2]:"
                            + " lost connection"))
                .get(0)
                .sentence())
        .endsWith("which is never counted.");
  }

  @Test
  void aFaultOfOurOwnIsNoSenders() {
    assertThat(
            facts(
                """
                Mar  1 10:00:00 mx postfix/smtpd[32]: warning: cannot get RSA certificate from file "/x": disabling TLS support
                Mar  1 10:00:00 mx postfix/smtpd[32]: warning: TLS library problem: error:80000002:system library::No such file or directory:x.c:1:
                Mar  1 10:00:02 mx postfix/smtpd[32]: connect from b.example[192.0.2.2]
                """))
        .containsExactly("own-fault", "library-problem own-fault", "connect 192.0.2.2");
  }

  @Test
  void linesWithoutAnyHeaderAreJoinedByTheirOrder() {
    String log =
        """
        warning: run-time library vs. compile-time header version mismatch: OpenSSL 3.3.0 may not be compatible with OpenSSL 3.1.0
        connect from probe.example.net[198.51.100.40]
        SSL_accept error from probe.example.net[198.51.100.40]: -1
        warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:ssl/statem/statem_srvr.c:1743:
        lost connection after STARTTLS from probe.example.net[198.51.100.40]
        """;
    assertThat(facts(log))
        .containsExactly(
            "other",
            "connect 198.51.100.40",
            "accept-error 198.51.100.40 unsupported-protocol",
            "library-problem 198.51.100.40 unsupported-protocol",
            "lost-connection 198.51.100.40");
    // So they are among lines that have one, and no session of a process is disturbed.
    assertThat(
            facts(
                log.replace(
                    "SSL_accept",
                    """
                    Mar  1 10:00:00 mx postfix/smtpd[5]: connect from b.example[192.0.2.2]
                    Mar  1 10:00:00 mx postfix/smtpd[5]: disconnect from b.example[192.0.2.2]
                    SSL_accept""")))
        .containsExactly(
            "other",
            "connect 198.51.100.40",
            "connect 192.0.2.2",
            "disconnect 192.0.2.2",
            "accept-error 198.51.100.40 unsupported-protocol",
            "library-problem 198.51.100.40 unsupported-protocol",
            "lost-connection 198.51.100.40");
  }

  @Test
  void theGroupsAreToldWhereTheyAreTheCause() {
    String body =
        "0303"
            + "00".repeat(32)
            + "00"
            + "0002"
            + "1301"
            + "0100"
            + "0011"
            + "002b0003020304"
            + "000a0006000411ec0201";
    String message = "01" + "%06x".formatted(body.length() / 2) + body;
    String bytes = "160301" + "%04x".formatted(message.length() / 2) + message;
    StringBuilder log = new StringBuilder();
    String head = "Mar  1 10:00:00 mx postfix/smtpd[32]: ";
    log.append(head).append("connect from b.example[192.0.2.2]\n");
    log.append(head)
        .append(
            "read from 5632BE8206E0 [5632BE8129E0] (%d bytes => %d (0x1))\n"
                .formatted(bytes.length() / 2, bytes.length() / 2));
    for (int at = 0; at < bytes.length(); at += 32) {
      String row = bytes.substring(at, Math.min(bytes.length(), at + 32));
      log.append(head)
          .append("%04x ".formatted(at / 2))
          .append(row.replaceAll("(..)", "$1 "))
          .append("   ....\n");
    }
    log.append(head).append("SSL_accept error from b.example[192.0.2.2]: -1\n");
    log.append(head)
        .append(
            "warning: TLS library problem: error:0A000065:SSL routines::no suitable key"
                + " share:x.c:1:\n");
    log.append(head).append("lost connection after STARTTLS from b.example[192.0.2.2]\n");
    assertThat(explain(log.toString().lines().toList()).stream().map(Explanation.Line::sentence))
        .filteredOn(sentence -> sentence.contains("no suitable key share"))
        .hasSize(2)
        .allSatisfy(
            sentence ->
                assertThat(sentence)
                    .contains("it offered TLSv1.3 with the groups X25519MLKEM768 MLKEM768."));
  }

  @Test
  void aVersionWithoutSuitesIsSaid() throws Exception {
    assertThat(
            explain(Files.readAllLines(Path.of("src/test/resources/maillog/hello-of-11-bytes.log")))
                .stream()
                .map(Explanation.Line::sentence))
        .anySatisfy(
            sentence ->
                assertThat(sentence)
                    .contains("it offered SSLv3 at most, and OpenSSL did not look at its suites"));
  }

  @Test
  void whatNeedsASenderIsNoFaultOfOursThoughTheSenderIsMissing() {
    String line =
        "Mar  1 10:00:00 mx postfix/smtpd[32]: warning: TLS library problem:"
            + " error:0A0000C1:SSL routines::no shared cipher:x.c:1:";
    assertThat(facts(line + "\n" + line))
        .containsExactly("library-problem no-shared-cipher", "library-problem no-shared-cipher");
    assertThat(explain(List.of(line)).get(0).sentence())
        .startsWith("OpenSSL's cause for a handshake of which no other line is here")
        .endsWith("No sender is known, so it counts for nothing.");
    assertThat(
            facts(
                """
                postfix/smtpd[33]: warning: TLS library problem: error:0A0000C1:SSL routines::no shared cipher:x.c:1:
                postfix/smtpd[33]: lost connection after STARTTLS from b.example[192.0.2.2]
                """))
        .containsExactly("library-problem 192.0.2.2 no-shared-cipher", "lost-connection 192.0.2.2");
  }

  @Test
  void theSentencesOfAProcessThatServesManySaySo() {
    assertThat(
            explain(List.of("postfix/tlsproxy[32]: CONNECT from [192.0.2.1]:4711"))
                .get(0)
                .sentence())
        .isEqualTo("unknown[192.0.2.1] connected; this process serves others at the same time.");
    assertThat(
            explain(List.of("postfix/smtpd[32]: SSL_accept error from b.example[192.0.2.2]: -1"))
                .get(0)
                .sentence())
        .contains(" failed, the line with the cause is missing (other)");
    assertThat(
            explain(
                    List.of(
                        "postfix/smtpd[32]: SSL_accept error from b.example[192.0.2.2]: -1",
                        "postfix/smtpd[32]: lost connection after STARTTLS from"
                            + " b.example[192.0.2.2]"))
                .get(0)
                .sentence())
        .contains(" failed, with nothing but the number -1 (disconnected)");
  }

  @Test
  void theOfferOfASenderIsTold() throws Exception {
    List<Explanation.Line> lines =
        explain(
            Files.readAllLines(
                Path.of("src/test/resources/maillog/postfix26-ossl101e-strict3-short.log"),
                StandardCharsets.ISO_8859_1));
    assertThat(lines.stream().filter(line -> line.hello().isPresent())).hasSize(6);
    assertThat(lines.stream().map(Explanation.Line::sentence))
        .anySatisfy(
            sentence -> assertThat(sentence).contains("it offered TLSv1 and DES-CBC3-SHA (gone)"));
  }

  @ParameterizedTest
  @EnumSource(Reason.class)
  void everyReasonHasASentence(Reason reason) {
    assertThat(ReasonText.of(reason)).hasSizeGreaterThan(20).doesNotEndWith(".");
  }
}
