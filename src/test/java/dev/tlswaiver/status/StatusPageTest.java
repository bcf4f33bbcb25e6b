package dev.tlswaiver.status;

import static dev.tlswaiver.status.Situations.NOW;
import static dev.tlswaiver.status.Situations.handshake;
import static dev.tlswaiver.status.Situations.snapshot;
import static dev.tlswaiver.status.Situations.waiver;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.guard.Pause;
import dev.tlswaiver.handshake.Outcome;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class StatusPageTest {
  private static final String HOSTILE = "<script>alert('x')</script>\" onload=\"x&\u0007\u202e";

  private static final StatusPage.Agent AGENT = new StatusPage.Agent("1.2.3", true, false);

  private static String busy() {
    return StatusPage.render(Situations.busy(), NOW, AGENT);
  }

  @Test
  void aWaiverInForceStandsThereWithItsEndAndItsProof() throws IOException {
    String page = busy();
    // To look at, in a browser.
    Files.writeString(Path.of("target", "status-page.html"), page);
    assertThat(page)
        .contains(
            "PROVEN",
            "2026-03-09 07:28:16 (in 5d)",
            "mail at 2026-03-03 12:24:56, TLSv1 ECDHE-RSA-AES256-SHA",
            "none yet",
            "3 failures, unsupported-protocol");
  }

  @Test
  void aConfigurationThatWasRefusedAndTheAgentsVersionAreNamed() {
    assertThat(busy()).contains("version 1.2.3").doesNotContain("refused, and the last good one");
    assertThat(StatusPage.render(Situations.busy(), NOW, new StatusPage.Agent("1", true, true)))
        .contains("refused, and the last good one stays in force: tlswaiver check names");
  }

  @Test
  void aRefusalStandsThereWithItsGuardAndNotWithItsSentence() {
    assertThat(rows(busy(), "Refused lately"))
        .containsExactly("5 2026-03-03 12:29:56 unsupported-protocol probe");
  }

  @Test
  void whoWantsToKnowWhoIsToldHow() {
    assertThat(busy()).contains("tlswaiver list and tlswaiver show ID say who it is");
  }

  /** What a table says below its head, cell by cell. */
  private static List<String> rows(String page, String heading) {
    String table = page.substring(page.indexOf("<h2>" + heading));
    return Stream.of(table.substring(0, table.indexOf("</table>")).split("<tr>"))
        .skip(2)
        .map(row -> row.replaceAll("<[^>]*>", " ").strip().replaceAll(" +", " "))
        .toList();
  }

  @Test
  void whatIsOnlyProposedIsNotCalledRelaxed() {
    assertThat(rows(busy(), "Relaxed now"))
        .extracting(row -> row.split(" ")[0])
        .containsExactly("1", "2", "3");
    assertThat(rows(busy(), "Proposed")).singleElement().asString().startsWith("4 legacy ");
  }

  @Test
  void whatAStrangerChoseIsNotThere() {
    Trend trend = new Trend(NOW);
    trend.observe(handshake(NOW, "smtpd", new Outcome.Completed(HOSTILE, HOSTILE, 1)), NOW);
    List<Waiver> waivers =
        List.of(
            waiver(1, "a.example", State.REFUSED, HOSTILE, HOSTILE),
            waiver(2, "b.example", State.EXPIRED, HOSTILE, ""));
    String page =
        StatusPage.render(
            snapshot(
                waivers,
                Optional.of(new Pause(NOW.plusSeconds(9), HOSTILE)),
                Optional.of(HOSTILE),
                trend),
            NOW,
            AGENT);
    assertThat(page).doesNotContain("<script", "\u0007", "\u202e", "\" onload=", "alert");
  }

  @Test
  void thePageNeedsNothingElseAndHasNoStyleThatThePolicyForbids() {
    assertThat(busy())
        .doesNotContain("http:", "https:", "<link", "<img", "src=", "url(", "style=\"", "<script")
        .contains("name=\"viewport\"", "prefers-color-scheme: dark");
  }

  @Test
  void anOldSnapshotSaysSo() {
    assertThat(StatusPage.render(Situations.busy(), NOW.plusSeconds(29), AGENT))
        .doesNotContain("hangs");
    assertThat(StatusPage.render(Situations.busy(), NOW.plusSeconds(300), AGENT))
        .contains("This is 5m old: the agent is busy with a plan, or hangs.");
  }

  @Test
  void pauseAndSafeModeComeFirst() {
    String page =
        StatusPage.render(
            snapshot(
                List.of(),
                Optional.of(new Pause(NOW.plusSeconds(9), "paused by the operator")),
                Optional.of("the ledger is damaged"),
                new Trend(NOW)),
            NOW,
            AGENT);
    assertThat(page.indexOf("Paused until")).isBetween(0, page.indexOf("<h2>"));
    assertThat(page.indexOf("Safe mode: a damaged ledger")).isBetween(0, page.indexOf("<h2>"));
  }

  @Test
  void aLogThatIsNotFollowedIsNotCalledFollowed() {
    assertThat(
            StatusPage.render(Situations.busy(), NOW, new StatusPage.Agent("1.2.3", false, false)))
        .contains("not followed");
    assertThat(busy()).doesNotContain("not followed");
  }

  @Test
  void muchIsCutAndSaysSo() {
    List<Waiver> many =
        IntStream.rangeClosed(1, 120)
            .mapToObj(id -> waiver(id, "p" + id + ".example", State.ACTIVE, "", ""))
            .toList();
    String page =
        StatusPage.render(
            snapshot(many, Optional.empty(), Optional.empty(), new Trend(NOW)), NOW, AGENT);
    assertThat(rows(page, "Relaxed now")).hasSize(100).last().asString().startsWith("100 ");
    assertThat(page).contains("And 20 more");
  }
}
