package dev.tlswaiver.excerpt;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ExcerptTest {
  private static List<String> mended(String text) {
    List<String> lines = new ArrayList<>();
    Excerpt excerpt =
        new Excerpt(
            new ExcerptReader(ZoneOffset.UTC), Instant.parse("2026-12-01T00:00:00Z"), lines::add);
    text.lines().forEach(excerpt::accept);
    excerpt.finish();
    return lines;
  }

  @Test
  void linesThatAMailProgramBrokeAreWhole() {
    assertThat(
            mended(
                """
                > Mar  1 10:00:00 mx postfix/smtpd[31]: SSL_accept error from
                > a.example[192.0.2.1]: -1
                > Mar  1 10:00:00 mx postfix/smtpd[31]: warning: TLS library problem:
                > 31:error:1408A0C1:SSL routines:SSL3_GET_CLIENT_HELLO:no shared
                > cipher:s3_srvr.c:1387:
                > Mar  1 10:00:00 mx postfix/smtpd[31]: lost connection after STARTTLS from
                > a.example[192.0.2.1]

                What does it mean?
                """))
        .containsExactly(
            "> Mar  1 10:00:00 mx postfix/smtpd[31]: SSL_accept error from a.example[192.0.2.1]:"
                + " -1",
            "> Mar  1 10:00:00 mx postfix/smtpd[31]: warning: TLS library problem:"
                + " 31:error:1408A0C1:SSL routines:SSL3_GET_CLIENT_HELLO:no shared"
                + " cipher:s3_srvr.c:1387:",
            "> Mar  1 10:00:00 mx postfix/smtpd[31]: lost connection after STARTTLS from"
                + " a.example[192.0.2.1]",
            "",
            "What does it mean?");
  }

  @Test
  void aLogAsItWasWrittenStaysAsItIs() {
    String log =
        """
        Mar  1 10:00:00 mx postfix/smtpd[31]: connect from a.example[192.0.2.1]
        Mar  1 10:00:00 mx postfix/smtpd[31]: warning: non-SMTP command from a.example[192.0.2.1]: x
        SSL_accept error from b.example[192.0.2.2]: -1
        Mar  1 10:00:00 mx postfix/smtpd[31]: SSL_accept error from
        Mar  1 10:00:00 mx postfix/smtpd[31]: disconnect from a.example[192.0.2.1]
        """;
    assertThat(mended(log)).isEqualTo(log.lines().toList());
  }
}
