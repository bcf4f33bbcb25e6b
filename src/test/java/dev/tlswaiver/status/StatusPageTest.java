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
import org.junit.jupiter.api.Test;

final class StatusPageTest {
  private static final String HOSTILE = "<script>alert('x')</script>\" onload=\"x&\u0007\u202e";

  private static final StatusPage.Agent AGENT =
      new StatusPage.Agent("1.2.3", true, Optional.empty());

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
            "oldbank.example",
            "2026-03-09 07:28:16 (in 5d)",
            "TLSv1 ECDHE-RSA-AES256-SHA, mail 4XyZ1234 at 2026-03-03 12:24:56",
            "none yet");
  }

  @Test
  void aConfigurationThatWasRefusedAndTheAgentsVersionAreNamed() {
    assertThat(busy()).contains("version 1.2.3").doesNotContain("refused, and the last good one");
    assertThat(
            StatusPage.render(
                Situations.busy(),
                NOW,
                new StatusPage.Agent("1", true, Optional.of("x.yaml:1:7: " + HOSTILE))))
        .contains("refused, and the last good one stays in force: x.yaml:1:7: &lt;script&gt;");
  }

  @Test
  void aRefusalStandsThereWithItsReason() {
    assertThat(busy()).contains("census.example", "probe: looks like a probe (70 of 50)");
  }

  @Test
  void whatIsOnlyProposedIsNotCalledRelaxed() {
    String page = busy();
    int relaxed = page.indexOf("<h2>Relaxed now");
    int proposed = page.indexOf("<h2>Proposed");
    assertThat(page.indexOf("waits.example")).isGreaterThan(proposed);
    assertThat(page.indexOf("printer.example")).isBetween(relaxed, proposed);
  }

  @Test
  void whatAStrangerChoseIsText() {
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
    assertThat(page)
        .contains("&lt;script&gt;alert(&#39;x&#39;)")
        .doesNotContain("<script", "\u0007");
    assertThat(page).doesNotContain("\u202e").doesNotContain("\" onload=");
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
    assertThat(page.indexOf("Safe mode: the ledger")).isBetween(0, page.indexOf("<h2>"));
  }

  @Test
  void aLogThatIsNotFollowedIsNotCalledFollowed() {
    assertThat(
            StatusPage.render(
                Situations.busy(), NOW, new StatusPage.Agent("1.2.3", false, Optional.empty())))
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
    assertThat(page).contains("p100.example", "And 20 more").doesNotContain("p101.example");
  }
}
