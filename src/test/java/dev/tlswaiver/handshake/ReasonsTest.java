package dev.tlswaiver.handshake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.maillog.OpenSslError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ReasonsTest {
  private static final Path ERRORS = Path.of("src/test/resources/handshake/openssl-errors.tsv");
  private static final Path REASONS = Path.of("src/test/resources/handshake/reasons.txt");

  private record Row(String code, String function, String text) {
    OpenSslError printed() {
      return OpenSslError.find(
              "error:" + code + ":SSL routines:" + function + ":" + text + ":ssl/x.c:1:")
          .orElseThrow();
    }
  }

  private static List<Row> rows() throws Exception {
    return Files.readAllLines(ERRORS).stream()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split("\t"))
        .map(fields -> new Row(fields[0], fields[1], fields[2]))
        .toList();
  }

  /** All errors of 26 releases, by what we take them for; the file is read by people. */
  @Test
  void everyErrorOfEveryReleaseMeansWhatTheTableSays() throws Exception {
    Map<String, TreeSet<String>> texts = new TreeMap<>();
    for (Row row : rows()) {
      Reason reason = Reasons.of(row.printed());
      String where = row.text().equals("wrong version number") ? " in " + row.function() : "";
      texts
          .computeIfAbsent(reason.label(), unseen -> new TreeSet<>())
          .add(row.printed().reasonNumber() + " " + row.text() + where);
    }
    StringBuilder all = new StringBuilder();
    texts.forEach(
        (reason, found) -> {
          all.append(reason).append('\n');
          found.forEach(text -> all.append("  ").append(text).append('\n'));
        });
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(REASONS, all);
    }
    assertThat(all.toString()).isEqualTo(Files.readString(REASONS));
  }

  /** An OpenSSL without its strings prints reason(N): the number must lead to the same. */
  @Test
  void aMissingTextIsMadeUpForByNumberAndGeneration() throws Exception {
    for (Row row : rows()) {
      Reason named = Reasons.of(row.printed());
      Reason numbered =
          Reasons.of(
              new Row(row.code(), row.function(), "reason(" + row.printed().reasonNumber() + ")")
                  .printed());
      // Rare ones may be lost without their text, but none may turn into another.
      assertThat(numbered).as("%s", row).isIn(named, Reason.OTHER);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1408A0C1, SSL3_GET_CLIENT_HELLO, reason(193), no-shared-cipher",
    "0A0000C1, '', reason(193), no-shared-cipher",
    "14201076, tls_choose_sigalg, reason(118), no-signature-algorithm",
    "1408B076, SSL3_GET_CLIENT_KEY_EXCHANGE, reason(118), other",
    "0A000126, '', reason(294), disconnected",
    "14080126, SSL3_ACCEPT, reason(294), other",
    "0A0C0103, '', internal error, other",
    "0A00042E, '', tls alert protocol version, protocol-version-alert",
    "0A000418, '', ssl/tls alert unknown ca, certificate-rejected",
    "1409442E, ssl3_read_bytes, reason(1070), protocol-version-alert",
    "140270C1, ACCEPT_SR_CLNT_HELLO_C, no shared cipher, no-shared-cipher",
    "1408A10B, ssl3_get_client_hello, wrong version number, unsupported-protocol",
    "1408F10B, SSL3_GET_RECORD, wrong version number, not-tls",
    "0A00010B, '', wrong version number, not-tls"
  })
  void numberTextAndFunctionAreReadTogether(
      String code, String function, String text, String reason) {
    assertThat(Reasons.of(new Row(code, function, text).printed()).label()).isEqualTo(reason);
  }

  /** ssl_srvr.c has read a hello whole, ssl_pkt.c no more than the header of a record. */
  @ParameterizedTest
  @CsvSource({
    "error:1402710B:SSL routines:ACCEPT_SR_CLNT_HELLO_C:wrong version"
        + " number:/usr/src/lib/libssl/ssl_srvr.c:875:, unsupported-protocol",
    "error:1402610B:SSL routines:ACCEPT_SR_CLNT_HELLO:wrong version number:ssl_srvr.c:875:,"
        + " unsupported-protocol",
    "error:1402610B:SSL routines:ACCEPT_SR_CLNT_HELLO:wrong version number:ssl_pkt.c:386:, not-tls",
    "error:1402710B:SSL routines:ACCEPT_SR_CLNT_HELLO_C:wrong version number, unsupported-protocol",
    "error:1402610B:SSL routines:ACCEPT_SR_CLNT_HELLO_B:wrong version number, not-tls"
  })
  void libreSslsWrongVersionIsToldByWhatItHadRead(String printed, String reason) {
    assertThat(Reasons.of(OpenSslError.find(printed).orElseThrow()).label()).isEqualTo(reason);
  }

  @Test
  void whatCanComeUpWithoutAPeerNeedsNone() {
    assertThat(Reasons.needsPeer(new Row("0A000102", "", "unsupported protocol").printed()))
        .isTrue();
    assertThat(Reasons.needsPeer(new Row("0A000418", "", "tlsv1 alert unknown ca").printed()))
        .isTrue();
    assertThat(Reasons.needsPeer(new Row("0A000438", "", "tlsv1 alert internal error").printed()))
        .isTrue();
    assertThat(Reasons.needsPeer(new Row("0A00018A", "", "dh key too small").printed())).isFalse();
    assertThat(Reasons.needsPeer(new Row("0A0000B1", "", "no certificate assigned").printed()))
        .isFalse();
    assertThat(Reasons.needsPeer(new Row("0A0C0103", "", "internal error").printed())).isFalse();
  }

  @Test
  void anotherLibrarysErrorIsNoReason() {
    assertThat(
            Reasons.of(
                OpenSslError.find(
                        "error:0A0000C1:rsa routines:RSA_padding_check:no shared cipher:x.c:1:")
                    .orElseThrow()))
        .isEqualTo(Reason.OTHER);
  }

  @Test
  void theLastCauseCountsAndTheRecordLayersSecondErrorIsNone() {
    OpenSslError first = new Row("0A0000C1", "", "no shared cipher").printed();
    OpenSslError last = new Row("0A000102", "", "unsupported protocol").printed();
    OpenSslError pair = new Row("0A000139", "", "record layer failure").printed();
    assertThat(Reasons.cause(first, last)).isEqualTo(last);
    assertThat(Reasons.cause(last, pair)).isEqualTo(last);
    assertThat(Reasons.cause(pair, pair)).isEqualTo(pair);
    assertThat(Reasons.cause(pair, first)).isEqualTo(first);
  }
}
