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
import org.junit.jupiter.params.provider.ValueSource;

final class SyslogParserTest {
  private static final Instant REFERENCE = Instant.parse("2026-03-02T00:00:00Z");

  private static SyslogMessage parse(String line) {
    return new SyslogParser(ZoneOffset.UTC).parse(line, REFERENCE).orElseThrow();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "Mar  1 10:00:00 mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "Mar 01 10:00:00 mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "<22>Mar  1 10:00:00 postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~",
        "Mar  5 10:00:00 mx postfix/smtpd[31]: connect ~ 2025-03-05T10:00:00Z ~ mx",
        "Feb 29 10:00:00 mx postfix/smtpd[31]: connect ~ 2024-02-29T10:00:00Z ~ mx",
        "2026-03-01T12:00:00.123456+02:00 mx postfix/smtpd[31]: connect"
            + " ~ 2026-03-01T10:00:00.123456Z ~ mx",
        "2026-03-01T12:00:00+0200 mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "<20>1 2026-03-01T10:00:00Z mx postfix/smtpd 31 - - connect ~ 2026-03-01T10:00:00Z ~ mx",
        "<20>1 2026-03-01T10:00:00Z mx postfix/smtpd 31 ID7 [a@1 b=\"c\\\"] d\"][e@2] connect"
            + " ~ 2026-03-01T10:00:00Z ~ mx",
        "Sun Mar  1 10:00:00 mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "Mar  1 2024 10:00:00 mx postfix/smtpd[31]: connect ~ 2024-03-01T10:00:00Z ~ mx",
        "Mar  1 10:00:00.250 mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00.250Z ~ mx",
        "2026-03-01 10:00:00,250 mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00.250Z ~ mx",
        "Sun 2026-03-01 10:00:00 UTC mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "Mar  1 10:00:00 mail.info postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~",
        "Mar  1 10:00:00 info mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "Mar  1 10:00:00 <mail.info> mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "Mar  1 10:00:00 [hidden] postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~",
        "Mar  1 10:00:00 mx postfix/smtpd[31]: [ID 197553 mail.info] connect"
            + " ~ 2026-03-01T10:00:00Z ~ mx",
        "2026-03-01T10:00:00.5Z Mar  1 11:00:00 mx postfix/smtpd[31]: connect"
            + " ~ 2026-03-01T10:00:00.500Z ~ mx",
        "2026-03-01T10:00:00.5Z stdout F Mar  1 11:00:00 mx postfix/smtpd[31]: connect"
            + " ~ 2026-03-01T10:00:00.500Z ~ mx",
        "Mar  1 10:00:00 mx info: postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "2026 Mar  1 10:00:00 mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "Mar  1 10:00:00 PM mx postfix/smtpd[31]: connect ~ 2026-03-01T22:00:00Z ~ mx",
        "Sun 2026-03-01 11:00:00 CET mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "1 2026-03-01T10:00:00Z mx postfix/smtpd 31 - - connect ~ 2026-03-01T10:00:00Z ~ mx"
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
  void jsonOfTheJournalAndOfContainersIsRead() {
    assertThat(
            parse(
                    "{\"log\":\"postfix/smtpd[31]: connect\\n\",\"stream\":\"stdout\","
                        + "\"time\":\"2026-03-01T10:00:00Z\"}")
                .time())
        .contains(Instant.parse("2026-03-01T10:00:00Z"));
    SyslogMessage message =
        parse(
            "{\"__REALTIME_TIMESTAMP\":\"1772359200000000\",\"_HOSTNAME\":\"mx\",\"_PID\":\"31\","
                + "\"_SYSTEMD_UNIT\":\"postfix.service\",\"SYSLOG_IDENTIFIER\":\"postfix/smtpd\","
                + "\"MESSAGE\":\"connect\"}");
    assertThat(message.time()).contains(Instant.parse("2026-03-01T10:00:00Z"));
    assertThat(message.pid()).contains(31);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "> Mar  1 10:00:00 mx postfix/smtpd[31]: connect",
        "mail-1  | Mar  1 10:00:00 mx postfix/smtpd[31]: connect",
        "/var/log/mail.log:Mar  1 10:00:00 mx postfix/smtpd[31]: connect",
        "Mai 09 10:00:00 mx postfix/smtpd[31]: connect",
        "01.03.2026, 10:00:00 mx postfix/smtpd[31]: connect",
        "[2026-03-01 10:00:00] mx postfix/smtpd[31]: connect",
        "1772359200.5 mx postfix/smtpd[31]: connect",
        "Mar  1 10:00:00 host 3f2a9b7c1d0e[8]: 2026-03-01T10:00:00Z mx postfix/smtpd[31]: connect",
        "{\"@timestamp\":\"2026-03-01T10:00:00Z\",\"message\":\"Mar  1 10:00:00 mx postfix/smtpd[31]: connect\"}",
        "server1 postfix/smtpd[31]: connect",
        "SSL_accept error from a.example[192.0.2.1]: -1"
      })
  void whatPeoplePasteAndCollectorsWrapIsNotReadLive(String line) {
    assertThat(parse(line).isSmtpServer()).isFalse();
  }

