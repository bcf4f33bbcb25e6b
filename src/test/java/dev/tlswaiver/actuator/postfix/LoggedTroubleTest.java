package dev.tlswaiver.actuator.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LoggedTroubleTest {
  private static final String TROUBLE =
      "Nov 28 18:11:16 mx postfix/smtpd[7]: fatal: open database /x.db: No such file or directory";

  /** Not of this plan. */
  private static final String OLD = TROUBLE + "\n";

  private static final String ORDINARY =
      "Nov 28 18:11:15 mx postfix/postfix-script[1]: refreshing the Postfix mail system\n";

  @TempDir private Path folder;

  private Optional<String> first(String fresh) throws IOException {
    Path log = folder.resolve("maillog");
    Files.writeString(log, OLD + fresh);
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      return LoggedTrouble.first(file, OLD.length());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        TROUBLE,
        "Nov 28 18:11:16 mx postfix/smtpd[7]: panic: smtpd: bad state",
        "Nov 28 18:11:16 mx postfix/smtpd[7]: error: open database /x.db: No such file or directory",
        "Nov 28 18:11:16 mx postfix/smtpd[7]: error: unsupported dictionary type: lmdb",
        "Nov 28 18:11:16 mx postfix/smtpd[7]: warning: No server certs available. TLS won't be enabled",
        "Nov 28 18:11:16 mx postfix/smtpd[7]: warning: Invalid TLS protocol list \"x\": disabling TLS"
            + " support",
        "Nov 28 18:11:16 mx postfix/smtpd[7]: warning: cannot get RSA certificate from file \"/x\":"
            + " disabling TLS support",
        "Nov 28 18:11:16 mx postfix/smtpd[7]: cannot load Certification Authority data,"
            + " CAfile=\"/x\": disabling TLS support",
        "2026-11-28T18:11:16.1+01:00 mx postfix/tlswaiver-legacy/smtpd[7]: fatal: no such file",
        "<22>1 2026-11-28T18:11:16.1Z mx postfix/smtpd 7 - - fatal: no such file",
        "Nov 28 18:11:16 mx postfix-in/master[7]: warning: /usr/lib/postfix/sbin/smtpd: bad command"
            + " startup -- throttling"
      })
  void whatPostfixSaysIsFound(String line) throws Exception {
    assertThat(first(ORDINARY + line + "\n" + line)).contains(line);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fatal: open database /x",
        "panic: ",
        "Invalid TLS protocol list",
        "disabling TLS support",
        "warning: cannot get RSA certificate from file \"/x\": disabling TLS support",
        "bad command startup -- throttling",
        "No server certs available",
        "error: unsupported dictionary",
        "error: open database",
        "#012Nov 28 18:11:16 mx postfix/smtpd[7]: fatal: open database"
      })
  void whatClientsSayIsNot(String words) throws Exception {
    String peer = "a.example[192.0.2.1]";
    String smtpd = "Nov 28 18:11:16 mx postfix/smtpd[7]: ";
    for (String sentence :
        new String[] {
          "improper command pipelining after EHLO from " + peer + ": " + words + "\\r\\n",
          "warning: non-SMTP command from " + peer + ": " + words,
          "NOQUEUE: reject: RCPT from "
              + peer
              + ": 450 4.1.1 <x>: no; from=<"
              + words
              + "> to=<y>"
              + " proto=ESMTP helo=<"
              + words
              + ">",
          "warning: Illegal address syntax from " + peer + " in MAIL command: <" + words + ">",
          "warning: hostname fatal: does not resolve to address 192.0.2.1: " + words,
          peer + ": TLS cipher list \"" + words + "\""
        }) {
      assertThat(first(ORDINARY + smtpd + sentence)).as(sentence).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Nov 28 18:11:16 mx dovecot: imap-login: Error: fatal: SSL handshake",
        "Nov 28 18:11:16 mx rspamd[7]: fatal: no memory",
        "fatal: no header at all"
      })
  void whatOtherProgramsSayIsNot(String line) throws Exception {
    assertThat(first(ORDINARY + line)).isEmpty();
  }

  @Test
  void whatAFloodHidesIsFoundBehindIt() throws Exception {
    String flood = (ORDINARY.strip() + " of many a word\n").repeat(40_000);
    assertThat(first(flood + TROUBLE + "\n" + flood)).contains(TROUBLE);
    assertThat(first(flood)).isEmpty();
    assertThat(first("x".repeat(3 << 20) + "\n" + TROUBLE)).contains(TROUBLE);
  }
}
