package dev.tlswaiver.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome;
import dev.tlswaiver.handshake.Outcome.Completed;
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
import java.util.Set;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

final class WindowsTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final Pool POOL = new Pool("oldbank.example");
  private static final Rule RULE =
      new Rule(
          "old-protocol",
          Set.of(Reason.UNSUPPORTED_PROTOCOL),
          Optional.empty(),
          3,
          Duration.ofHours(24),
          Duration.ofMinutes(10));

  private final Windows windows = new Windows(List.of(RULE));

  private static Handshake handshake(Duration after, Outcome outcome) {
    return new Handshake(
        Optional.of(NOON.plus(after)),
        new Service("postfix", "smtpd"),
        new Peer(Optional.empty(), Optional.of(IpAddress.parse("198.51.100.10"))),
        outcome);
  }

  private static Failed failed(Reason reason) {
    return new Failed(reason, Optional.empty(), "text of " + reason.label(), false);
  }

  private List<Finding> fail(Duration after) {
    return windows.observe(POOL, handshake(after, failed(Reason.UNSUPPORTED_PROTOCOL)));
  }

  @Test
  void theThirdFailureIsAFinding() {
    assertThat(fail(Duration.ZERO)).isEmpty();
    assertThat(fail(Duration.ofMinutes(5))).isEmpty();
    assertThat(fail(Duration.ofMinutes(10)))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.failures()).isEqualTo(3);
              assertThat(finding.first()).isEqualTo(NOON);
              assertThat(finding.last()).isEqualTo(NOON.plus(Duration.ofMinutes(10)));
              assertThat(finding.addresses()).containsExactly(IpAddress.parse("198.51.100.10"));
            });
  }

  @Test
  void threeFailuresInAMomentAreNone() {
    fail(Duration.ZERO);
    fail(Duration.ofSeconds(1));
    assertThat(fail(Duration.ofSeconds(2))).isEmpty();
  }

  @Test
  void failuresLeaveTheWindow() {
    fail(Duration.ZERO);
    fail(Duration.ofMinutes(5));
    assertThat(fail(Duration.ofHours(24).plusSeconds(1))).isEmpty();
  }

  @Test
  void aFailureExactlyAtTheWindowsStartCounts() {
    fail(Duration.ZERO);
    fail(Duration.ofMinutes(5));
    assertThat(fail(Duration.ofHours(24))).hasSize(1);
  }

  @Test
  void otherReasonsAndSuccessDoNotCount() {
    fail(Duration.ZERO);
    fail(Duration.ofMinutes(5));
    assertThat(windows.observe(POOL, handshake(Duration.ofMinutes(9), failed(Reason.NOT_TLS))))
        .isEmpty();
    assertThat(
            windows.observe(
                POOL, handshake(Duration.ofMinutes(9), new Completed("TLSv1.2", "X", 256))))
        .isEmpty();
    assertThat(fail(Duration.ofMinutes(11)).get(0).failures()).isEqualTo(3);
  }

  @Test
  void poolsAreCountedApart() {
    fail(Duration.ZERO);
    fail(Duration.ofMinutes(20));
    assertThat(
            windows.observe(
                new Pool("other.example"),
                handshake(Duration.ofMinutes(30), failed(Reason.UNSUPPORTED_PROTOCOL))))
        .isEmpty();
  }

  @Test
  void aLineWithoutATimeIsNoEvidence() {
    Handshake timeless =
        new Handshake(
            Optional.empty(),
            new Service("postfix", "smtpd"),
            new Peer(Optional.empty(), Optional.of(IpAddress.parse("198.51.100.10"))),
            failed(Reason.UNSUPPORTED_PROTOCOL));
    for (int i = 0; i < 5; i++) {
      assertThat(windows.observe(POOL, timeless)).isEmpty();
    }
    assertThat(windows.progress()).isEmpty();
  }

  @Test
  void aPatternCountsWhatHasNoReasonYet() {
    Rule rule =
        new Rule(
            "strange",
            Set.of(),
            Optional.of(Pattern.compile("text of other")),
            1,
            Duration.ofHours(1),
            Duration.ZERO);
    Windows strange = new Windows(List.of(rule));
    assertThat(strange.observe(POOL, handshake(Duration.ZERO, failed(Reason.OTHER)))).hasSize(1);
    assertThat(strange.observe(POOL, handshake(Duration.ZERO, failed(Reason.NOT_TLS)))).isEmpty();
  }

  @Test
  void poolsThatFailedLongestAgoAreEvictedFirst() {
    Failed failure = failed(Reason.UNSUPPORTED_PROTOCOL);
    for (int i = 0; i < Windows.MOST_ONCE + 10; i++) {
      windows.observe(new Pool("p" + i), handshake(Duration.ofSeconds(i), failure));
    }
    assertThat(windows.progress())
        .hasSizeBetween(Windows.MOST_ONCE * 7 / 8, Windows.MOST_ONCE)
        .noneMatch(row -> row.pool().id().equals("p9"))
        .anyMatch(row -> row.pool().id().equals("p" + Windows.MOST_ONCE));
  }

  @Test
  void aCrowdOfProbesDoesNotEvictASenderThatComesAgain() {
    Failed failure = failed(Reason.UNSUPPORTED_PROTOCOL);
    List<Finding> found = List.of();
    for (int i = 0; i < 200_000; i++) {
      windows.observe(new Pool("p" + i), handshake(Duration.ofMillis(100L * i), failure));
      if (i % 60_000 == 1_000) {
        found = fail(Duration.ofMillis(100L * i));
      }
    }
    assertThat(found)
        .singleElement()
        .satisfies(finding -> assertThat(finding.failures()).isEqualTo(4));
    assertThat(windows.progress()).hasSizeBetween(Windows.MOST_ONCE * 7 / 8, Windows.MOST_ONCE + 1);
  }

  /** Handshakes of a pool that is its address. */
  private List<Finding> failFrom(String address, Duration after) {
    IpAddress from = IpAddress.parse(address);
    return windows.observe(
        new Pool(from.toString()),
        new Handshake(
            Optional.of(NOON.plus(after)),
            new Service("postfix", "smtpd"),
            new Peer(Optional.empty(), Optional.of(from)),
            failed(Reason.UNSUPPORTED_PROTOCOL)));
  }

  /** One owner, as many networks of 64 bits as there are. */
  private static String stranger(int number) {
    return "2001:db8:%x:%x::1".formatted(number >> 16, number & 0xffff);
  }

  private void nextFailureIsAFinding(Duration after) {
    assertThat(failFrom("203.0.113.7", after))
        .singleElement()
        .satisfies(finding -> assertThat(finding.failures()).isEqualTo(3));
  }

  @Test
  void strangersOfOneNetworkDoNotEvictANamelessSenderThatCameOnce() {
    failFrom("203.0.113.7", Duration.ZERO);
    for (int i = 0; i < 3 * Windows.MOST_ONCE; i++) {
      failFrom(stranger(i), Duration.ofSeconds(1));
    }
    failFrom("203.0.113.7", Duration.ofHours(4));
    nextFailureIsAFinding(Duration.ofHours(8));
  }

  @Test
  void strangersWhoComeTwiceDoNotEvictASenderThatCameTwice() {
    failFrom("203.0.113.7", Duration.ZERO);
    failFrom("203.0.113.7", Duration.ofHours(4));
    for (int i = 0; i < 6 * Windows.MOST_AGAIN; i++) {
      failFrom(stranger(i / 2), Duration.ofHours(5));
    }
    nextFailureIsAFinding(Duration.ofHours(8));
  }

  @Test
  void strangersWhoFailWithoutEndDoNotEvictASenderThatCameTwice() {
    failFrom("203.0.113.7", Duration.ZERO);
    failFrom("203.0.113.7", Duration.ofHours(4));
    for (int i = 0; i < 3 * Windows.MOST_IN_ALL; i++) {
      failFrom("192." + i % 40 + ".2.1", Duration.ofHours(5));
    }
    nextFailureIsAFinding(Duration.ofHours(8));
    assertThat(windows.progress().stream().mapToInt(Windows.Progress::failures).sum())
        .isBetween(Windows.MOST_IN_ALL / 2, Windows.MOST_IN_ALL + 1);
  }

  @Test
  void strangersOfMoreNetworksThanThereIsRoomForEvictTheEldest() {
    for (int i = 0; i < 3 * Windows.MOST_ONCE; i++) {
      failFrom("%x:%x::1".formatted(0x2000 + i / 1_000, i % 1_000), Duration.ofSeconds(i));
    }
    assertThat(windows.progress())
        .hasSizeBetween(Windows.MOST_ONCE * 7 / 8, Windows.MOST_ONCE)
        .noneMatch(row -> row.pool().id().equals("2000:1::1"));
  }

  @Test
  void linesThatComeOutOfOrderCountByTheirTimes() {
    fail(Duration.ofMinutes(20));
    fail(Duration.ZERO);
    assertThat(fail(Duration.ofMinutes(10)))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.first()).isEqualTo(NOON);
              assertThat(finding.last()).isEqualTo(NOON.plus(Duration.ofMinutes(20)));
            });
  }

  @Test
  void aLineThatComesADayLateIsNotInTheWindow() {
    fail(Duration.ofHours(30));
    fail(Duration.ofHours(31));
    assertThat(fail(Duration.ZERO)).isEmpty();
    assertThat(windows.progress())
        .singleElement()
        .satisfies(row -> assertThat(row.failures()).isEqualTo(2));
  }

  @Test
  void aWindowIsBounded() {
    List<Finding> found = List.of();
    for (int i = 0; i < 2 * Windows.MOST_FAILURES; i++) {
      found = fail(Duration.ofSeconds(i));
    }
    assertThat(found.get(0).failures()).isEqualTo(Windows.MOST_FAILURES);
  }

  @Test
  void theLatestHelloGoesWithTheFinding() {
    ClientHello hello =
        new ClientHello(0x0301, List.of(), List.of(0x2F), List.of(), List.of(), false);
    Handshake dumped = handshake(Duration.ZERO, failed(Reason.UNSUPPORTED_PROTOCOL));
    windows.observe(
        POOL,
        new Handshake(
            dumped.time(), dumped.service(), dumped.peer(), dumped.outcome(), Optional.of(hello)));
    fail(Duration.ofMinutes(5));
    assertThat(fail(Duration.ofMinutes(15)).get(0).hello()).contains(hello);
  }

  @Property(tries = 200)
  void noRuleFindsAPoolTwiceForOneHandshake(
      @ForAll @Size(max = 40) List<@IntRange(max = 90_000) Integer> seconds) {
    Windows two =
        new Windows(
            List.of(
                RULE,
                new Rule(
                    "any",
                    Set.of(Reason.UNSUPPORTED_PROTOCOL),
                    Optional.of(Pattern.compile("text of")),
                    2,
                    Duration.ofHours(1),
                    Duration.ZERO)));
    for (int second : seconds) {
      List<Finding> found =
          two.observe(
              POOL, handshake(Duration.ofSeconds(second), failed(Reason.UNSUPPORTED_PROTOCOL)));
      assertThat(found).extracting(Finding::rule).doesNotHaveDuplicates();
      assertThat(found)
          .allSatisfy(
              finding ->
                  assertThat(Duration.between(finding.first(), finding.last()))
                      .isLessThanOrEqualTo(Duration.ofHours(24)));
    }
  }

  private static Handshake from(String address, Duration after, ClientHello... hello) {
    return new Handshake(
        Optional.of(NOON.plus(after)),
        new Service("postfix", "smtpd"),
        new Peer(Optional.empty(), Optional.of(IpAddress.parse(address))),
        failed(Reason.UNSUPPORTED_PROTOCOL),
        java.util.Arrays.stream(hello).findFirst());
  }

  @Test
  void whatHadItsConsequenceDoesNotCountAgain() {
    fail(Duration.ZERO);
    fail(Duration.ofMinutes(5));
    assertThat(fail(Duration.ofMinutes(20))).hasSize(1);
    windows.forgetBefore(POOL, NOON.plus(Duration.ofMinutes(30)));
    assertThat(windows.progress()).isEmpty();
    assertThat(fail(Duration.ofMinutes(40))).isEmpty();
  }

  @Test
  void aHelloThatIsOlderThanTheWindowDecidesNothing() {
    ClientHello hello =
        new ClientHello(0x0301, List.of(), List.of(0x2F), List.of(), List.of(), false);
    windows.observe(POOL, from("198.51.100.10", Duration.ofDays(-8), hello));
    fail(Duration.ZERO);
    fail(Duration.ofMinutes(5));
    assertThat(fail(Duration.ofMinutes(20)))
        .singleElement()
        .satisfies(finding -> assertThat(finding.hello()).isEmpty());
  }
}