  @Test
  void aBlottedOutPidIsNoPid() {
    SyslogMessage message = parse("Mar  1 10:00:00 mx postfix/smtpd[xxxx]: connect");
    assertThat(message.isSmtpServer()).isTrue();
    assertThat(message.pid()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "dovecot: imap-login: Mar  1 10:00:00 mx postfix/smtpd[31]: connect",
        "Mar  1 10:00:00 mx dovecot: x Mar  1 10:00:00 mx postfix/smtpd[31]: connect",
        "postfix/cleanup[32]: 4F6D0629C: subject Mar  1 10:00:00 mx postfix/smtpd[31]: connect",
        "Mar  1 10:00:00 mx sshd[9]: user Mar  1 10:00:00 mx postfix/smtpd[31]: connect"
      })
  void aHeaderInsideOfATextIsText(String line) {
    assertThat(parse(line).isSmtpServer()).isFalse();
  }

  @Test
  void theHourThatComesTwiceIsTwoHours() {
    SyslogParser parser = new SyslogParser(ZoneId.of("Europe/Berlin"));
    Instant reference = Instant.parse("2026-10-26T00:00:00Z");
    assertThat(
            java.util.stream.Stream.of("01:59:59", "02:00:00", "02:59:59", "02:00:01", "03:00:00")
                .map(
                    time ->
                        parser
                            .parse("Oct 25 " + time + " mx postfix/smtpd[31]: connect", reference)
                            .orElseThrow()
                            .time()
                            .orElseThrow()
                            .toString()))
        .containsExactly(
            "2026-10-24T23:59:59Z",
            "2026-10-25T00:00:00Z",
            "2026-10-25T00:59:59Z",
            "2026-10-25T01:00:01Z",
            "2026-10-25T02:00:00Z");
  }

  @Test
  void aYearEndsInTheMiddleOfALog() {
    SyslogParser parser = new SyslogParser(ZoneOffset.UTC);
    Instant written = Instant.parse("2026-01-02T00:00:00Z");
    assertThat(
            java.util.stream.Stream.of("Dec 31 23:59:59", "Jan  1 00:00:00")
                .map(
                    time ->
                        parser
                            .parse(time + " mx postfix/smtpd[31]: connect", written)
                            .orElseThrow()
                            .time()
                            .orElseThrow()
                            .toString()))
        .containsExactly("2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z");
  }

  @ParameterizedTest
  @CsvSource({
    "Mar  1 10:00:00 mx last message repeated 2 times",
    "Mar  1 10:00:00 mx postfix/smtpd[31]: message repeated 3 times: [ connect from a[192.0.2.1]]",
    "Mar  1 10:00:00 mx systemd-journald[9]: Suppressed 1234 messages from postfix.service",
    "Mar  1 10:00:00 mx rsyslogd: imjournal: 12 messages lost due to rate-limiting"
  })
  void aLineTellsThatOthersAreMissing(String line) {
    assertThat(parse(line).tellsGap()).isTrue();
  }

  @Test
  void whatAnotherServiceLostIsNotMissing() {
    String line = "Mar  1 10:00:00 mx systemd-journald[9]: Suppressed 9 messages from ssh.service";
    assertThat(parse(line).tellsGap()).isFalse();
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
