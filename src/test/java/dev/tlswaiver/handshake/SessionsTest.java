package dev.tlswaiver.handshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tlswaiver.excerpt.ExcerptReader;
import dev.tlswaiver.handshake.Observation.Delivery;
import dev.tlswaiver.handshake.Observation.Ended;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Observation.OwnFault;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.maillog.SmtpdRecord;
import dev.tlswaiver.maillog.SyslogMessage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SessionsTest {
  private static final Instant REFERENCE = Instant.parse("2026-12-01T00:00:00Z");

  private static List<Observation> observe(Iterable<String> lines) {
    ExcerptReader parser = new ExcerptReader(ZoneOffset.UTC);
    Sessions sessions = new Sessions();
    List<Observation> seen = new ArrayList<>();
    lines.forEach(
        line ->
            parser
                .parse(line, REFERENCE)
                .ifPresent(message -> seen.addAll(sessions.accept(message))));
    seen.addAll(sessions.finish());
    return seen;
  }

  /** One line for each handshake, delivery and fault, short enough to compare. */
  private static List<String> story(Iterable<String> lines) {
    List<String> story = new ArrayList<>();
    for (Observation seen : observe(lines)) {
      if (seen instanceof Handshake handshake) {
        String address = handshake.peer().address().map(Object::toString).orElse("unknown");
        story.add(address + " " + words(handshake.outcome()));
      } else if (seen instanceof Delivery delivery) {
        story.add(
            delivery.peer().address().orElseThrow()
                + " mail "
                + delivery.queueId()
                + delivery.tls().map(tls -> " " + tls.protocol()).orElse(" plain"));
      } else if (seen instanceof OwnFault fault) {
        story.add("fault " + fault.text());
      }
    }
    return story;
  }

  private static String words(Outcome outcome) {
    if (outcome instanceof Failed failed) {
      return failed.reason().label()
          + failed.openssl().map(code -> " " + code).orElse("")
          + (failed.late() ? " late" : "");
    }
    return outcome instanceof Completed completed ? completed.protocol() : "unknown";
  }

  @Test
  void libraryProblemIsBlamedOnThePeerOfItsProcess() {
    assertThat(
            story(
                """
                Mar  1 10:00:00 mx postfix/smtpd[31]: connect from a.example[192.0.2.1]
                Mar  1 10:00:00 mx postfix/smtpd[32]: connect from b.example[192.0.2.2]
                Mar  1 10:00:01 mx postfix/smtpd[32]: SSL_accept error from b.example[192.0.2.2]: -1
                Mar  1 10:00:01 mx postfix/smtpd[31]: SSL_accept error from a.example[192.0.2.1]: -1
                Mar  1 10:00:01 mx postfix/smtpd[32]: warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:x.c:1:
                Mar  1 10:00:01 mx postfix/smtpd[31]: warning: TLS library problem: error:0A0000C1:SSL routines::no shared cipher:x.c:1:
                Mar  1 10:00:01 mx postfix/smtpd[31]: disconnect from a.example[192.0.2.1]
                Mar  1 10:00:02 mx postfix/smtpd[32]: lost connection after STARTTLS from b.example[192.0.2.2]
                """
                    .lines()
                    .toList()))
        .containsExactly(
            "192.0.2.1 no-shared-cipher 0A0000C1", "192.0.2.2 unsupported-protocol 0A000102");
  }

  @Test
  void theSecondErrorOfTheRecordLayerSaysNothing() {
    assertThat(
            story(
                """
                Mar  1 10:00:01 mx postfix/smtpd[32]: SSL_accept error from b.example[192.0.2.2]: -1
                Mar  1 10:00:01 mx postfix/smtpd[32]: warning: TLS library problem: error:0A0000C6:SSL routines::packet length too long:x.c:1:
                Mar  1 10:00:01 mx postfix/smtpd[32]: warning: TLS library problem: error:0A000139:SSL routines::record layer failure:x.c:1:
                Mar  1 10:00:02 mx postfix/smtpd[32]: lost connection after STARTTLS from b.example[192.0.2.2]
                """
                    .lines()
                    .toList()))
        .containsExactly("192.0.2.2 not-tls 0A0000C6");
  }

  @Test
  void aLibraryProblemOfNobodyIsOurOwn() {
    assertThat(
            story(
                """
                Mar  1 10:00:01 mx postfix/smtpd[32]: warning: TLS library problem: error:80000002:system library::No such file or directory:x.c:1:
                Mar  1 10:00:02 mx postfix/smtpd[32]: connect from b.example[192.0.2.2]
                Mar  1 10:00:03 mx postfix/smtpd[32]: disconnect from b.example[192.0.2.2]
                """
                    .lines()
                    .toList()))
        .containsExactly("fault TLS library problem: No such file or directory");
  }

  @Test
  void aCauseWithoutAnyPeerIsAnUnknownPeers() {
    assertThat(
            story(
                """
                Mar  1 10:00:01 mx postfix/smtpd[32]: warning: TLS library problem: error:0A0000C1:SSL routines::no shared cipher:x.c:1:
                Mar  1 10:00:02 mx postfix/smtpd[33]: warning: TLS library problem: error:0A0000C6:SSL routines::packet length too long:x.c:1:
                Mar  1 10:00:02 mx postfix/smtpd[33]: warning: TLS library problem: error:0A000139:SSL routines::record layer failure:x.c:1:
                Mar  1 10:00:09 mx postfix/smtpd[33]: warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:x.c:1:
                Mar  1 10:00:10 mx postfix/smtpd[34]: warning: TLS library problem: error:0A0000B1:SSL routines::no certificate assigned:x.c:1:
                Mar  1 10:00:10 mx postfix/tlsproxy[35]: warning: TLS library problem: error:0A00018C:SSL routines::version too low:x.c:1:
                Mar  1 10:00:19 mx postfix/tlsproxy[35]: warning: TLS library problem: error:0A0000C1:SSL routines::no shared cipher:x.c:1:
                """
                    .lines()
                    .toList()))
        .containsExactlyInAnyOrder(
            "unknown no-shared-cipher 0A0000C1",
            "unknown not-tls 0A0000C6",
            "unknown unsupported-protocol 0A000102",
            "fault TLS library problem: no certificate assigned",
            "unknown version-too-low 0A00018C",
            "unknown no-shared-cipher 0A0000C1");
  }

  @Test
  void aCauseWithinASessionIsItsPeers() {
    // Neither the line with the error nor sums: Postfix before 3.0, with lines left out.
    assertThat(
            story(
                """
                Mar  1 10:00:01 mx postfix/smtpd[32]: connect from a.example[192.0.2.1]
                Mar  1 10:00:01 mx postfix/smtpd[32]: warning: TLS library problem: 32:error:1408A0C1:SSL routines:SSL3_GET_CLIENT_HELLO:no shared cipher:s3_srvr.c:1387:
                Mar  1 10:00:01 mx postfix/smtpd[32]: lost connection after STARTTLS from a.example[192.0.2.1]
                Mar  1 10:00:01 mx postfix/smtpd[32]: disconnect from a.example[192.0.2.1]
                Mar  1 10:00:02 mx postfix/smtpd[32]: connect from b.example[192.0.2.2]
                Mar  1 10:00:02 mx postfix/smtpd[32]: warning: TLS library problem: 32:error:140760FC:SSL routines:SSL23_GET_CLIENT_HELLO:unknown protocol:s23_srvr.c:647:
                Mar  1 10:00:02 mx postfix/smtpd[32]: lost connection after STARTTLS from b.example[192.0.2.2]
                Mar  1 10:00:03 mx postfix/smtpd[32]: connect from c.example[192.0.2.3]
                Mar  1 10:00:03 mx postfix/smtpd[32]: warning: TLS library problem: 32:error:140760FC:SSL routines:SSL23_GET_CLIENT_HELLO:unknown protocol:s23_srvr.c:647:
                Mar  1 10:00:03 mx postfix/smtpd[32]: connect from d.example[192.0.2.4]
                """
                    .lines()
                    .toList()))
        .containsExactly(
            "192.0.2.1 no-shared-cipher 1408A0C1",
            "192.0.2.2 unknown-protocol 140760FC",
            "unknown unknown-protocol 140760FC");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "client_ip",
        "***",
        "...",
        "xx.xx.xx.xx",
        "192.0.xxx.xxx",
        "[redacted]",
        "<ip>",
        "<client name>[<ip>]",
        "unknown[client_ip]",
        "hostname[ip]",
        "***[***]",
        "REDACTED"
      })
  void aPeerThatIsBlottedOutIsUnknown(String peer) {
    assertThat(
            story(
                """
                Mar  1 10:00:01 mx postfix/smtpd[32]: connect from PEER
                Mar  1 10:00:01 mx postfix/smtpd[32]: SSL_accept error from PEER: -1
                Mar  1 10:00:01 mx postfix/smtpd[32]: warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:x.c:1:
                Mar  1 10:00:01 mx postfix/smtpd[32]: lost connection after STARTTLS from PEER
                Mar  1 10:00:01 mx postfix/smtpd[32]: disconnect from PEER ehlo=1 starttls=0/1 commands=1/2
                """
                    .replace("PEER", peer)
                    .lines()
                    .toList()))
        .containsExactly("unknown unsupported-protocol 0A000102");
    assertThat(
            observe(
                List.of(
                    "Mar  1 10:00:01 mx postfix/smtpd[32]: connect from " + peer,
                    "Mar  1 10:00:01 mx postfix/smtpd[32]: SSL_accept error from "
                        + peer
                        + ": -1")))
        .singleElement()
        .satisfies(seen -> assertThat(((Handshake) seen).peer().name()).isEmpty());
  }

  @Test
  void twoQuotedLinesThatSayWhyAndWhoAreAFailure() {
    assertThat(
            story(
                """
                postfix/smtpd[32]: warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:x.c:1:
                postfix/smtpd[32]: lost connection after STARTTLS from b.example[192.0.2.2]
                """
                    .lines()
                    .toList()))
        .containsExactly("192.0.2.2 unsupported-protocol 0A000102");
  }

  @Test
  void anErrorAtStartIsNotThePeersThatLeavesLater() {
    assertThat(
            story(
                """
                Mar  1 10:00:01 mx postfix/smtpd[32]: warning: TLS library problem: error:80000002:system library::No such file or directory:x.c:1:
                Mar  1 10:00:01 mx postfix/smtpd[32]: lost connection after STARTTLS from b.example[192.0.2.2]
                Mar  1 10:00:02 mx postfix/smtpd[33]: warning: TLS library problem: error:0A0000C1:SSL routines::no shared cipher:x.c:1:
                Mar  1 10:07:03 mx postfix/smtpd[33]: lost connection after STARTTLS from c.example[192.0.2.3]
                """
                    .lines()
                    .toList()))
        .containsExactly(
            "fault TLS library problem: No such file or directory",
            "unknown no-shared-cipher 0A0000C1");
  }

  @Test
  void aReasonThatAnEditorCutIsKnownByItsNumber() {
    assertThat(
            story(
                """
                postfix/smtpd[32]: SSL_accept error from b.example[192.0.2.2]: -1
                postfix/smtpd[32]: warning: TLS library problem: error:140760FC:SSL routines:SSL23_GET_CLIENT_HELLO:unknown pr$
                """
                    .lines()
                    .toList()))
        .containsExactly("192.0.2.2 unknown-protocol 140760FC");
  }

  @Test
  void aPeerThatRejectsOurCertificateAfterwardsFailedLate() {
    assertThat(
            story(
                """
                Mar  1 10:00:01 mx postfix/smtpd[32]: connect from b.example[192.0.2.2]
                Mar  1 10:00:01 mx postfix/smtpd[32]: Anonymous TLS connection established from b.example[192.0.2.2]: TLSv1.3 with cipher X (256/256 bits)
                Mar  1 10:00:02 mx postfix/smtpd[32]: warning: TLS library problem: error:0A000418:SSL routines::tlsv1 alert unknown ca:x.c:1:SSL alert number 48:
                Mar  1 10:00:02 mx postfix/smtpd[32]: lost connection after STARTTLS from b.example[192.0.2.2]
                """
                    .lines()
                    .toList()))
        .containsExactly("192.0.2.2 TLSv1.3", "192.0.2.2 certificate-rejected 0A000418 late");
  }

  @Test
  void leavingAfterASuccessIsNoFailure() {
    assertThat(
            story(
                """
                Mar  1 10:00:01 mx postfix/smtpd[32]: connect from b.example[192.0.2.2]
                Mar  1 10:00:01 mx postfix/smtpd[32]: Anonymous TLS connection established from b.example[192.0.2.2]: TLSv1.3 with cipher X (256/256 bits)
                Mar  1 10:00:02 mx postfix/smtpd[32]: lost connection after STARTTLS from b.example[192.0.2.2]
                """
                    .lines()
                    .toList()))
        .containsExactly("192.0.2.2 TLSv1.3");
  }

  @Test
  void mailIsProofOfWhatItsOwnSessionNegotiated() {
    assertThat(
            story(
                """
                Mar  1 10:00:01 mx postfix/smtpd[32]: connect from b.example[192.0.2.2]
                Mar  1 10:00:01 mx postfix/smtpd[32]: Anonymous TLS connection established from b.example[192.0.2.2]: TLSv1 with cipher X (256/256 bits)
                Mar  1 10:00:01 mx postfix/smtpd[32]: 4F6D0629C: client=b.example[192.0.2.2]
                Mar  1 10:00:02 mx postfix/smtpd[32]: disconnect from b.example[192.0.2.2]
                Mar  1 10:00:03 mx postfix/smtpd[32]: connect from c.example[192.0.2.3]
                Mar  1 10:00:03 mx postfix/smtpd[32]: 4F6D0629D: client=c.example[192.0.2.3]
                """
                    .lines()
                    .toList()))
        .containsExactly(
            "192.0.2.2 TLSv1", "192.0.2.2 mail 4F6D0629C TLSv1", "192.0.2.3 mail 4F6D0629D plain");
  }

  @Test
  void aReusedPidAfterHoursIsAnotherProcess() {
    assertThat(
            story(
                """
                Mar  1 10:00:01 mx postfix/smtpd[32]: connect from b.example[192.0.2.2]
                Mar  1 10:00:01 mx postfix/smtpd[32]: Anonymous TLS connection established from b.example[192.0.2.2]: TLSv1 with cipher X (256/256 bits)
                Mar  1 16:00:01 mx postfix/smtpd[32]: warning: TLS library problem: error:0A000418:SSL routines::tlsv1 alert unknown ca:x.c:1:SSL alert number 48:
                """
                    .lines()
                    .toList()))
        .containsExactly("192.0.2.2 TLSv1", "unknown certificate-rejected 0A000418");
  }

  @Test
  void theEndOfASessionTellsItsCommands() {
    assertThat(
            observe(
                List.of(
                    "Mar  1 10:00:02 mx postfix/smtpd[32]: disconnect from b.example[192.0.2.2]"
                        + " commands=0/0")))
        .singleElement()
        .satisfies(end -> assertThat(((Ended) end).commands()).contains(0));
  }

  @Test
  void aCauseThatStandsBeforeItsFailureIsItsCause() {
    assertThat(
            story(
                """
                Mar  1 10:00:01 mx postfix/smtpd[32]: connect from a.example[192.0.2.1]
                Mar  1 10:00:01 mx postfix/smtpd[32]: warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:x.c:1:
                Mar  1 10:00:01 mx postfix/smtpd[32]: SSL_accept error from a.example[192.0.2.1]: -1
                Mar  1 10:00:01 mx postfix/smtpd[32]: lost connection after STARTTLS from a.example[192.0.2.1]
                Mar  1 10:00:01 mx postfix/smtpd[32]: disconnect from a.example[192.0.2.1] ehlo=1 starttls=0/1 commands=1/2
                Mar  1 10:00:02 mx postfix/smtpd[33]: warning: TLS library problem: error:0A0000C1:SSL routines::no shared cipher:x.c:1:
                Mar  1 10:00:02 mx postfix/smtpd[33]: SSL_accept error from b.example[192.0.2.2]: -1
                Mar  1 10:00:09 mx postfix/smtpd[33]: warning: TLS library problem: error:0A00018C:SSL routines::version too low:x.c:1:
                """
                    .lines()
                    .toList()))
        .containsExactly(
            "192.0.2.1 unsupported-protocol 0A000102",
            "192.0.2.2 no-shared-cipher 0A0000C1",
            "unknown version-too-low 0A00018C");
  }

  @Test
  void ofTwoCausesAtOnceTheOneBehindTheFailureCounts() {
    assertThat(
            story(
                """
                Mar  1 10:00:01 mx postfix/smtpd[32]: connect from a.example[192.0.2.1]
                Mar  1 10:00:01 mx postfix/smtpd[32]: warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:x.c:1:
                Mar  1 10:00:01 mx postfix/smtpd[32]: SSL_accept error from a.example[192.0.2.1]: -1
                Mar  1 10:00:01 mx postfix/smtpd[32]: warning: TLS library problem: error:0A0000C1:SSL routines::no shared cipher:x.c:1:
                Mar  1 10:00:01 mx postfix/smtpd[32]: lost connection after STARTTLS from a.example[192.0.2.1]
                """
                    .lines()
                    .toList()))
        .containsExactly("192.0.2.1 no-shared-cipher 0A0000C1");
  }

  /** Rule c: what stands before a failure may be another's, or another matter. */
  @Test
  void aCauseBeforeAFailureIsNotTheNextPeers() {
    assertThat(
            story(
                """
                Mar  1 10:00:01 mx postfix/smtpd[32]: connect from a.example[192.0.2.1]
                Mar  1 10:00:01 mx postfix/smtpd[32]: warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:x.c:1:
                Mar  1 10:00:01 mx postfix/smtpd[32]: SSL_accept error from b.example[192.0.2.2]: -1
                Mar  1 10:00:01 mx postfix/smtpd[32]: disconnect from b.example[192.0.2.2] ehlo=1 starttls=0/1 commands=1/2
                Mar  1 10:00:02 mx postfix/smtpd[33]: connect from c.example[192.0.2.3]
                Mar  1 10:00:02 mx postfix/smtpd[33]: warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:x.c:1:
                Mar  1 10:00:09 mx postfix/smtpd[33]: SSL_accept error from c.example[192.0.2.3]: -1
                Mar  1 10:00:09 mx postfix/smtpd[33]: disconnect from c.example[192.0.2.3] ehlo=1 starttls=0/1 commands=1/2
                Mar  1 10:00:10 mx postfix/smtpd[34]: warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:x.c:1:
                Mar  1 10:00:10 mx postfix/smtpd[34]: connect from d.example[192.0.2.4]
                Mar  1 10:00:10 mx postfix/smtpd[34]: SSL_accept error from d.example[192.0.2.4]: -1
                Mar  1 10:00:10 mx postfix/smtpd[34]: disconnect from d.example[192.0.2.4] ehlo=1 starttls=0/1 commands=1/2
                Mar  1 10:00:11 mx postfix/smtpd[35]: connect from e.example[192.0.2.5]
                Mar  1 10:00:11 mx postfix/smtpd[35]: warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:x.c:1:
                Mar  1 10:00:11 mx postfix/smtpd[35]: SSL_accept error from e.example[192.0.2.5]: lost connection
                Mar  1 10:00:11 mx postfix/smtpd[35]: disconnect from e.example[192.0.2.5] ehlo=1 starttls=0/1 commands=1/2
                """
                    .lines()
                    .toList()))
        .containsExactly(
            "192.0.2.2 other",
            "192.0.2.3 other",
            "unknown unsupported-protocol 0A000102",
            "192.0.2.4 other",
            "192.0.2.5 disconnected");
  }

  @Test
  void aCauseWhoseEndsAreMissingIsNotTheNextPeersThatLeaves() {
    assertThat(
            story(
                """
                Mar  1 10:00:03 mx postfix/smtpd[32]: warning: TLS library problem: error:0A0000C1:SSL routines::no shared cipher:x.c:1:
                Mar  1 10:00:04 mx postfix/smtpd[32]: NOQUEUE: lost connection after STARTTLS from b.example[192.0.2.2]
                Mar  1 10:00:04 mx postfix/smtpd[32]: disconnect from b.example[192.0.2.2] ehlo=1 commands=1
                """
                    .lines()
                    .toList()))
        .containsExactly("unknown no-shared-cipher 0A0000C1");
  }

  @Test
  void aCauseOfAnotherTimeIsNotThatOfAFailureWithoutAnEnd() {
    String failure =
        "Mar  1 10:00:02 mx postfix/smtpd[32]: SSL_accept error from a.example[192.0.2.1]: -1\n";
    String cause =
        "Mar  1 10:00:03 mx postfix/smtpd[32]: warning: TLS library problem: error:0A0000C1:SSL routines::no shared cipher:x.c:1:\n";
    String next = "Mar  1 10:00:09 mx postfix/smtpd[32]: connect from c.example[192.0.2.3]\n";
    String end =
        "Mar  1 10:00:03 mx postfix/smtpd[32]: lost connection after STARTTLS from a.example[192.0.2.1]\n";
    assertThat(story((failure + cause + next).lines().toList()))
        .containsExactly("192.0.2.1 other", "unknown no-shared-cipher 0A0000C1");
    assertThat(story((failure + cause).lines().toList()))
        .containsExactly("192.0.2.1 other", "unknown no-shared-cipher 0A0000C1");
    // The clock may go on between the two.
    assertThat(story((failure + cause + end + next).lines().toList()))
        .containsExactly("192.0.2.1 no-shared-cipher 0A0000C1");
  }

  @Test
  void aCauseOfAnotherTimeIsNotThatOfATlsproxysNextPeer() {
    assertThat(
            story(
                """
                Mar  1 10:00:03 mx postfix/tlsproxy[32]: warning: TLS library problem: error:0A0000C1:SSL routines::no shared cipher:x.c:1:
                Mar  1 10:00:09 mx postfix/tlsproxy[32]: TLS handshake failed for service=smtpd peer=[192.0.2.2]:4000
                """
                    .lines()
                    .toList()))
        .doesNotContain("192.0.2.2 no-shared-cipher 0A0000C1")
        .contains("unknown no-shared-cipher 0A0000C1");
  }

  @Test
  void aCauseAfterAGapIsNobodys() {
    // The lines of the second peer's beginning are lost: its cause is not the first peer's.
    assertThat(
            story(
                """
                Mar  1 10:00:01 mx postfix/smtpd[32]: connect from a.example[192.0.2.1]
                Mar  1 10:00:01 mx postfix/smtpd[32]: SSL_accept error from a.example[192.0.2.1]: -1
                Mar  1 10:00:09 mx postfix/smtpd[32]: warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:x.c:1:
                Mar  1 10:00:09 mx postfix/smtpd[32]: lost connection after STARTTLS from b.example[192.0.2.2]
                Mar  1 10:00:09 mx postfix/smtpd[32]: disconnect from b.example[192.0.2.2] ehlo=1 starttls=0/1 commands=1/2
                """
                    .lines()
                    .toList()))
        .containsExactly("192.0.2.1 other");
  }

  @Test
  void aLateCauseAfterAGapIsNobodys() {
    assertThat(
            story(
                """
                Mar  1 10:00:01 mx postfix/smtpd[32]: connect from a.example[192.0.2.1]
                Mar  1 10:00:01 mx postfix/smtpd[32]: Anonymous TLS connection established from a.example[192.0.2.1]: TLSv1.3 with cipher X (256/256 bits)
                Mar  1 10:00:09 mx postfix/smtpd[32]: warning: TLS library problem: error:0A000418:SSL routines::tlsv1 alert unknown ca:x.c:1:SSL alert number 48:
                Mar  1 10:00:09 mx postfix/smtpd[32]: disconnect from b.example[192.0.2.2] ehlo=1 starttls=0/1 commands=1/2
                """
                    .lines()
                    .toList()))
        .containsExactly("192.0.2.1 TLSv1.3");
  }

  @Test
  void aNumberWhoseLineWasLostIsNoDisconnect() {
    assertThat(
            story(
                """
                Mar  1 10:00:01 mx postfix/smtpd[32]: connect from a.example[192.0.2.1]
                Mar  1 10:00:01 mx postfix/smtpd[32]: SSL_accept error from a.example[192.0.2.1]: -1
                Mar  1 10:00:01 mx postfix/smtpd[32]: lost connection after STARTTLS from a.example[192.0.2.1]
                Mar  1 10:00:01 mx postfix/smtpd[32]: disconnect from a.example[192.0.2.1] ehlo=1 starttls=0/1 commands=1/2
                """
                    .lines()
                    .toList()))
        .containsExactly("192.0.2.1 other");
  }

  @Test
  void atLevelZeroASuccessIsKnownByItsSum() {
    assertThat(
            story(
                """
                Mar  1 10:00:01 mx postfix/smtpd[32]: connect from a.example[192.0.2.1]
                Mar  1 10:00:01 mx postfix/smtpd[32]: disconnect from a.example[192.0.2.1] ehlo=2 starttls=1 quit=1 commands=4
                Mar  1 10:00:02 mx postfix/smtpd[32]: connect from b.example[192.0.2.2]
                Mar  1 10:00:02 mx postfix/smtpd[32]: disconnect from b.example[192.0.2.2] ehlo=1 starttls=0/1 quit=1 commands=2/3
                """
                    .lines()
                    .toList()))
        .containsExactly("192.0.2.1 unknown");
  }

  private static final String PROXY =
      "Mar  1 10:00:01 mx postfix/tlswaiver-diagnose/tlsproxy[32]: ";

  private static List<String> dumped(String address) {
    return List.of(
        PROXY + "CONNECT from [" + address + "]:4711",
        PROXY + "read from 5632BE8206E0 [5632BE8129E0] (11 bytes => 11 (0xB))",
        PROXY + "0000 16 03 00 00 93 01 00 00|8f 03                    ........ ..",
        PROXY + "000a - <SPACES/NULLS>");
  }

  private static List<String> failed(String address) {
    return List.of(
        PROXY
            + "warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:x:",
        PROXY + "TLS handshake failed for service=smtpd peer=[" + address + "]:4711",
        PROXY + "DISCONNECT [" + address + "]:4711");
  }

  private static List<Boolean> hellos(List<List<String>> lines) {
    return observe(lines.stream().flatMap(List::stream).toList()).stream()
        .filter(Handshake.class::isInstance)
        .map(seen -> ((Handshake) seen).hello().isPresent())
        .toList();
  }

  @Test
  void theHelloOfAProcessOfManyIsThatOfItsOnlyPeer() {
    assertThat(
            hellos(
                List.of(
                    dumped("192.0.2.1"),
                    failed("192.0.2.1"),
                    dumped("192.0.2.2"),
                    failed("192.0.2.2"))))
        .containsExactly(true, true);
  }

  /** Rule c: what one sent is never taken for another's. */
  @Test
  void whileItHasSeveralPeersAHelloIsNobodys() {
    assertThat(
            hellos(
                List.of(
                    dumped("192.0.2.1"),
                    dumped("192.0.2.2"),
                    failed("192.0.2.2"),
                    dumped("192.0.2.3"),
                    failed("192.0.2.1"),
                    failed("192.0.2.3"),
                    failed("192.0.2.4"),
                    dumped("192.0.2.5"),
                    failed("192.0.2.5"))))
        .containsExactly(false, false, false, false, true);
  }

  @Test
  void anOldTlsproxyNamesThePeerOnlyWhenItLeaves() {
    assertThat(
            story(
                """
                Mar  1 10:00:01 mx postfix/tlsproxy[32]: CONNECT from [192.0.2.1]:4711
                Mar  1 10:00:01 mx postfix/tlsproxy[32]: CONNECT from [192.0.2.2]:4712
                Mar  1 10:00:01 mx postfix/tlsproxy[32]: warning: TLS library problem: error:1408A0C1:SSL routines:SSL3_GET_CLIENT_HELLO:no shared cipher:x.c:1:
                Mar  1 10:00:01 mx postfix/tlsproxy[32]: DISCONNECT [192.0.2.2]:4712
                Mar  1 10:00:01 mx postfix/tlsproxy[32]: DISCONNECT [192.0.2.1]:4711
                """
                    .lines()
                    .toList()))
        .containsExactly("192.0.2.2 no-shared-cipher 1408A0C1");
  }

  @Test
  void whatTlsproxySuffersAsAClientIsNoSenders() {
    assertThat(
            story(
                """
                Mar  1 10:00:01 mx postfix/tlsproxy[32]: CONNECT to [192.0.2.1]:25
                Mar  1 10:00:01 mx postfix/tlsproxy[32]: warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:x.c:1:
                Mar  1 10:00:01 mx postfix/tlsproxy[32]: TLS handshake failed for service=smtp peer=[192.0.2.1]:25
                Mar  1 10:00:01 mx postfix/tlsproxy[32]: DISCONNECT [192.0.2.1]:25
                """
                    .lines()
                    .toList()))
        .isEmpty();
  }

  @Test
  void textThatImitatesALogLineIsText() {
    String imitation =
        "Mar  1 10:00:01 mx postfix/smtpd[32]: SSL_accept error from victim.example[192.0.2.99]: -1";
    assertThat(
            story(
                List.of(
                    "Mar  1 10:00:01 mx postfix/smtpd[32]: connect from a.example[192.0.2.1]",
                    "Mar  1 10:00:01 mx postfix/smtpd[32]: warning: non-SMTP command from"
                        + " a.example[192.0.2.1]: "
                        + imitation,
                    "Mar  1 10:00:01 mx postfix/smtpd[32]: NOQUEUE: reject: RCPT from"
                        + " a.example[192.0.2.1]: 504 5.5.2 <"
                        + imitation
                        + ">: Helo command rejected",
                    "Mar  1 10:00:01 mx postfix/cleanup[33]: 4F6D0629C: warning: header Received: "
                        + imitation,
                    "Mar  1 10:00:01 mx postfix/smtp[34]: SSL_connect error to b.example[192.0.2.2]:25: -1",
                    "Mar  1 10:00:01 mx postfix/smtp[34]: warning: TLS library problem:"
                        + " error:0A0000C1:SSL routines::no shared cipher:x.c:1:",
                    "Mar  1 10:00:01 mx dovecot: imap-login: Disconnected: TLS handshaking:"
                        + " SSL_accept() failed: error:1408A0C1:SSL routines:x:no shared cipher",
                    "Mar  1 10:00:01 mx smtpd[35]: SSL_accept error from c.example[192.0.2.3]: -1",
                    "Mar  1 10:00:02 mx postfix/smtpd[32]: disconnect from a.example[192.0.2.1]")))
        .isEmpty();
  }

  /** Sessions of several processes, of which some fail and some succeed. */
  @Provide
  Arbitrary<List<List<String>>> sessions() {
    return Arbitraries.integers()
        .between(0, 5)
        .list()
        .ofMinSize(1)
        .ofMaxSize(6)
        .map(
            kinds -> {
              List<List<String>> sessions = new ArrayList<>();
              for (int i = 0; i < kinds.size(); i++) {
                sessions.add(session(kinds.get(i), 100 + i));
              }
              return sessions;
            });
  }

  private static List<String> session(int kind, int pid) {
    String time = "Mar  1 10:00:%02d".formatted(pid - 100);
    String tag = time + " mx postfix/" + (kind == 4 ? "submission/" : "") + "smtpd[%d]: ";
    String peer = "host%d.example[192.0.2.%d]".formatted(pid, pid);
    List<String> middle =
        switch (kind) {
          case 0 -> List.of();
          case 1 ->
              List.of(
                  "SSL_accept error from " + peer + ": -1",
                  "warning: TLS library problem: error:0A000102:SSL routines::unsupported"
                      + " protocol:x.c:1:",
                  "lost connection after STARTTLS from " + peer);
          case 2 ->
              List.of(
                  "Anonymous TLS connection established from "
                      + peer
                      + ": TLSv1.3 with cipher X (256/256 bits)",
                  "4F6D0629C: client=" + peer);
          case 3 ->
              List.of(
                  "SSL_accept error from " + peer + ": lost connection",
                  "NOQUEUE: lost connection after STARTTLS from " + peer);
          case 5 ->
              List.of(
                  "warning: TLS library problem: error:0A00018C:SSL routines::version too"
                      + " low:x.c:1:",
                  "SSL_accept error from " + peer + ": -1",
                  "lost connection after STARTTLS from " + peer);
          default ->
              List.of(
                  "Anonymous TLS connection established from "
                      + peer
                      + ": TLSv1.2 with cipher X (256/256 bits)",
                  "warning: TLS library problem: error:0A000418:SSL routines::tlsv1 alert unknown"
                      + " ca:x.c:1:SSL alert number 48:",
                  "lost connection after STARTTLS from " + peer);
        };
    List<String> lines = new ArrayList<>();
    lines.add("connect from " + peer);
    lines.addAll(middle);
    lines.add("disconnect from " + peer + " ehlo=1 commands=1");
    return lines.stream().map(line -> tag.formatted(pid) + line).toList();
  }

  @Property
  void anyInterleavingTellsWhatEachSessionTellsAlone(
      @ForAll("sessions") List<List<String>> sessions, @ForAll Random random) {
    List<String> alone = sessions.stream().flatMap(lines -> story(lines).stream()).toList();
    List<ArrayDeque<String>> rest =
        new ArrayList<>(sessions.stream().map(ArrayDeque<String>::new).toList());
    List<String> mixed = new ArrayList<>();
    while (!rest.isEmpty()) {
      int next = random.nextInt(rest.size());
      mixed.add(rest.get(next).removeFirst());
      rest.removeIf(ArrayDeque::isEmpty);
    }
    assertThat(story(mixed)).containsExactlyInAnyOrderElementsOf(alone);
  }

  /** Whatever lines are lost, nobody is blamed who did not fail. */
  @Property
  void lostLinesBlameNobodyElse(
      @ForAll("sessions") List<List<String>> sessions, @ForAll Random random) {
    List<String> lines = new ArrayList<>();
    List<String> guilty = new ArrayList<>();
    // One process serves them all, so that a gap can join what does not belong together.
    for (List<String> session : sessions) {
      lines.addAll(
          session.stream().map(line -> line.replaceAll("\\[1\\d\\d\\]:", "[7]:")).toList());
      story(session).stream()
          .filter(line -> !line.contains("TLSv") && !line.contains(" mail "))
          .forEach(guilty::add);
    }
    lines.removeIf(line -> random.nextInt(4) == 0);
    List<String> blamed =
        story(lines).stream()
            .filter(line -> !line.contains("TLSv") && !line.contains(" mail "))
            .filter(line -> !line.startsWith("fault ") && !line.endsWith(" unknown"))
            .filter(line -> !line.startsWith("unknown "))
            .toList();
    assertThat(guilty.stream().map(line -> line.split(" ")[0]).toList())
        .containsAll(blamed.stream().map(line -> line.split(" ")[0]).toList());
    for (String line : blamed) {
      boolean isCauseUnknown = line.endsWith(" other") || line.endsWith(" disconnected");
      // Whether it came late shows only in lines that may be lost.
      boolean isGuilty = guilty.contains(line) || guilty.contains(line + " late");
      assertThat(isCauseUnknown || isGuilty).as(line + " of " + lines).isTrue();
    }
  }

  private static List<String> capture(String name) throws Exception {
    return Files.readAllLines(
        Path.of("src/test/resources/maillog", name + ".log"), StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bullseye-l1",
        "bullseye-l2",
        "bookworm-l1",
        "bookworm-l2",
        "trixie-l1",
        "trixie-l2"
      })
  void thirteenConnectionsToThreeDebiansMeanTheSame(String name) throws Exception {
    // Which client did what stands in the capture's origin: the same thirteen everywhere.
    assertThat(story(capture(name)).stream().map(line -> line.replaceFirst(" [0-9A-F]{8}$", "")))
        .containsExactly(
            "10.77.1.1 TLSv1.3",
            "10.77.1.2 unsupported-protocol",
            "10.77.1.3 unsupported-protocol",
            "10.77.1.4 no-shared-cipher",
            "10.77.1.5 no-shared-cipher",
            "10.77.1.6 certificate-rejected",
            "10.77.1.7 not-tls",
            "10.77.1.8 disconnected",
            "10.77.1.1 unknown-protocol",
            "10.77.1.2 corrupted",
            "10.77.1.3 version-too-low",
            "10.77.1.4 not-tls");
  }

  @ParameterizedTest
  @ValueSource(strings = {"postfix26-ossl101e-strict1", "postfix26-ossl101e-strict2"})
  void theGenerationOfTheFirstReportIsRead(String name) throws Exception {
    assertThat(story(capture(name)).stream().filter(line -> !line.contains(" mail ")))
        .contains(
            "10.88.1.1 unsupported-protocol 1408A10B",
            "10.88.1.2 TLSv1",
            "10.88.1.3 TLSv1.1",
            "10.88.1.4 no-shared-cipher 1408A0C1",
            "10.88.1.6 unknown-protocol 140760FC",
            "10.88.1.7 certificate-rejected 14094418",
            "10.88.1.8 not-tls 1407609C",
            "10.88.1.9 disconnected",
            "10.88.1.10 disconnected",
            "10.88.1.13 no-shared-cipher 1408A0C1",
            "10.88.1.14 disconnected",
            "10.88.1.15 unknown-protocol 140760FC",
            "10.88.1.16 unsupported-protocol 1408A10B",
            "10.88.1.19 unknown-protocol 140760FC",
            "fd88::1:1 unsupported-protocol 1408A10B",
            "fd88::1:12 TLSv1.2");
  }

  @Test
  void laterWordsOfPostfixAreRead() throws Exception {
    assertThat(story(capture("postfix210-ossl102u-strict1")))
        .contains(
            "10.88.1.9 disconnected",
            "10.88.1.11 timed-out",
            "10.88.1.14 disconnected",
            "10.88.1.18 inappropriate-fallback 140A1175");
  }

  @Test
  void twoPeersOfOneTlsproxyAreKeptApart() throws Exception {
    assertThat(story(capture("sample-3.7.11")))
        .contains("127.0.0.3 unsupported-protocol 0A000102", "127.0.0.4 no-shared-cipher 0A0000C1");
  }

  @Test
  void noCaptureHoldsAnUnknownSentence() throws Exception {
    ExcerptReader parser = new ExcerptReader(ZoneOffset.UTC);
    List<String> unknown = new ArrayList<>();
    try (var files = Files.list(Path.of("src/test/resources/maillog"))) {
      for (Path file : files.toList()) {
        for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
          parser
              .parse(line, REFERENCE)
              .filter(message -> message.isSmtpServer())
              .filter(
                  message ->
                      dev.tlswaiver.maillog.SmtpdRecord.parse(message.text())
                          instanceof dev.tlswaiver.maillog.SmtpdRecord.Unrecognized)
              .ifPresent(message -> unknown.add(message.text()));
        }
      }
    }
    assertThat(unknown).isEmpty();
  }

  /** A row without bytes fails in the middle of a session; the parser makes none. */
  @Test
  @SuppressWarnings("NullAway")
  void aSessionWithALineThatFailsIsDropped() {
    ExcerptReader parser = new ExcerptReader(ZoneOffset.UTC);
    Notes notes = new Notes();
    Sessions sessions = new Sessions(notes);
    SyslogMessage dumped = null;
    for (String text :
        List.of(
            "connect from a.example[192.0.2.1]",
            "read from 55d0c0 [55d0c1] (11 bytes => 11 (0xB))",
            "SSL_accept error from a.example[192.0.2.1]: -1")) {
      dumped = parser.parse("Mar  1 10:00:00 mx postfix/smtpd[31]: " + text, REFERENCE).get();
      sessions.accept(dumped);
    }
    assertThat(notes.drain()).hasSize(1);
    SyslogMessage fails = dumped;
    assertThatThrownBy(() -> sessions.accept(fails, new SmtpdRecord.DumpRow(0, null)))
        .isInstanceOf(NullPointerException.class);
    assertThat(notes.drain().values()).containsExactly(Optional.empty());
    assertThat(sessions.finish()).isEmpty();
  }
}
