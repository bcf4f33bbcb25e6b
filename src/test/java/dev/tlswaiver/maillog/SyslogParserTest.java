package dev.tlswaiver.maillog;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SyslogParserTest {
  private static final Instant REFERENCE = Instant.parse("2026-03-02T00:00:00Z");

  private static SyslogMessage parse(String line) {
    return new SyslogParser(ZoneOffset.UTC).parse(line, REFERENCE).orElseThrow();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Mar  1 10:00:00 mx postfix/smtpd[31]: connect | 2026-03-01T10:00:00Z | mx",
        "Mar 01 10:00:00 mx postfix/smtpd[31]: connect | 2026-03-01T10:00:00Z | mx",
        "<22>Mar  1 10:00:00 postfix/smtpd[31]: connect | 2026-03-01T10:00:00Z |",
        "Mar  5 10:00:00 mx postfix/smtpd[31]: connect | 2025-03-05T10:00:00Z | mx",
        "Feb 29 10:00:00 mx postfix/smtpd[31]: connect | 2024-02-29T10:00:00Z | mx",
        "2026-03-01T12:00:00.123456+02:00 mx postfix/smtpd[31]: connect"
            + " | 2026-03-01T10:00:00.123456Z | mx",
        "2026-03-01T12:00:00+0200 mx postfix/smtpd[31]: connect | 2026-03-01T10:00:00Z | mx",
        "<20>1 2026-03-01T10:00:00Z mx postfix/smtpd 31 - - connect | 2026-03-01T10:00:00Z | mx",
        "server1 postfix/smtpd[31]: connect | | server1",
        "postfix/smtpd[31]: connect | |"
      })
  void headersOfEachKindAreRead(String line, String time, String host) {
    assertThat(parse(line))
        .isEqualTo(
            new SyslogMessage(
                Optional.ofNullable(time).map(Instant::parse),
                Optional.ofNullable(host),
                "postfix",
                "smtpd",
                Optional.of(31),
                "connect"));
  }

  @Test
  void aHeaderWithoutAZoneIsInTheLogsZone() {
    assertThat(
            new SyslogParser(ZoneId.of("Europe/Berlin"))
                .parse("Mar  1 10:00:00 mx postfix/smtpd[31]: connect", REFERENCE)
                .orElseThrow()
                .time())
        .contains(Instant.parse("2026-03-01T09:00:00Z"));
  }

  @ParameterizedTest
  @CsvSource({
    "postfix/submission/smtpd, postfix, submission/smtpd, smtpd",
    "postfix-out/smtpd, postfix-out, smtpd, smtpd",
    "postfix/tlswaiver-legacy/smtpd, postfix, tlswaiver-legacy/smtpd, smtpd",
    "postfix/127.0.0.1:10025/smtpd, postfix, 127.0.0.1:10025/smtpd, smtpd"
  })
  void tagsAreTakenApart(String tag, String instance, String service, String process) {
    SyslogMessage message = parse("Mar  1 10:00:00 mx " + tag + "[31]: connect");
    assertThat(message.instance()).isEqualTo(instance);
    assertThat(message.service()).isEqualTo(service);
    assertThat(message.process()).isEqualTo(process);
  }

  @Test
  void aHostMayBeCalledPostfix() {
    SyslogMessage message = parse("Mar  1 10:00:00 postfix postfix/smtpd[31]: connect");
    assertThat(message.host()).contains("postfix");
    assertThat(message.isSmtpServer()).isTrue();
  }

  @Test
  void otherProgramsAreOtherPrograms() {
    assertThat(parse("Mar  1 10:00:00 mx opendkim[6890]: not authenticated").isSmtpServer())
        .isFalse();
    assertThat(parse("Mar  1 10:00:00 mx postfix/smtp[6890]: SSL_connect error").isSmtpServer())
        .isFalse();
  }

  @Test
  void noLineMakesItThrow() {
    Random random = new Random(7);
    String alphabet = "Mar 10:<>1[]/-Tpostfix/smtpd[9]: error:0A000102:SSL routines::x:y:1:";
    for (int i = 0; i < 20_000; i++) {
      StringBuilder line = new StringBuilder();
      int length = random.nextInt(80);
      for (int j = 0; j < length; j++) {
        line.append(
            random.nextInt(10) == 0
                ? (char) random.nextInt(0x3000)
                : alphabet.charAt(random.nextInt(alphabet.length())));
      }
      new SyslogParser(ZoneOffset.UTC)
          .parse(line.toString(), REFERENCE)
          .ifPresent(message -> assertThat(SmtpdRecord.parse(message.text())).isNotNull());
    }
  }
}
