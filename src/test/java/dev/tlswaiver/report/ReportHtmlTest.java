package dev.tlswaiver.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.peer.Pool;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

final class ReportHtmlTest {
  private static final String HOSTILE = "<script>alert('x')</script>\"&\u0007";

  private static Report report(int days) {
    Instant first = Instant.parse("2026-03-01T10:00:00Z");
    return new Report(
        10,
        10,
        0,
        1,
        Optional.of(first),
        Optional.of(first.plusSeconds(86_400L * days)),
        List.of(
            new Report.Failure(
                Optional.empty(),
                Optional.empty(),
                Optional.of(new Pool("sender.example")),
                HOSTILE,
                Reason.NO_SHARED_CIPHER,
                Optional.of("0A0000C1"),
                false,
                7,
                Optional.of(first),
                Optional.of(first))),
        List.of(new Report.Established("smtpd", HOSTILE, HOSTILE, 256, 9, 2)),
        List.of(new Report.OwnFaults(HOSTILE, 1)),
        List.of(),
        course(Duration.ofDays(1), days));
  }

  private static Report.Course course(Duration each, int slices) {
    return new Report.Course(
        each,
        java.util.stream.IntStream.range(0, slices)
            .mapToObj(
                slice ->
                    new Report.Slice(
                        Instant.parse("2026-03-01T00:00:00Z").plus(each.multipliedBy(slice)),
                        Map.of(Reason.NO_SHARED_CIPHER, slice),
                        Map.of("TLSv1.3", 3, HOSTILE, 1)))
            .toList());
  }

  @Test
  void anHourIsAColumnWhereTheLogIsShort() {
    Report days = report(2);
    String page =
        ReportHtml.render(
            new Report(
                days.lines(),
                days.postfixLines(),
                days.unrecognized(),
                days.gaps(),
                days.from(),
                days.to(),
                days.failures(),
                days.established(),
                days.ownFaults(),
                days.plaintextAfterFailure(),
                course(Duration.ofHours(1), 30)));
    assertThat(page)
        .contains(
            "Each column is an hour.", ">03-02 00:00<", "<title>03-02 05:00 no-shared-cipher");
  }

  @Test
  void whatAStrangerWroteIsText() {
    String page = ReportHtml.render(report(3));
    assertThat(page).doesNotContain("<script").contains("&lt;script&gt;alert(&#39;x&#39;)");
    assertThat(page).doesNotContain("\u0007");
  }

  @Test
  void thePageNeedsNothingElse() {
    assertThat(ReportHtml.render(report(3)))
        .doesNotContain("http://", "https://", "<link", "<img", "src=", "url(")
        .contains("default-src 'none'");
  }

  @Test
  void aYearIsPutIntoAsManyColumnsAsFit() {
    String page = ReportHtml.render(report(400));
    assertThat(page).contains("Each column is 5 days.");
    // One for each protocol and reason in each of 80 columns, and one for the sender.
    assertThat(page.split("<rect", -1).length - 1).isLessThan(300);
  }

  @Test
  void theChartsAreWellFormed() throws Exception {
    String page = ReportHtml.render(report(30));
    int from = page.indexOf("<svg");
    while (from >= 0) {
      String svg = page.substring(from, page.indexOf("</svg>", from) + 6);
      DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
      from = page.indexOf("<svg", from + 1);
    }
  }

  @Test
  void anEmptyReportIsAPageToo() {
    Report empty =
        new Report(
            0,
            0,
            0,
            0,
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            course(Duration.ofDays(1), 0));
    assertThat(ReportHtml.render(empty)).contains("No failure has a time.").contains("None.");
  }
}
