package dev.tlswaiver.maillog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonLineTest {
  private static final String ENTRY =
      """
      {"__CURSOR":"s=ab;i=2","__REALTIME_TIMESTAMP":"1770000000123456","_HOSTNAME":"mx",\
      "_SYSTEMD_UNIT":"postfix@-.service","SYSLOG_IDENTIFIER":"postfix/smtpd","_PID":"42",\
      "MESSAGE":"connect from a.example[192.0.2.1]"}""";

  @Test
  void anEntryOfPostfixBecomesALine() {
    assertThat(JsonLine.find(ENTRY))
        .contains(
            new JsonLine(
                "2026-02-02T02:40:00.123456Z mx postfix/smtpd[42]: connect from"
                    + " a.example[192.0.2.1]",
                Optional.of("s=ab;i=2"),
                true));
  }

  @Test
  void aMessageThatIsNotUtf8IsAnArrayOfBytes() {
    String entry =
        ENTRY.replace("\"connect from a.example[192.0.2.1]\"", "[99,111,110,110,101,99,116,255]");
    assertThat(JsonLine.find(entry).map(JsonLine::text))
        .get()
        .asString()
        .endsWith("postfix/smtpd[42]: connect\ufffd");
  }

  @Test
  void aMessageThatJournalctlLeftOutIsNotWhole() {
    String entry = ENTRY.replace("\"connect from a.example[192.0.2.1]\"", "null");
    assertThat(JsonLine.find(entry).map(JsonLine::isWhole)).contains(false);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"_SYSTEMD_UNIT\":\"user@1000.service\"",
        "\"_SYSTEMD_UNIT\":\"postfixadmin.service\"",
        "\"_EXE\":\"/home/u/postfix/smtpd\"",
        "\"_UID\":\"1000\",\"_SYSTEMD_UNIT\":\"postfix@-.service\"",
        "\"_UID\":\"65534\",\"_EXE\":\"/usr/lib/postfix/sbin/smtpd\"",
      })
  void aLineThatAnyUserMayWriteIsNotPostfix(String writer) {
    String forged = ENTRY.replace("\"_SYSTEMD_UNIT\":\"postfix@-.service\"", writer);
    assertThat(forged).isNotEqualTo(ENTRY);
    assertThat(JsonLine.find(forged)).isEqualTo(Optional.empty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"_SYSTEMD_UNIT\":\"postfix.service\"",
        "\"_UID\":\"0\",\"_EXE\":\"/usr/libexec/postfix/smtpd\"",
        "\"_UID\":\"105\",\"_EXE\":\"/usr/lib/postfix/sbin/smtpd\"",
      })
  void whatPostfixWritesWhereverItIsInstalledIsPostfix(String writer) {
    String entry = ENTRY.replace("\"_SYSTEMD_UNIT\":\"postfix@-.service\"", writer);
    assertThat(JsonLine.find(entry)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "null", "{\"_SYSTEMD_UNIT\":\"postfix.service\"}"})
  void whatIsNoEntryIsNoLine(String text) {
    assertThat(JsonLine.find(text)).isEmpty();
  }
}
