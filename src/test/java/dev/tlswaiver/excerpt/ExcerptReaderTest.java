package dev.tlswaiver.excerpt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.maillog.SmallStack;
import dev.tlswaiver.maillog.SmtpdRecord;
import dev.tlswaiver.maillog.SyslogMessage;
import dev.tlswaiver.maillog.SyslogParser;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ExcerptReaderTest {
  private static final Instant REFERENCE = Instant.parse("2026-03-02T00:00:00Z");

  private static SyslogMessage parse(String line) {
    return new ExcerptReader(ZoneOffset.UTC).parse(line, REFERENCE).orElseThrow();
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
        "1772359200.5 mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00.500Z ~ mx",
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
        "mail-1  | 2026-03-01T10:00:00Z mx postfix/smtpd[31]: connect"
            + " ~ 2026-03-01T10:00:00Z ~ mx",
        "[pod/mail-0/postfix] Mar  1 10:00:00 mx postfix/smtpd[31]: connect"
            + " ~ 2026-03-01T10:00:00Z ~ mx",
        "> Mar  1 10:00:00 mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "/var/log/mail.log:Mar  1 10:00:00 mx postfix/smtpd[31]: connect"
            + " ~ 2026-03-01T10:00:00Z ~ mx",
        "mail.log-20260301:17:Mar  1 10:00:00 mx postfix/smtpd[31]: connect"
            + " ~ 2026-03-01T10:00:00Z ~ mx",
        "17-Mar  1 10:00:00 mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "  17 Mar  1 10:00:00 mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "- Mar  1 10:00:00 mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "&gt; Mar  1 10:00:00 mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "<p>Mar  1 10:00:00 mx postfix/smtpd[31]: connect</p> ~ 2026-03-01T10:00:00Z ~ mx",
        "[code]Mar  1 10:00:00 mx postfix/smtpd[31]: connect[/code] ~ 2026-03-01T10:00:00Z ~ mx",
        "Mar  1 10:00:00 mx postfix/smtpd\\[31\\]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "Mar  1 10:00:00\tmx\tpostfix/smtpd[31]:\tconnect ~ 2026-03-01T10:00:00Z ~ mx",
        "Mar  1 10:00:00 mx info: postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "> \u001b[36mmail-1  |\u001b[0m Mar  1 10:00:00 mx postfix/smtpd[31]: connect"
            + " ~ 2026-03-01T10:00:00Z ~ mx",
        "mail-0 postfix Mar  1 10:00:00 mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "mail | Mar  1 10:00:00 mx postfix/smtpd[31]: mail | Mar  1 10:00:00 mx postfix/smtpd[31]:"
            + " connect ~ 2026-03-01T10:00:00Z ~ mx",
        "Sun, Mar 1 2026 11:00:00 am | 2026-03-01T10:00:00Z mx postfix/smtpd[31]: connect"
            + " ~ 2026-03-01T10:00:00Z ~ mx",
        "2026 Mar  1 10:00:00 mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "Mar  1 10:00:00 PM mx postfix/smtpd[31]: connect ~ 2026-03-01T22:00:00Z ~ mx",
        "03/01/2026 10:00:00 AM mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "03/01/2026 10:00:00 mx postfix/smtpd[31]: connect ~ ~ mx",
        "01.03.2026, 10:00:00 mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "2026/03/01 10:00:00 mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "[2026-03-01 10:00:00] mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "[01/Mar/2026:11:00:00 +0100] mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "Sun 2026-03-01 11:00:00 CET mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "@4000000069a40e2a00000000 mx postfix/smtpd[31]: connect ~ 2026-03-01T10:00:00Z ~ mx",
        "1 2026-03-01T10:00:00Z mx postfix/smtpd 31 - - connect ~ 2026-03-01T10:00:00Z ~ mx",
        "server1 postfix/smtpd[31]: connect ~ ~ server1",
        "    postfix/smtpd[31]: connect ~ ~"
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
  @CsvSource(
      delimiter = '~',
      value = {
        "{\"@timestamp\":\"2026-03-01T10:00:00Z\",\"host\":\"mx\",\"programname\":"
            + "\"postfix/smtpd\",\"procid\":\"31\",\"message\":\"connect\"}",
        "{\"timestamp\":\"2026-03-01T10:00:00Z\",\"hostname\":\"mx\",\"syslogtag\":"
            + "\"postfix/smtpd[31]:\",\"msg\":\" connect\"}",
        "{\"@timestamp\":\"2026-03-01T10:00:00Z\",\"message\":"
            + "\"Mar  1 11:00:00 mx postfix/smtpd[31]: connect\"}"
      })
  void jsonOfCollectorsIsRead(String line) {
    SyslogMessage message = parse(line);
    assertThat(message.time()).contains(Instant.parse("2026-03-01T10:00:00Z"));
    assertThat(message.host()).contains("mx");
    assertThat(message.isSmtpServer()).isTrue();
    assertThat(message.pid()).contains(31);
    assertThat(message.text().strip()).isEqualTo("connect");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Mar  1 11:00:00 host 3f2a9b7c1d0e[8]: 2026-03-01T10:00:00Z mx postfix/smtpd[31]: TEXT",
        "Mar  1 10:00:00 10.0.0.5 Mar  1 10:00:00 mx postfix/smtpd[31]: TEXT",
        "Mar  1 10:00:00 10.0.0.5 1 2026-03-01T10:00:00Z mx postfix/smtpd 31 - - TEXT",
        "1. M\u00e4rz 10:00:00 mx postfix/smtpd[31]: TEXT",
        " 3\u6708  1 10:00:00 mx postfix/smtpd[31]: TEXT",
        "# Mar  1 10:00:00 mx postfix/smtpd[31]: TEXT",
        "//Mar  1 10:00:00 mx postfix/smtpd[31]: TEXT",
        "-- Mar  1 10:00:00 mx postfix/smtpd[31]: TEXT",
        "; Mar  1 10:00:00 mx postfix/smtpd[31]: TEXT",
        "Mar  1  10:00:00  mx  postfix/smtpd[31]:  connect  from  a.example[192.0.2.1]",
        "2026-03-01T10:00:00.000000+00:00 mail/stream/1 Mar  1 10:00:00 mx postfix/smtpd[31]: TEXT",
        "\0\0\0\0Mar  1 10:00:00 mx postfix/smtpd[31]: TEXT",
        "Mar  1 10:00:00 h docker[8]: {\"log\":\"Mar  1 10:00:00 mx postfix/smtpd[31]: TEXT\\n\"}",
        "{\"labels\":{\"app\":\"x\"},\"line\":\"Mar  1 10:00:00 mx postfix/smtpd[31]: TEXT\"}",
        "{\"log\":{\"level\":\"info\",\"syslog\":{\"appname\":\"postfix/smtpd\"}},\"message\":\"TEXT\","
            + "\"host\":{\"name\":\"mx\"},\"process\":{\"pid\":31},\"@timestamp\":\"2026-03-01T10:00:00Z\"}",
        "{\"_source\":{\"event\":{\"original\":\"<22>Mar  1 10:00:00 mx postfix/smtpd[31]: TEXT\"},"
            + "\"message\":\"TEXT\"}}",
        "{\"version\":\"1.1\",\"host\":\"mx\",\"short_message\":\"TEXT\",\"timestamp\":1772359200,"
            + "\"_program\":\"postfix/smtpd\",\"_pid\":31}",
        "\"2026-03-01T10:00:00Z\",\"Mar  1 10:00:00 mx postfix/smtpd[31]: TEXT\"",
        "EVENTS\t34\tmail\tMar  1 10:00:00 mx postfix/smtpd[31]: TEXT\t1772359200000"
      })
  void theInnermostHeaderCounts(String line) {
    String text = "connect from a.example[192.0.2.1]";
    assertThat(parse(line.replace("TEXT", text)))
        .isEqualTo(
            new SyslogMessage(
                Optional.of(Instant.parse("2026-03-01T10:00:00Z")),
                Optional.of("mx"),
                "postfix",
                "smtpd",
                Optional.of(31),
                text));
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
    ExcerptReader parser = new ExcerptReader(ZoneId.of("Europe/Berlin"));
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
    ExcerptReader parser = new ExcerptReader(ZoneOffset.UTC);
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
            new ExcerptReader(ZoneId.of("Europe/Berlin"))
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

  /** What recurses by a line's length overflows a stack that is this small. */
  @Test
  void aSmallStackIsEnoughForAnyLine() throws InterruptedException {
    SmallStack.run(ExcerptReaderTest::readEverything);
  }

  private static void readEverything() {
    String header = "Mar  1 10:00:00 mx postfix/smtpd[31]: ";
    for (char here = 1; here < 128; here++) {
      String much = Character.toString(here).repeat(60_000);
      for (String line :
          new String[] {
            much,
            header + much,
            "<22>1 2026-03-01T10:00:00Z mx postfix/smtpd 31 - [" + much,
            "<22>1 2026-03-01T10:00:00Z mx postfix/smtpd 31 - " + much,
            "Mar  1 10:00:00 " + much,
            "<p>" + much,
            header + much + ">",
            "{\"message\":\"" + much,
            "\"" + much
          }) {
        new ExcerptReader(ZoneOffset.UTC).parse(line, REFERENCE);
        new SyslogParser(ZoneOffset.UTC).parse(line, REFERENCE);
      }
    }
    for (String deep : new String[] {"[", "{\"a\":", "[{\"a\":", "<b>", "[b]", "[x](http:"}) {
      new ExcerptReader(ZoneOffset.UTC).parse(deep.repeat(100_000), REFERENCE);
      new SyslogParser(ZoneOffset.UTC).parse(deep.repeat(100_000), REFERENCE);
    }
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
      new ExcerptReader(ZoneOffset.UTC)
          .parse(line.toString(), REFERENCE)
          .ifPresent(message -> assertThat(SmtpdRecord.parse(message.text())).isNotNull());
    }
  }
}
