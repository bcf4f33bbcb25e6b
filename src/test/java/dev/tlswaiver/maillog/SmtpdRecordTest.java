package dev.tlswaiver.maillog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.maillog.SmtpdRecord.AcceptedMail;
import dev.tlswaiver.maillog.SmtpdRecord.Disconnect;
import dev.tlswaiver.maillog.SmtpdRecord.Established;
import dev.tlswaiver.maillog.SmtpdRecord.LibraryProblem;
import dev.tlswaiver.peer.Peer;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SmtpdRecordTest {
  private static final Peer PEER = Peer.find("a.example[192.0.2.1]").orElseThrow();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "connect | connect from a.example[192.0.2.1]",
        "starttls | setting up TLS connection from a.example[192.0.2.1]:4711",
        "accept-error | SSL_accept error from a.example[192.0.2.1]: -1",
        "accept-error | SSL_accept error from a.example[192.0.2.1]: Connection reset by peer",
        "accept-error | TLS handshake failed for service=smtpd peer=[192.0.2.1]:41455",
        "library-problem | warning: TLS library problem: error:0A0000C1:SSL routines::no shared"
            + " cipher:../ssl/statem/statem_srvr.c:2226:",
        "lost-connection | lost connection after STARTTLS from a.example[192.0.2.1]",
        "lost-connection | NOQUEUE: lost connection after STARTTLS from a.example[192.0.2.1]",
        "lost-connection | 4F6D0629C: timeout after DATA (12 bytes) from a.example[192.0.2.1]",
        "disconnect | disconnect from a.example[192.0.2.1]",
        "accepted-mail | 66BB15DC6: client=a.example[192.0.2.1]",
        "reject | NOQUEUE: reject: RCPT from a.example[192.0.2.1]: 554 5.7.1 no",
        "own-fault | warning: Invalid TLS protocol list \"TLS1\": disabling TLS support",
        "own-fault | fatal: bad boolean configuration: tls_preempt_cipherlist = maybe",
        "other | initializing the server-side TLS engine",
        "other | SSL_accept:before/accept initialization",
        "other | a.example[192.0.2.1]: TLS cipher list \"ALL\"",
        "unrecognized | something that nobody ever wrote"
      })
  void sentencesHaveTheirWords(String word, String text) {
    assertThat(SmtpdRecord.parse(text).word()).isEqualTo(word);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "unknown[client address] | - | -",
        "mail.example[<ip>] | mail.example | -",
        "mail.example[**192.0.2.7**] | mail.example | 192.0.2.7",
        "mail.example [192.0.2.7] | mail.example | 192.0.2.7",
        "mail.example(192.0.2.7) | mail.example | 192.0.2.7",
        "mail.example[] | mail.example | -",
        "[REDACTED][REDACTED] | - | -",
        "mail.example | mail.example | -",
        "unknown | - | -",
        "192.0.2.7 | - | 192.0.2.7"
      })
  void aClientThatWasBlottedOutIsStillAClient(String client, String name, String address) {
    for (String text :
        new String[] {
          "connect from %s", "SSL_accept error from %s: -1", "disconnect from %s quit=1"
        }) {
      assertThat(SmtpdRecord.parse(text.formatted(client)))
          .isNotInstanceOf(SmtpdRecord.Unrecognized.class);
    }
    assertThat(SmtpdRecord.parse("SSL_accept error from %s: -1".formatted(client)))
        .isInstanceOfSatisfying(
            SmtpdRecord.AcceptError.class,
            error -> {
              assertThat(error.peer().name().map(Object::toString).orElse(null)).isEqualTo(name);
              assertThat(error.peer().address().map(Object::toString).orElse(null))
                  .isEqualTo(address);
            });
  }

  @Test
  void theTailOfASuccessDoesNotMatter() {
    assertThat(
            SmtpdRecord.parse(
                "Anonymous TLS connection established from a.example[192.0.2.1] to mx.example:"
                    + " TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519"
                    + " server-signature RSA-PSS (2048 bits) server-digest SHA256"))
        .isEqualTo(new Established(PEER, "TLSv1.3", "TLS_AES_256_GCM_SHA384", 256));
    assertThat(
            SmtpdRecord.parse(
                "TLS connection established from a.example[192.0.2.1]: TLSv1 with cipher"
                    + " AES128-SHA (128/128 bits)"))
        .isEqualTo(new Established(PEER, "TLSv1", "AES128-SHA", 128));
  }

  @Test
  void theStatisticsOfADisconnectAreRead() {
    assertThat(
            SmtpdRecord.parse(
                "disconnect from a.example[192.0.2.1] ehlo=1 starttls=0/1 commands=1/2"))
        .isEqualTo(new Disconnect(PEER, Optional.of(0), Optional.of(2)));
  }

  @Test
  void aQueueIdIsTaken() {
    assertThat(
            SmtpdRecord.parse(
                "4XyZ123abcz5: client=a.example[192.0.2.1], sasl_method=PLAIN, sasl_username=x"))
        .isEqualTo(new AcceptedMail(PEER, "4XyZ123abcz5", true));
    assertThat(SmtpdRecord.parse("4XyZ123abcz5: client=a.example[192.0.2.1]"))
        .isEqualTo(new AcceptedMail(PEER, "4XyZ123abcz5", false));
  }

  @Test
  void aPidBeforeTheErrorIsNoCode() {
    assertThat(
            SmtpdRecord.parse(
                "warning: TLS library problem: 7659:error:1408A0C1:SSL"
                    + " routines:SSL3_GET_CLIENT_HELLO:no shared cipher:s3_srvr.c:1387:"))
        .isEqualTo(
            new LibraryProblem(
                new OpenSslError(
                    "1408A0C1",
                    "SSL routines",
                    "SSL3_GET_CLIENT_HELLO",
                    "no shared cipher",
                    "s3_srvr.c",
                    "")));
  }

  @Test
  void dataOfAnErrorIsKept() {
    assertThat(
            OpenSslError.find(
                    "error:0A000418:SSL routines::tlsv1 alert unknown"
                        + " ca:../ssl/record/rec_layer_s3.c:1601:SSL alert number 48:")
                .map(OpenSslError::data))
        .contains("SSL alert number 48");
  }
}
