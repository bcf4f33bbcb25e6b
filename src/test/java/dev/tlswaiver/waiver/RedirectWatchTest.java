package dev.tlswaiver.waiver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.handshake.Service;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RedirectWatchTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final IpAddress OLD = IpAddress.parse("198.51.100.10");

  private final Ledger ledger = new Ledger(List.of());
  private final RedirectWatch watch = new RedirectWatch(ledger, NOON.minusSeconds(3600));

  /** Three failures, half an hour apart, and a waiver since noon. */
  private void waive(Duration habit) {
    Evidence evidence =
        new Evidence(
            "old-protocol",
            Reason.UNSUPPORTED_PROTOCOL,
            Optional.empty(),
            3,
            NOON.minus(habit.multipliedBy(2)),
            NOON,
            Optional.empty());
    ledger.put(
        Waiver.propose(
                1,
                new Pool("oldbank.example"),
                List.of(OLD),
                List.of(OLD.toPrefix()),
                Rung.LEGACY,
                evidence,
                0)
            .during(new Term(NOON, NOON.plus(Duration.ofDays(7))))
            .become(State.ACTIVE, NOON, "the plan was applied"));
  }

  private static Observation seen(String service, IpAddress address) {
    return new Handshake(
        Optional.empty(),
        new Service("postfix", service),
        new Peer(Optional.empty(), Optional.of(address)),
        new Failed(Reason.UNSUPPORTED_PROTOCOL, Optional.empty(), "", false));
  }

  private void see(String service, int minutes) {
    watch.observe(seen(service, OLD), NOON.plus(Duration.ofMinutes(minutes)));
  }

  private List<String> broken(int minutes) {
    return List.copyOf(watch.broken(NOON.plus(Duration.ofMinutes(minutes))).values());
  }

  @Test
  void whoComesToThePublicPortTwiceIsNotRedirected() {
    waive(Duration.ofMinutes(30));
    see("smtpd", 10);
    assertThat(broken(11)).isEmpty();
    see("smtpd", 40);
    assertThat(broken(41))
        .singleElement()
        .asString()
        .startsWith("the redirect does not work: 198.51.100.10 is waived and came to the public");
    assertThat(broken(42)).as("told once").isEmpty();
  }

  @Test
  void aRulesetThatWasFlushedForAMomentIsNoEvidence() {
    waive(Duration.ofMinutes(30));
    see("smtpd", 10);
    see("smtpd", 11);
    see("tlswaiver-legacy/smtpd", 40);
    see("smtpd", 41);
    assertThat(broken(45)).isEmpty();
  }

  @Test
  void sessionsThatWereOpenWhenTheRedirectCameGoOn() {
    waive(Duration.ofMinutes(30));
    see("smtpd", 1);
    see("smtpd", 4);
    see("smtpd", 6);
    assertThat(broken(7)).isEmpty();
  }

  @Test
  void submissionAndOtherAddressesSayNothing() {
    waive(Duration.ofMinutes(30));
    for (int minutes = 10; minutes < 60; minutes += 10) {
      see("submission/smtpd", minutes);
      watch.observe(
          seen("smtpd", IpAddress.parse("198.51.100.11")), NOON.plus(Duration.ofMinutes(minutes)));
    }
    assertThat(broken(61)).isEmpty();
  }

  @Test
  void whoUsedToComeBackAndStaysAwayDoesNotGetThrough() {
    waive(Duration.ofMinutes(90));
    assertThat(broken(6 * 90 - 1)).isEmpty();
    assertThat(broken(6 * 90))
        .singleElement()
        .asString()
        .startsWith("the redirect may not work: oldbank.example came every 90 minutes");
  }

  @Test
  void aQueueThatBacksOffIsWaitedForHoweverOftenItCameAtFirst() {
    waive(Duration.ofMinutes(5));
    assertThat(broken(6 * 60 - 1)).isEmpty();
    assertThat(broken(6 * 60)).hasSize(1);
  }

  @Test
  void whoWasSeenOnTheRelaxedListenerMayStayAwayAfterwards() {
    waive(Duration.ofMinutes(30));
    see("tlswaiver-legacy/smtpd", 30);
    assertThat(broken(2_000)).isEmpty();
  }

  @Test
  void whoComesOnceADayIsWaitedFor() {
    waive(Duration.ofHours(20));
    assertThat(broken(2_000)).isEmpty();
  }

  @Test
  void anEndForThisReasonIsKnownAgain() {
    waive(Duration.ofMinutes(30));
    Waiver waiver = ledger.find(1).orElseThrow();
    assertThat(RedirectWatch.hasEnded(waiver, NOON.minusSeconds(1))).isFalse();
    String why = broken(600).get(0);
    Waiver ended = waiver.become(State.INEFFECTIVE, NOON.plusSeconds(60), why);
    assertThat(RedirectWatch.hasEnded(ended, NOON)).isTrue();
    assertThat(RedirectWatch.hasEnded(ended, NOON.plusSeconds(60))).isFalse();
  }
}
