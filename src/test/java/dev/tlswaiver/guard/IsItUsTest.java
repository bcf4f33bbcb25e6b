package dev.tlswaiver.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.handshake.Notes;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.handshake.Service;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.waiver.Evidence;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class IsItUsTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final Service MX = new Service("postfix", "smtpd");

  private final Set<Pool> strangers = new HashSet<>();

  /** Of whom nothing was seen before. */
  private final Set<Pool> unknown = new HashSet<>();

  private final LastSeen met = Memories.of(1_000);
  private final Map<String, String> noted = new HashMap<>();
  private Notes notes = new Notes();
  private IsItUs guard = guard();

  private IsItUs guard() {
    return new IsItUs(
        5,
        Duration.ofHours(1),
        new IsItUs.Senders(
            pool -> true,
            (pool, now) -> !strangers.contains(pool),
            (pool, began) -> !strangers.contains(pool) && !unknown.contains(pool),
            met::find),
        notes);
  }

  private void restart() {
    notes.drain().forEach((key, value) -> noted.put(key, value.orElseThrow()));
    notes = new Notes();
    guard = guard();
    noted.forEach(guard::restore);
  }

  private static Pool pool(int number) {
    return new Pool("p" + number + ".example");
  }

  private void see(Pool pool, Duration after, Outcome outcome) {
    if (outcome instanceof Completed) {
      met.see(pool.id(), NOON.plus(after));
    }
    guard.observe(
        new Handshake(
            Optional.of(NOON.plus(after)),
            MX,
            new Peer(Optional.empty(), Optional.empty()),
            outcome),
        pool);
  }

  private void fail(int number, Duration after) {
    fail(pool(number), after);
  }

  private void fail(Pool pool, Duration after) {
    see(pool, after, new Failed(Reason.NO_SHARED_CIPHER, Optional.empty(), "", false));
  }

  private void succeed(int number, Duration after) {
    see(pool(number), after, new Completed("TLSv1.3", "TLS_AES_256_GCM_SHA384", 256));
  }

  private Optional<String> review(int number, Duration after) {
    return guard.review(proposal(number, after));
  }

  private Optional<String> judge(int number, Duration after) {
    return guard.judge(proposal(number, after));
  }

  private static Waiver proposal(int number, Duration after) {
    return new Waiver(
        1,
        pool(number),
        List.of(IpAddress.parse("192.0.2." + number)),
        List.of(),
        Rung.CIPHERS,
        new Evidence(
            "no-shared-cipher",
            Reason.NO_SHARED_CIPHER,
            Optional.empty(),
            3,
            NOON.plus(after),
            NOON.plus(after),
            Optional.empty()),
        NOON.plus(after),
        State.PROPOSED,
        0,
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        List.of(),
        List.of());
  }

  private void theLogBeginsADayBefore() {
    succeed(99, Duration.ofDays(-1));
  }

  @Test
  void fourAreNotEnoughAndFiveAre() {
    theLogBeginsADayBefore();
    for (int i = 0; i < 4; i++) {
      fail(i, Duration.ofMinutes(10L * i));
    }
    assertThat(judge(0, Duration.ofMinutes(50))).isEmpty();
    fail(4, Duration.ofMinutes(50));
    assertThat(judge(0, Duration.ofMinutes(50)))
        .hasValueSatisfying(
            text ->
                assertThat(text)
                    .startsWith("5 unrelated senders began to fail with no-shared-cipher within 60")
                    .contains("look at our own certificate"));
  }

  @Test
  void askingNotesNothing() {
    theLogBeginsADayBefore();
    for (int i = 0; i < 5; i++) {
      fail(i, Duration.ofMinutes(i));
    }
    notes.drain();
    assertThat(review(0, Duration.ofMinutes(5))).isPresent();
    assertThat(notes.drain()).isEmpty();
    assertThat(review(6, Duration.ofHours(9))).isEmpty();
  }

  @Test
  void askingSavesNobodyFromEviction() {
    theLogBeginsADayBefore();
    fail(1, Duration.ZERO);
    for (int i = 0; i < 5_000; i++) {
      assertThat(guard.isNews(pool(1), Reason.NO_SHARED_CIPHER, NOON)).isTrue();
      fail(new Pool("other" + i + ".example"), Duration.ZERO);
    }
    assertThat(guard.isNews(pool(1), Reason.NO_SHARED_CIPHER, NOON)).isFalse();
  }

  @Test
  void aRestartForgetsNothing() {
    theLogBeginsADayBefore();
    guard.changed(NOON.minusSeconds(100), "Postfix was reloaded");
    for (int i = 0; i < 5; i++) {
      fail(i, Duration.ofMinutes(i));
    }
    Optional<String> many = judge(0, Duration.ofMinutes(5));
    restart();
    assertThat(judge(0, Duration.ofMinutes(5))).isEqualTo(many).isPresent();
    fail(6, Duration.ofHours(9));
    Optional<String> late = judge(6, Duration.ofHours(9));
    restart();
    assertThat(judge(6, Duration.ofHours(9))).isEqualTo(late).isPresent();
  }

  @Test
  void theChangesBeforeAreNamed() {
    theLogBeginsADayBefore();
    guard.changed(NOON.minusSeconds(100), "Postfix was reloaded");
    guard.changed(NOON.minus(Duration.ofDays(3)), "Postfix was started");
    for (int i = 0; i < 5; i++) {
      fail(i, Duration.ofMinutes(i));
    }
    assertThat(judge(0, Duration.ofMinutes(50)).orElseThrow())
        .endsWith("; shortly before: Postfix was reloaded at 2026-03-01T11:58:20Z");
  }

  @Test
  void thoseThatFailedSinceLongBeforeAreNoNews() {
    theLogBeginsADayBefore();
    for (int i = 0; i < 9; i++) {
      for (int hour = 2 * i; hour < 20; hour++) {
        fail(i, Duration.ofHours(hour));
      }
    }
    assertThat(judge(0, Duration.ofHours(20))).isEmpty();
    assertThat(judge(8, Duration.ofHours(20))).isEmpty();
  }

  @Test
  void thoseThatFailAsTheLogBeginsMayBeOldAndFifteenMayNot() {
    for (int i = 0; i < 14; i++) {
      fail(i, Duration.ofMinutes(i));
    }
    assertThat(judge(0, Duration.ofMinutes(20))).isEmpty();
    fail(14, Duration.ofMinutes(20));
    assertThat(judge(0, Duration.ofMinutes(20))).isPresent();
  }

  @Test
  void aChangeAtTheLogsBeginningDatesThem() {
    guard.changed(NOON.minusSeconds(1), "Postfix was reloaded");
    for (int i = 0; i < 5; i++) {
      fail(i, Duration.ofMinutes(i));
    }
    assertThat(judge(0, Duration.ofMinutes(20))).isPresent();
  }

  @Test
  void inTheFirstDaysThoseWithANameAreAnAlarmAlone() {
    succeed(99, Duration.ofHours(-3));
    for (int i = 0; i < 5; i++) {
      unknown.add(pool(i));
      fail(i, Duration.ofMinutes(i));
    }
    Instant now = NOON.plus(Duration.ofMinutes(5));
    assertThat(judge(0, Duration.ofMinutes(5))).isEmpty();
    assertThat(guard.suspicion(pool(4), Reason.NO_SHARED_CIPHER, now))
        .hasValueSatisfying(
            said -> assertThat(said.text()).startsWith("5 unrelated senders began to fail"));
    strangers.add(pool(3));
    assertThat(guard.suspicion(pool(4), Reason.NO_SHARED_CIPHER, now)).isEmpty();
  }

  @Test
  void laterNamesAreNothing() {
    succeed(99, Duration.ofDays(-4));
    for (int i = 0; i < 9; i++) {
      unknown.add(pool(i));
      fail(i, Duration.ofMinutes(i));
    }
    Instant now = NOON.plus(Duration.ofMinutes(9));
    assertThat(judge(0, Duration.ofMinutes(9))).isEmpty();
    assertThat(guard.suspicion(pool(4), Reason.NO_SHARED_CIPHER, now)).isEmpty();
  }

  @Test
  void whoeverComesBackAfterDaysWithoutASuccessIsNoNews() {
    theLogBeginsADayBefore();
    for (int i = 0; i < 6; i++) {
      fail(i, Duration.ofHours(7L * i));
    }
    for (int i = 0; i < 6; i++) {
      fail(i, Duration.ofDays(6).plusMinutes(i));
    }
    assertThat(judge(0, Duration.ofDays(6).plusMinutes(6))).isEmpty();
    for (int i = 0; i < 6; i++) {
      succeed(i, Duration.ofDays(7));
      fail(i, Duration.ofDays(9).plusMinutes(i));
    }
    assertThat(judge(0, Duration.ofDays(9).plusMinutes(6))).as("it worked before").isPresent();
  }

  @Test
  void strangersAndThoseThatSucceedMeanwhileSayNothing() {
    theLogBeginsADayBefore();
    for (int i = 0; i < 6; i++) {
      fail(i, Duration.ofMinutes(i));
    }
    succeed(1, Duration.ofMinutes(20));
    strangers.add(pool(2));
    assertThat(judge(0, Duration.ofMinutes(30))).isEmpty();
  }

  @Test
  void theSlowOnesOfAnIncidentBelongToItWhileItLasts() {
    theLogBeginsADayBefore();
    for (int i = 0; i < 6; i++) {
      fail(i, Duration.ofMinutes(i));
    }
    assertThat(judge(0, Duration.ofMinutes(10))).isPresent();
    fail(7, Duration.ofHours(6));
    assertThat(judge(7, Duration.ofHours(6)).orElseThrow())
        .startsWith("p7.example began to fail after many others did with no-shared-cipher from");
    for (int i = 0; i < 6; i++) {
      succeed(i, Duration.ofHours(8));
    }
    assertThat(judge(7, Duration.ofHours(9))).isEmpty();
  }

  @Test
  void otherReasonsAreOtherMatters() {
    theLogBeginsADayBefore();
    for (int i = 0; i < 5; i++) {
      see(
          pool(i),
          Duration.ofMinutes(i),
          new Failed(Reason.UNSUPPORTED_PROTOCOL, Optional.empty(), "", false));
    }
    assertThat(judge(0, Duration.ofMinutes(10))).isEmpty();
  }

  /** Rule b: whoever fails in several ways takes several places. */
  @Test
  void theBoundHoldsForAllReasonsTogether() {
    fail(-1, Duration.ZERO);
    for (int i = 0; i < IsItUs.MOST_POOLS; i++) {
      see(pool(i), Duration.ZERO, new Failed(Reason.VERSION_TOO_LOW, Optional.empty(), "", false));
    }
    assertThat(notes.drain().keySet().stream().filter(key -> key.endsWith(".example")))
        .hasSize(IsItUs.MOST_POOLS)
        .contains("no-shared-cipher p-1.example");
  }
}
