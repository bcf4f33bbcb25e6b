package dev.tlswaiver.maillog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Sessions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Rule c: what a client chose to say can't be read as another sentence, or of another client. */
final class HostileTest {
  private static final Instant TIME = Instant.parse("2026-03-01T10:00:00Z");

  private static SyslogMessage message(String text) {
    return new SyslogMessage(
        Optional.of(TIME), Optional.of("mx"), "postfix", "smtpd", Optional.of(32), text);
  }

  @Test
  void aClientsWordsMakeNoOtherRecord() {
    for (String field : Hostile.FIELDS) {
      SmtpdRecord honest = SmtpdRecord.parse(Hostile.said(field, "x"));
      assertThat(honest).as(field).isNotInstanceOf(SmtpdRecord.Unrecognized.class);
      for (String words : Hostile.words()) {
        String line = Hostile.said(field, words);
        assertThat(SmtpdRecord.parse(line)).as(line).isEqualTo(honest);
      }
    }
  }

  /** A session in which the client says it before, within and after a failed handshake. */
  private static List<Observation> observed(String text) {
    Sessions sessions = new Sessions();
    List<Observation> seen = new ArrayList<>();
    for (String line :
        List.of(
            text,
            "connect from " + Hostile.CLIENT,
            text,
            "SSL_accept error from " + Hostile.CLIENT + ": -1",
            "warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:x.c:1:",
            text,
            "lost connection after STARTTLS from " + Hostile.CLIENT,
            "disconnect from " + Hostile.CLIENT + " ehlo=1 starttls=0/1 commands=1/2",
            text)) {
      seen.addAll(sessions.accept(message(line)));
    }
    seen.addAll(sessions.finish());
    return seen;
  }

  @Test
  void aClientsWordsAreSeenAsNothingElse() {
    for (String field : Hostile.FIELDS) {
      List<Observation> honest = observed(Hostile.said(field, "x"));
      for (String words : Hostile.words()) {
        String line = Hostile.said(field, words);
        assertThat(observed(line)).as(line).isEqualTo(honest);
      }
    }
  }

  @Test
  void noFaultOfOursIsNamedByAClient() {
    List<String> lines =
        List.of(
            "warning: Wrapper-mode request dropped from %s for service smtps. TLS context"
                + " initialization failed. For details see earlier warnings in your logs.",
            "warning: don't know what EHLO features to announce to %s",
            "warning: %s: invalid cipher grade: \"x\"",
            "warning: error loading private keys and certificates from: %s: aborting TLS handshake");
    for (String line : lines) {
      SmtpdRecord fault = SmtpdRecord.parse(line.formatted("a.example[192.0.2.1]"));
      assertThat(fault).isInstanceOf(SmtpdRecord.OwnFault.class);
      assertThat(SmtpdRecord.parse(line.formatted("b.example[192.0.2.2]"))).isEqualTo(fault);
    }
  }

  @Test
  void aLineCostsTimeByItsLengthAndNoStack() throws Exception {
    SmallStack.run(
        () -> {
          Instant start = Instant.now();
          for (String words : Hostile.longWords()) {
            assertThat(SmtpdRecord.parse(words).word()).isNotEmpty();
            assertThat(SmtpdRecord.parse("connect from " + words).word()).isNotEmpty();
            assertThat(SmtpdRecord.parse("SSL_accept error from " + words).word()).isNotEmpty();
            assertThat(SmtpdRecord.parse("warning: TLS library problem: error:" + words).word())
                .isEqualTo("other");
            for (String field : Hostile.FIELDS) {
              assertThat(SmtpdRecord.parse(Hostile.said(field, words)))
                  .isNotInstanceOf(SmtpdRecord.Unrecognized.class);
            }
          }
          // A few thousand lines of 60 000 characters: what is not linear takes hours.
          assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofMinutes(2));
        });
  }
}
