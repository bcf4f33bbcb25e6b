package dev.tlswaiver.waiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Observation.Delivery;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Observation.Neighbours;
import dev.tlswaiver.handshake.Outcome;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.handshake.Service;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.peer.PublicSuffixes;
import dev.tlswaiver.rule.Finding;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class LifeTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final Pool POOL = new Pool("oldbank.example");
  private static final Pools POOLS =
      new Pools(List.of(Pools.Kind.DOMAIN), 24, 64, new PublicSuffixes(List.of("example")));

  private final Ledger ledger = new Ledger(List.of());
  private final Life life =
      new Life(
          ledger,
          POOLS,
          new Terms(
              new Ladder(
                  List.of(Rung.CIPHERS, Rung.LEGACY, Rung.PLAINTEXT), false, Ladder.usualOffers()),
              Map.of("old-protocol", Rung.LEGACY, "no-shared-cipher", Rung.CIPHERS),
              Duration.ofDays(7),
              Duration.ofDays(30),
              Duration.ofDays(2),
              4));

  private static Finding finding(Instant last, String... addresses) {
    return new Finding(
        "old-protocol",
        POOL,
        Reason.UNSUPPORTED_PROTOCOL,
        Optional.of("0A000102"),
        3,
        NOON,
        last,
        Arrays.stream(addresses).map(IpAddress::parse).toList(),
        Optional.empty());
  }

  private static List<Objection> nobody(Waiver waiver) {
    return List.of();
  }

  private static List<Objection> somebody(Waiver waiver) {
    return List.of(new Objection(GuardName.NEVER, waiver.pool() + " is not to be helped"));
  }

  private Waiver proposed() {
    return life.found(finding(NOON, "198.51.100.10"), LifeTest::nobody).orElseThrow();
  }

  private Waiver active() {
    return life.activate(proposed(), NOON);
  }

  private static Peer peer(String address) {
    return new Peer(Optional.empty(), Optional.of(IpAddress.parse(address)));
  }

  private static Handshake relaxed(String address, Outcome outcome) {
    return new Handshake(
        Optional.of(NOON),
        new Service("postfix", "tlswaiver-legacy/smtpd"),
        peer(address),
        outcome);
  }

  private static Delivery delivery(String address) {
    return new Delivery(
        Optional.of(NOON.plusSeconds(60)),
        new Service("postfix", "tlswaiver-legacy/smtpd"),
        peer(address),
        "4F6D0629C",
        Optional.of(new Completed("TLSv1", "AES128-SHA", 128)));
  }

  private static Failed failure(Reason reason) {
    return new Failed(reason, Optional.empty(), "", false);
  }

  @Test
  void aFindingIsProposedOnTheRungThatItsRuleNames() {
    Waiver waiver = proposed();
    assertThat(waiver.state()).isEqualTo(State.PROPOSED);
    assertThat(waiver.rung()).isEqualTo(Rung.LEGACY);
    assertThat(waiver.networks()).containsExactly(IpPrefix.parse("198.51.100.10/32"));
    assertThat(ledger.grants()).isEmpty();
  }

  @Test
  void anObjectionRefusesAndIsKept() {
    Waiver waiver = life.found(finding(NOON, "198.51.100.10"), LifeTest::somebody).orElseThrow();
    assertThat(waiver.state()).isEqualTo(State.REFUSED);
    assertThat(waiver.objections()).extracting(Objection::guard).containsExactly(GuardName.NEVER);
  }

  @Test
  void aRefusedPoolKeepsOneEntryUntilNobodyObjects() {
    life.found(finding(NOON, "198.51.100.10"), LifeTest::somebody);
    life.found(finding(NOON.plusSeconds(60), "198.51.100.10"), LifeTest::somebody);
    assertThat(ledger.all()).hasSize(1);
    life.found(finding(NOON.plusSeconds(120), "198.51.100.10"), LifeTest::nobody);
    assertThat(ledger.all())
        .extracting(Waiver::state)
        .containsExactly(State.REFUSED, State.PROPOSED);
  }

  @Test
  void aFurtherFindingLetsTheRunningWaiverGrowByTheAddressThatFailed() {
    active();
    Waiver grown =
        life.found(finding(NOON, "198.51.100.10", "198.51.100.12"), LifeTest::nobody).orElseThrow();
    assertThat(grown.state()).isEqualTo(State.ACTIVE);
    assertThat(grown.networks())
        .containsExactly(IpPrefix.parse("198.51.100.10/32"), IpPrefix.parse("198.51.100.12/32"));
    assertThat(ledger.all()).hasSize(1);
  }

  @Test
  void growthStopsAtTheCap() {
    active();
    assertThat(
            life.found(
                    finding(NOON, "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"),
                    LifeTest::nobody)
                .map(Waiver::addresses)
                .orElseThrow())
        .hasSize(4)
        .doesNotContain(IpAddress.parse("192.0.2.4"));
  }

  @Test
  void acceptedMailProves() {
    active();
    Waiver proven =
        life.delivered(Rung.LEGACY, delivery("198.51.100.10"), NOON.plusSeconds(60)).orElseThrow();
    assertThat(proven.state()).isEqualTo(State.PROVEN);
    assertThat(proven.proof())
        .contains(
            new Proof(
                Rung.LEGACY,
                Optional.of("TLSv1"),
                Optional.of("AES128-SHA"),
                "4F6D0629C",
                NOON.plusSeconds(60)));
  }

  @Test
  void mailFromAnotherAddressOrRungProvesNothing() {
    active();
    assertThat(life.delivered(Rung.LEGACY, delivery("203.0.113.9"), NOON)).isEmpty();
    assertThat(life.delivered(Rung.CIPHERS, delivery("198.51.100.10"), NOON)).isEmpty();
  }

  @Test
  void aNegotiationAloneProvesNothing() {
    active();
    assertThat(
            life.negotiated(
                    Rung.LEGACY,
                    relaxed("198.51.100.10", new Completed("TLSv1", "AES128-SHA", 128)),
                    NOON,
                    LifeTest::nobody)
                .map(Waiver::state))
        .contains(State.ACTIVE);
  }

  @Test
  void failingOnTheRelaxedListenerTooEndsItAndTheNextFindingClimbs() {
    active();
    assertThat(
            life.negotiated(
                    Rung.LEGACY,
                    relaxed("198.51.100.10", failure(Reason.NO_SHARED_CIPHER)),
                    NOON,
                    LifeTest::nobody)
                .map(Waiver::state))
        .contains(State.INEFFECTIVE);
    assertThat(life.found(finding(NOON, "198.51.100.10"), LifeTest::nobody).map(Waiver::rung))
        .contains(Rung.PLAINTEXT);
  }

  @Test
  void aLostConnectionOnTheRelaxedListenerSaysNothing() {
    active();
    assertThat(
            life.negotiated(
                    Rung.LEGACY,
                    relaxed("198.51.100.10", failure(Reason.DISCONNECTED)),
                    NOON,
                    LifeTest::nobody)
                .map(Waiver::state))
        .contains(State.ACTIVE);
  }

  @Test
  void aWaiverWithoutProofEndsAtItsDeadline() {
    active();
    assertThat(life.due(NOON.plus(Duration.ofDays(2)).minusSeconds(1))).isEmpty();
    assertThat(life.due(NOON.plus(Duration.ofDays(2))))
        .extracting(Waiver::state)
        .containsExactly(State.INEFFECTIVE);
    assertThat(ledger.grants()).isEmpty();
  }

  /** The first 450 of postscreen, or of a greylist, is no reason to give up. */
  @Test
  void whoWasServedAndToldToComeAgainHasAsLongOnceMore() {
    active();
    Instant late = NOON.plus(Duration.ofDays(2));
    Handshake served =
        new Handshake(
            Optional.of(late.minusSeconds(60)),
            new Service("postfix", "tlswaiver-legacy/tlsproxy"),
            peer("198.51.100.10"),
            new Completed("TLSv1", "AES128-SHA", 128));
    life.negotiated(Rung.LEGACY, served, late.minusSeconds(60), LifeTest::nobody);
    assertThat(life.due(late)).isEmpty();
    assertThat(life.due(late.plus(Duration.ofDays(2)).minusSeconds(61))).isEmpty();
    assertThat(life.due(late.plus(Duration.ofDays(2)).minusSeconds(60)))
        .extracting(Waiver::state)
        .containsExactly(State.INEFFECTIVE);
  }

  /** Who negotiates and never gives mail does not hold its place. */
  @Test
  void servingItAgainAndAgainBringsNoMoreTime() {
    active();
    for (int hours = 1; hours < 96; hours++) {
      Instant at = NOON.plus(Duration.ofHours(hours));
      Handshake served =
          new Handshake(
              Optional.of(at),
              new Service("postfix", "tlswaiver-legacy/smtpd"),
              peer("198.51.100.10"),
              new Completed("TLSv1", "AES128-SHA", 128));
      life.negotiated(Rung.LEGACY, served, at, LifeTest::nobody);
      assertThat(life.due(at)).isEmpty();
    }
    assertThat(life.due(NOON.plus(Duration.ofDays(4)))).hasSize(1);
  }

  @Test
  void aProvenWaiverExpiresOnTime() {
    active();
    life.delivered(Rung.LEGACY, delivery("198.51.100.10"), NOON);
    assertThat(life.due(NOON.plus(Duration.ofDays(7)).minusSeconds(1))).isEmpty();
    assertThat(life.due(NOON.plus(Duration.ofDays(7))))
        .extracting(Waiver::state)
        .containsExactly(State.EXPIRED);
  }

  @Test
  void afterItsEndAFindingRenewsItForTwiceAsLong() {
    active();
    life.delivered(Rung.LEGACY, delivery("198.51.100.10"), NOON);
    Instant later = NOON.plus(Duration.ofDays(8));
    life.due(later);
    Waiver renewed = life.found(finding(later, "198.51.100.10"), LifeTest::nobody).orElseThrow();
    assertThat(renewed.state()).isEqualTo(State.PROPOSED);
    assertThat(life.grant(renewed, later).until()).isEqualTo(later.plus(Duration.ofDays(14)));
  }

  @Test
  void aRenewalReachesOnlyThoseThatFailAgain() {
    active();
    life.delivered(Rung.LEGACY, delivery("198.51.100.10"), NOON);
    Instant later = NOON.plus(Duration.ofDays(8));
    life.due(later);
    assertThat(life.found(finding(later, "203.0.113.9"), LifeTest::nobody).map(Waiver::addresses))
        .contains(List.of(IpAddress.parse("203.0.113.9")));
  }

  @Test
  void whatTheOperatorTookBackStaysBack() {
    life.revoke(active(), NOON, "revoked by the operator");
    assertThat(life.found(finding(NOON, "198.51.100.10"), LifeTest::nobody)).isEmpty();
    assertThat(ledger.grants()).isEmpty();
  }

  @Test
  void aProposalThatTheOperatorRefusedStaysRefused() {
    life.revoke(proposed(), NOON, "revoked by the operator");
    assertThat(life.found(finding(NOON, "198.51.100.10"), LifeTest::nobody)).isEmpty();
  }

  @Test
  void grantsLastTwiceAsLongEachTimeUpToTheLongest() {
    Terms terms =
        new Terms(
            new Ladder(List.of(), false, Map.of()),
            Map.of(),
            Duration.ofDays(7),
            Duration.ofDays(30),
            Duration.ofDays(2),
            1);
    assertThat(List.of(terms.length(0), terms.length(1), terms.length(2), terms.length(3)))
        .containsExactly(
            Duration.ofDays(7), Duration.ofDays(14), Duration.ofDays(28), Duration.ofDays(30));
  }

  @Test
  void anImpossibleTransitionIsOurMistake() {
    Waiver waiver = proposed();
    assertThatThrownBy(() -> waiver.become(State.PROVEN, NOON, ""))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("waiver 1: PROPOSED cannot become PROVEN");
  }

  // Ask before weakening.

  private static final ClientHello TLS10 = offer(0x0301, 0x002F);
  private static final ClientHello STATIC_RSA = offer(0x0303, 0x002F);
  private static final ClientHello RC4 = offer(0x0303, 0x0005);
  private static final ClientHello STRICT = offer(0x0303, 0xC02F);

  private static ClientHello offer(int version, int suite) {
    return new ClientHello(version, List.of(), List.of(suite), List.of(23), List.of(), false);
  }

  private final Ledger askedLedger = new Ledger(List.of());
  private final Life asking = life(askedLedger, true);

  private static Life life(Ledger ledger, boolean isDiagnosing) {
    return new Life(
        ledger,
        POOLS,
        new Terms(
            new Ladder(
                List.of(Rung.TLS12, Rung.CIPHERS, Rung.LEGACY), isDiagnosing, Ladder.usualOffers()),
            Map.of(
                "old-protocol", Rung.LEGACY,
                "no-shared-cipher", Rung.CIPHERS,
                "tls13-trouble", Rung.TLS12),
            Duration.ofDays(7),
            Duration.ofDays(30),
            Duration.ofDays(2),
            4));
  }

  private static Finding by(String rule, Reason reason, Instant last, String... addresses) {
    return new Finding(
        rule,
        POOL,
        reason,
        Optional.empty(),
        3,
        NOON,
        last,
        Arrays.stream(addresses).map(IpAddress::parse).toList(),
        Optional.empty());
  }

  private static Finding with(Finding finding, ClientHello hello) {
    return new Finding(
        finding.rule(),
        finding.pool(),
        finding.reason(),
        finding.openssl(),
        finding.failures(),
        finding.first(),
        finding.last(),
        finding.addresses(),
        Optional.of(hello));
  }

  private static Handshake on(Rung rung, String address, Outcome outcome, ClientHello... hello) {
    return new Handshake(
        Optional.of(NOON),
        new Service("postfix", "tlswaiver-" + rung.label() + "/smtpd"),
        peer(address),
        outcome,
        Arrays.stream(hello).findFirst());
  }

  private Waiver asked() {
    Waiver proposal = asking.found(finding(NOON, "198.51.100.10"), LifeTest::nobody).orElseThrow();
    return asking.activate(proposal, NOON);
  }

  private Optional<Waiver> answers(Outcome outcome, ClientHello... hello) {
    Handshake handshake = on(Rung.DIAGNOSE, "198.51.100.10", outcome, hello);
    return asking.meetsStrictTerms(handshake)
        ? asking.met(handshake, NOON.plusSeconds(60)).changed().stream().findFirst()
        : asking.negotiated(Rung.DIAGNOSE, handshake, NOON.plusSeconds(60), LifeTest::nobody);
  }

  @Test
  void aPeerIsAskedBeforeAnythingIsRelaxed() {
    Waiver waiver = asked();
    assertThat(waiver.state()).isEqualTo(State.DIAGNOSING);
    assertThat(askedLedger.grants())
        .containsExactly(
            new Grant(
                1,
                Rung.DIAGNOSE,
                List.of(IpPrefix.parse("198.51.100.10/32")),
                NOON.plus(Duration.ofDays(2))));
  }

  @Test
  void itsHelloDecidesTheRung() {
    asked();
    Waiver answered = answers(failure(Reason.UNSUPPORTED_PROTOCOL), STATIC_RSA).orElseThrow();
    assertThat(answered.rung()).isEqualTo(Rung.CIPHERS);
    assertThat(Life.awaitsPlan(answered)).isTrue();
    Waiver active = asking.activate(answered, NOON.plusSeconds(70));
    assertThat(active.state()).isEqualTo(State.ACTIVE);
    assertThat(askedLedger.grants()).extracting(Grant::rung).containsExactly(Rung.CIPHERS);
    assertThat(active.term().orElseThrow().until())
        .isEqualTo(NOON.plusSeconds(70).plus(Duration.ofDays(7)));
  }

  @Test
  void withoutAHelloItsRuleDecides() {
    asked();
    Waiver answered = answers(failure(Reason.UNSUPPORTED_PROTOCOL)).orElseThrow();
    assertThat(answered.rung()).isEqualTo(Rung.LEGACY);
    assertThat(Life.awaitsPlan(answered)).isTrue();
  }

  @Test
  void aHelloThatTheStrictTermsAdmitForbidsEveryRungThatItsFailureNames() {
    asked();
    Waiver refused = answers(failure(Reason.UNSUPPORTED_PROTOCOL), STRICT).orElseThrow();
    assertThat(refused.state()).isEqualTo(State.REFUSED);
    assertThat(refused.objections().get(0).text()).contains("the failure has another cause");
  }

  @Test
  void aHelloThatTheStrictTermsAdmitLeavesNoMoreThanTheOtherCauseAsksFor() {
    asked();
    assertThat(answers(failure(Reason.TLS13_TROUBLE), STRICT).map(Waiver::rung))
        .contains(Rung.TLS12);
    Waiver other = asking.fail(askedLedger.latest(POOL).orElseThrow(), NOON, "rejected");
    assertThat(other.state()).isEqualTo(State.FAILED);
    asking.activate(
        asking.found(finding(NOON, "198.51.100.10"), LifeTest::nobody).orElseThrow(), NOON);
    assertThat(answers(failure(Reason.NO_SIGNATURE_ALGORITHM), STRICT).map(Waiver::rung))
        .contains(Rung.CIPHERS);
  }

  @Test
  void aHelloThatNoRungAdmitsRefuses() {
    asked();
    Waiver refused = answers(failure(Reason.NO_SHARED_CIPHER), RC4).orElseThrow();
    assertThat(refused.state()).isEqualTo(State.REFUSED);
    assertThat(refused.objections())
        .extracting(Objection::guard)
        .containsExactly(GuardName.FEASIBLE);
    assertThat(askedLedger.grants()).isEmpty();
  }

  @Test
  void aPeerThatMeetsTheStrictTermsWhenAskedIsRefused() {
    asked();
    assertThat(answers(new Completed("TLSv1.3", "TLS_AES_128_GCM_SHA256", 128)).orElseThrow())
        .satisfies(
            waiver -> {
              assertThat(waiver.state()).isEqualTo(State.REFUSED);
              assertThat(waiver.objections().get(0).text()).contains("meets the strict terms now");
            });
  }

  @Test
  void aPeerThatSaysSomethingElseThanTlsIsRefused() {
    asked();
    assertThat(answers(failure(Reason.NOT_TLS)).orElseThrow().objections())
        .extracting(Objection::guard)
        .containsExactly(GuardName.PROBE);
  }

  @Test
  void aLostConnectionIsNoAnswer() {
    asked();
    Waiver waiver = answers(failure(Reason.DISCONNECTED)).orElseThrow();
    assertThat(waiver.state()).isEqualTo(State.DIAGNOSING);
    assertThat(Life.awaitsPlan(waiver)).isFalse();
  }

  @Test
  void aGuardMaySayNoToTheAnswer() {
    asked();
    assertThat(
            asking
                .negotiated(
                    Rung.DIAGNOSE,
                    on(Rung.DIAGNOSE, "198.51.100.10", failure(Reason.UNSUPPORTED_PROTOCOL), TLS10),
                    NOON,
                    LifeTest::somebody)
                .map(Waiver::state))
        .contains(State.REFUSED);
  }

  @Test
  void whoDoesNotComeAgainIsRefusedAndHasTwoDaysOfPeace() {
    asked();
    Instant over = NOON.plus(Duration.ofDays(2));
    assertThat(asking.due(over.minusSeconds(1))).isEmpty();
    assertThat(asking.due(over)).extracting(Waiver::state).containsExactly(State.REFUSED);
    assertThat(
            asking.found(finding(over.plus(Duration.ofDays(1)), "198.51.100.10"), LifeTest::nobody))
        .isEmpty();
    assertThat(
            asking
                .found(finding(over.plus(Duration.ofDays(3)), "198.51.100.10"), LifeTest::nobody)
                .map(Waiver::state))
        .contains(State.PROPOSED);
  }

  @ParameterizedTest
  @EnumSource(names = {"CLOCK", "BANNED"})
  void whatEndedForAnotherReasonWhileItWasAskedIsJudgedAtOnce(GuardName guard) {
    asking.end(asked(), NOON, new Objection(guard, "it is so"));
    assertThat(
            asking
                .found(finding(NOON.plusSeconds(600), "198.51.100.10"), LifeTest::nobody)
                .map(Waiver::state))
        .contains(State.PROPOSED);
  }

  @Test
  void aPlanThatFailsEndsTheQuestion() {
    assertThat(asking.fail(asked(), NOON, "rejected").state()).isEqualTo(State.FAILED);
    assertThat(asking.found(finding(NOON, "198.51.100.10"), LifeTest::nobody).map(Waiver::state))
        .contains(State.PROPOSED);
  }

  @Test
  void whoseHelloTheLogShowsAlreadyIsNotAsked() {
    Waiver proposal =
        asking
            .found(with(finding(NOON, "198.51.100.10"), STATIC_RSA), LifeTest::nobody)
            .orElseThrow();
    assertThat(proposal.rung()).isEqualTo(Rung.CIPHERS);
    assertThat(asking.asksFirst(proposal)).isFalse();
    assertThat(asking.activate(proposal, NOON).state()).isEqualTo(State.ACTIVE);
  }

  @Test
  void aHelloThatComesLaterDecidesTheRungOfAProposal() {
    asking.found(finding(NOON, "198.51.100.10"), LifeTest::nobody);
    assertThat(
            asking
                .found(with(finding(NOON, "198.51.100.10"), STATIC_RSA), LifeTest::nobody)
                .map(Waiver::rung))
        .contains(Rung.CIPHERS);
  }

  @Test
  void aSecondRuleRaisesTheRungOfAProposalAndNeverLowersIt() {
    asking.found(
        by("no-shared-cipher", Reason.NO_SHARED_CIPHER, NOON, "198.51.100.10"), LifeTest::nobody);
    assertThat(asking.found(finding(NOON, "198.51.100.10"), LifeTest::nobody).map(Waiver::rung))
        .contains(Rung.LEGACY);
    assertThat(
            asking
                .found(
                    by("tls13-trouble", Reason.TLS13_TROUBLE, NOON, "198.51.100.10"),
                    LifeTest::nobody)
                .map(Waiver::rung))
        .contains(Rung.LEGACY);
  }

  // Climbing.

  private Waiver activeOn(String rule, Reason reason, ClientHello... hello) {
    Finding finding = by(rule, reason, NOON, "198.51.100.10");
    Waiver proposal =
        asking
            .found(hello.length == 0 ? finding : with(finding, hello[0]), LifeTest::nobody)
            .orElseThrow();
    Waiver waiver = asking.activate(proposal, NOON);
    return waiver.state() == State.ACTIVE
        ? waiver
        : asking.activate(answers(failure(reason)).orElseThrow(), NOON);
  }

  private Optional<Waiver> negotiated(Rung rung, Outcome outcome, ClientHello... hello) {
    return asking.negotiated(
        rung, on(rung, "198.51.100.10", outcome, hello), NOON, LifeTest::nobody);
  }

  private Optional<Waiver> again() {
    return asking.found(finding(NOON.plusSeconds(99), "198.51.100.10"), LifeTest::nobody);
  }

  @Test
  void itClimbsToTheNextRungWhereTheLowerOneDidNotHelp() {
    activeOn("tls13-trouble", Reason.TLS13_TROUBLE);
    assertThat(negotiated(Rung.TLS12, failure(Reason.NO_SHARED_CIPHER)).map(Waiver::state))
        .contains(State.INEFFECTIVE);
    Waiver next = again().orElseThrow();
    assertThat(next.rung()).isEqualTo(Rung.CIPHERS);
    assertThat(asking.asksFirst(next)).isFalse();
  }

  @Test
  void itClimbsByCalculationWhereTheRelaxedListenerShowedAHello() {
    activeOn("tls13-trouble", Reason.TLS13_TROUBLE);
    negotiated(Rung.TLS12, failure(Reason.UNSUPPORTED_PROTOCOL), TLS10);
    assertThat(again().map(Waiver::rung)).contains(Rung.LEGACY);
  }

  @Test
  void theSameRungAgainWhereNobodyTriedIt() {
    activeOn("tls13-trouble", Reason.TLS13_TROUBLE, STRICT);
    asking.due(NOON.plus(Duration.ofDays(2)));
    assertThat(again().map(Waiver::rung)).contains(Rung.TLS12);
  }

  @Test
  void noClimbingAboveTheLowestThatASeenHelloAdmits() {
    activeOn("no-shared-cipher", Reason.NO_SHARED_CIPHER, STATIC_RSA);
    negotiated(Rung.CIPHERS, failure(Reason.NO_SHARED_CIPHER));
    assertThat(again()).isEmpty();
    assertThat(asking.mayProposeAfter(askedLedger.latest(POOL).orElseThrow())).isFalse();
  }

  @Test
  void aWeakerHelloLaterLiftsNothing() {
    activeOn("no-shared-cipher", Reason.NO_SHARED_CIPHER, STATIC_RSA);
    negotiated(Rung.CIPHERS, failure(Reason.UNSUPPORTED_PROTOCOL), TLS10);
    assertThat(again()).isEmpty();
  }

  @Test
  void whatFailedLongAgoIsAskedAnew() {
    activeOn("tls13-trouble", Reason.TLS13_TROUBLE);
    negotiated(Rung.TLS12, failure(Reason.NO_SHARED_CIPHER));
    Waiver anew =
        asking
            .found(finding(NOON.plus(Duration.ofDays(8)), "198.51.100.10"), LifeTest::nobody)
            .orElseThrow();
    assertThat(anew.rung()).isEqualTo(Rung.TLS12);
    assertThat(asking.asksFirst(anew)).isTrue();
  }

  @Test
  void whoTriedNothingIsAskedAgain() {
    activeOn("old-protocol", Reason.UNSUPPORTED_PROTOCOL);
    Instant late = NOON.plus(Duration.ofDays(2));
    asking.due(late);
    Waiver anew = asking.found(finding(late, "198.51.100.10"), LifeTest::nobody).orElseThrow();
    assertThat(anew.rung()).isEqualTo(Rung.LEGACY);
    assertThat(asking.asksFirst(anew)).isTrue();
  }

  @Test
  void noClimbingAboveTheLastRung() {
    activeOn("old-protocol", Reason.UNSUPPORTED_PROTOCOL);
    negotiated(Rung.LEGACY, failure(Reason.UNSUPPORTED_PROTOCOL));
    assertThat(again()).isEmpty();
  }

  @Test
  void noClimbingWhereThePeerRejectsOurCertificate() {
    activeOn("tls13-trouble", Reason.TLS13_TROUBLE);
    negotiated(Rung.TLS12, failure(Reason.CERTIFICATE_REJECTED));
    assertThat(again()).isEmpty();
  }

  @Test
  void oneFailureBesideASuccessDoesNotEndIt() {
    activeOn("old-protocol", Reason.UNSUPPORTED_PROTOCOL);
    negotiated(Rung.LEGACY, new Completed("TLSv1", "AES128-SHA", 128));
    assertThat(negotiated(Rung.LEGACY, failure(Reason.VERSION_TOO_LOW)).map(Waiver::state))
        .contains(State.ACTIVE);
    assertThat(negotiated(Rung.LEGACY, failure(Reason.VERSION_TOO_LOW)).map(Waiver::state))
        .contains(State.INEFFECTIVE);
  }

  @Test
  void aNeighbourInAWaivedNetworkNeitherEndsItNorProvesIt() {
    Waiver proposal =
        asking
            .found(with(finding(NOON, "198.51.100.10", "198.51.100.11"), TLS10), LifeTest::nobody)
            .orElseThrow();
    asking.activate(proposal, NOON);
    assertThat(
            asking.negotiated(
                Rung.LEGACY,
                on(Rung.LEGACY, "198.51.100.77", failure(Reason.NOT_TLS)),
                NOON,
                LifeTest::nobody))
        .isEmpty();
    assertThat(asking.delivered(Rung.LEGACY, delivery("198.51.100.77"), NOON)).isEmpty();
  }

  // Down again.

  private Waiver proven(String... addresses) {
    Waiver proposal =
        asking.found(with(finding(NOON, addresses), TLS10), LifeTest::nobody).orElseThrow();
    asking.activate(proposal, NOON);
    return asking.delivered(Rung.LEGACY, delivery(addresses[0]), NOON).orElseThrow();
  }

  private Waiver offers(String address, Rung rung, ClientHello hello) {
    return asking
        .negotiated(
            rung,
            on(rung, address, new Completed("TLSv1.2", "AES128-SHA", 128), hello),
            NOON,
            LifeTest::nobody)
        .orElseThrow();
  }

  @Test
  void itStepsDownWhenEveryFailingAddressWouldDoWithLess() {
    proven("198.51.100.10", "203.0.113.10");
    assertThat(offers("198.51.100.10", Rung.LEGACY, STATIC_RSA).rung()).isEqualTo(Rung.LEGACY);
    Waiver stepped = offers("203.0.113.10", Rung.LEGACY, STATIC_RSA);
    assertThat(stepped.rung()).isEqualTo(Rung.CIPHERS);
    assertThat(stepped.state()).isEqualTo(State.PROVEN);
  }

  @Test
  void itStepsBackWhenTheLowerRungDoesNotDoWhereNoHelloSaidThatItWould() {
    proven("198.51.100.10");
    Completed agreed = new Completed("TLSv1.2", "AES128-SHA", 128);
    assertThat(negotiated(Rung.LEGACY, agreed).map(Waiver::rung)).contains(Rung.CIPHERS);
    Waiver back = negotiated(Rung.CIPHERS, failure(Reason.NO_SHARED_CIPHER)).orElseThrow();
    assertThat(back.rung()).isEqualTo(Rung.LEGACY);
    assertThat(back.state()).isEqualTo(State.PROVEN);
    assertThat(negotiated(Rung.LEGACY, agreed).orElseThrow().rung()).isEqualTo(Rung.LEGACY);
  }

  @Test
  void itNeverClimbsBackAgainstAHello() {
    proven("198.51.100.10");
    assertThat(offers("198.51.100.10", Rung.LEGACY, STATIC_RSA).rung()).isEqualTo(Rung.CIPHERS);
    Waiver forged = negotiated(Rung.CIPHERS, failure(Reason.NO_SHARED_CIPHER), TLS10).orElseThrow();
    assertThat(forged.rung()).isEqualTo(Rung.CIPHERS);
    assertThat(forged.state()).isEqualTo(State.PROVEN);
  }

  // Success outweighs failure.

  private static Handshake met(Rung rung, String address, ClientHello... hello) {
    return on(rung, address, new Completed("TLSv1.3", "TLS_AES_128_GCM_SHA256", 128), hello);
  }

  private static Handshake atThePublicService(String address) {
    return new Handshake(
        Optional.of(NOON),
        new Service("postfix", "smtpd"),
        peer(address),
        new Completed("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", 128));
  }

  private List<Waiver> meets(Handshake handshake) {
    assertThat(asking.meetsStrictTerms(handshake)).isTrue();
    return asking.met(handshake, NOON.plusSeconds(60)).changed();
  }

  @Test
  void itEndsWhenAllOfThemMeetTheStrictTerms() {
    proven("198.51.100.10", "203.0.113.10");
    assertThat(meets(met(Rung.LEGACY, "198.51.100.10", STRICT)).get(0).state())
        .isEqualTo(State.PROVEN);
    assertThat(meets(met(Rung.LEGACY, "203.0.113.10", STRICT)).get(0).state())
        .isEqualTo(State.EXPIRED);
    assertThat(askedLedger.grants()).isEmpty();
  }

  @Test
  void eachAddressLeavesAtOnceWhateverTheOthersDo() {
    Waiver proposal =
        asking
            .found(with(finding(NOON, "198.51.100.10", "203.0.113.10"), TLS10), LifeTest::nobody)
            .orElseThrow();
    asking.activate(proposal, NOON);
    Waiver left = meets(atThePublicService("198.51.100.10")).get(0);
    assertThat(left.state()).isEqualTo(State.ACTIVE);
    assertThat(left.networks()).containsExactly(IpPrefix.parse("203.0.113.10/32"));
    Waiver ended = meets(met(Rung.LEGACY, "203.0.113.10", STRICT)).get(0);
    assertThat(ended.state()).isEqualTo(State.INEFFECTIVE);
    assertThat(ended.history().get(ended.history().size() - 1).why())
        .contains("meets the strict terms now (TLSv1.3, TLS_AES_128_GCM_SHA256)");
  }

  @Test
  void aNeighbourThatOnlyJoinedLeavesAlone() {
    Waiver proposal =
        asking.found(with(finding(NOON, "198.51.100.10"), TLS10), LifeTest::nobody).orElseThrow();
    askedLedger.put(
        proposal.covering(
            proposal.addresses(),
            List.of(IpAddress.parse("198.51.100.99")),
            List.of(IpPrefix.parse("198.51.100.10/32"), IpPrefix.parse("198.51.100.99/32"))));
    Waiver left = meets(atThePublicService("198.51.100.99")).get(0);
    assertThat(left.joined()).isEmpty();
    assertThat(left.networks()).containsExactly(IpPrefix.parse("198.51.100.10/32"));
  }

  @Test
  void aNetworkThatTheConfigurationNamesStaysWhateverOneOfItShows() {
    Waiver proposal =
        asking
            .found(with(finding(NOON, "198.51.100.10", "203.0.113.10"), TLS10), LifeTest::nobody)
            .orElseThrow();
    Waiver named =
        proposal.covering(
            proposal.addresses(),
            List.of(),
            List.of(IpPrefix.parse("198.51.100.10/32"), IpPrefix.parse("203.0.113.0/24")));
    askedLedger.put(named);
    Success.Effect effect = asking.met(atThePublicService("203.0.113.10"), NOON);
    assertThat(effect.kept()).hasSize(1);
    assertThat(askedLedger.latest(POOL).orElseThrow().networks()).isEqualTo(named.networks());
    assertThat(Success.isMarked(askedLedger.latest(POOL).orElseThrow())).isTrue();
  }

  @Test
  void aProposalEndsToo() {
    asking.found(finding(NOON, "198.51.100.10"), LifeTest::nobody);
    Waiver refused = meets(atThePublicService("198.51.100.10")).get(0);
    assertThat(refused.state()).isEqualTo(State.REFUSED);
    assertThat(refused.objections())
        .extracting(Objection::guard)
        .containsExactly(GuardName.FEASIBLE);
  }

  @Test
  void whenTheMostDemandingLeavesTheOthersStepDown() {
    proven("198.51.100.10", "203.0.113.10");
    offers("198.51.100.10", Rung.LEGACY, STATIC_RSA);
    Waiver left = meets(atThePublicService("203.0.113.10")).get(0);
    assertThat(left.rung()).isEqualTo(Rung.CIPHERS);
    assertThat(left.state()).isEqualTo(State.PROVEN);
  }

  @Test
  void whatIsAgreedOnBehindAnotherCertificateShowsNothing() {
    activeOn("no-shared-cipher", Reason.NO_SIGNATURE_ALGORITHM, STRICT);
    assertThat(asking.meetsStrictTerms(met(Rung.CIPHERS, "198.51.100.10", STRICT))).isFalse();
    activeAnewOn("tls13-trouble", Reason.TLS13_TROUBLE);
    assertThat(
            asking.meetsStrictTerms(
                on(
                    Rung.TLS12,
                    "198.51.100.10",
                    new Completed("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", 128),
                    STRICT)))
        .isFalse();
  }

  private void activeAnewOn(String rule, Reason reason) {
    asking.end(
        askedLedger.latest(POOL).orElseThrow(), NOON, new Objection(GuardName.CLOCK, "set back"));
    activeOn(rule, reason, STRICT);
  }

  private Waiver granted(List<Objection> overruled, String... networks) {
    Waiver draft =
        asking.draft(
            POOL,
            List.of(IpAddress.parse("198.51.100.10")),
            Arrays.stream(networks).map(IpPrefix::parse).toList(),
            Rung.LEGACY,
            Duration.ofDays(7),
            NOON,
            Optional.empty(),
            "granted by the operator");
    return asking.activate(asking.propose(draft, overruled), NOON);
  }

  @Test
  void whatTheOperatorGrantedWithoutAnObjectionEndsAsWell() {
    granted(List.of(), "198.51.100.10/32");
    assertThat(meets(met(Rung.LEGACY, "198.51.100.10")).get(0).state())
        .isEqualTo(State.INEFFECTIVE);
  }

  @Test
  void whatTheOperatorGrantedKnowinglyStaysAndIsMarkedOnce() {
    List<Objection> overruled = List.of(new Objection(GuardName.STRONG_TLS_MEMORY, "it is strong"));
    Waiver waiver = granted(overruled, "198.51.100.10/32");
    Success.Effect first = asking.met(met(Rung.LEGACY, "198.51.100.10"), NOON);
    assertThat(first.kept()).allMatch(kept -> !Success.isMarked(kept)).hasSize(1);
    Success.Effect second = asking.met(atThePublicService("198.51.100.10"), NOON);
    assertThat(second.kept()).allMatch(Success::isMarked).hasSize(1);
    assertThat(askedLedger.find(waiver.id()).orElseThrow().state()).isEqualTo(State.ACTIVE);
  }

  @Test
  void aNetworkThatTheOperatorNamedStays() {
    Waiver waiver = granted(List.of(), "198.51.100.0/24");
    assertThat(asking.met(atThePublicService("198.51.100.77"), NOON).kept()).hasSize(1);
    assertThat(askedLedger.find(waiver.id()).orElseThrow().networks())
        .containsExactly(IpPrefix.parse("198.51.100.0/24"));
  }

  @Test
  void oneMoreModernHostOfThePoolDoesNotEndIt() {
    proven("198.51.100.10", "198.51.100.11");
    asking.lookedUp(neighbours(true, "new.oldbank.example[198.51.100.99]"), LifeTest::nobody);
    Handshake modern =
        new Handshake(
            Optional.of(NOON),
            new Service("postfix", "tlswaiver-legacy/smtpd"),
            new Peer(
                HostName.find("new.oldbank.example"),
                Optional.of(IpAddress.parse("198.51.100.99"))),
            new Completed("TLSv1.3", "TLS_AES_128_GCM_SHA256", 128),
            Optional.of(STRICT));
    assertThat(asking.negotiated(Rung.LEGACY, modern, NOON, LifeTest::nobody))
        .hasValueSatisfying(
            waiver -> {
              assertThat(waiver.state()).isEqualTo(State.PROVEN);
              assertThat(waiver.needs()).isEmpty();
            });
  }

  // Growth.

  @Test
  void itDoesNotGrowWhereAGuardObjects() {
    Waiver proposal =
        asking.found(with(finding(NOON, "198.51.100.10"), TLS10), LifeTest::nobody).orElseThrow();
    asking.activate(proposal, NOON);
    assertThat(
            asking
                .found(
                    finding(NOON, "198.51.100.10", "203.0.113.1", "203.0.113.2"),
                    waiver ->
                        waiver.covers(IpAddress.parse("203.0.113.1"))
                            ? somebody(waiver)
                            : List.of())
                .orElseThrow()
                .addresses())
        .extracting(IpAddress::toString)
        .containsExactly("198.51.100.10", "203.0.113.2");
  }

  @Test
  void neighboursThatFailAreCoveredHostByHost() {
    Life narrow = life(new Ledger(List.of()), false);
    assertThat(
            narrow
                .found(finding(NOON, "198.51.100.10", "198.51.100.13"), LifeTest::nobody)
                .orElseThrow()
                .networks())
        .extracting(IpPrefix::toString)
        .containsExactly("198.51.100.10/32", "198.51.100.13/32");
  }

  // A farm's next senders.

  private static final IpPrefix BLOCK = IpPrefix.parse("198.51.100.0/24");

  private static Neighbours neighbours(boolean isComplete, String... peers) {
    return new Neighbours(
        Optional.of(NOON.plusSeconds(30)),
        POOL,
        BLOCK,
        Arrays.stream(peers).map(peer -> Peer.find(peer).orElseThrow()).toList(),
        isComplete);
  }

  private static List<String> covered(Optional<Waiver> waiver) {
    return waiver.orElseThrow().networks().stream().map(IpPrefix::toString).toList();
  }

  @Test
  void neighboursOfThePoolJoinBeforeTheyFailAndOthersDoNot() {
    active();
    Optional<Waiver> grown =
        life.lookedUp(
            neighbours(
                true,
                "mta3.oldbank.example[198.51.100.12]",
                "mta.stranger.example[198.51.100.14]",
                "host-198-51-100-16.oldbank.example[198.51.100.16]",
                "mta9.oldbank.example[203.0.113.9]"),
            LifeTest::nobody);
    assertThat(covered(grown)).containsExactly("198.51.100.10/32", "198.51.100.12/32");
    assertThat(grown.orElseThrow().addresses()).containsExactly(IpAddress.parse("198.51.100.10"));
    assertThat(grown.orElseThrow().joined()).containsExactly(IpAddress.parse("198.51.100.12"));
  }

  @Test
  void aNeighbourAgainstWhomAGuardSpeaksDoesNotJoin() {
    active();
    IpAddress strong = IpAddress.parse("198.51.100.12");
    Optional<Waiver> grown =
        life.lookedUp(
            neighbours(
                true, "mta3.oldbank.example[198.51.100.12]", "mta5.oldbank.example[198.51.100.14]"),
            waiver ->
                waiver.addresses().contains(strong)
                    ? List.of(new Objection(GuardName.STRONG_TLS_MEMORY, "strong"))
                    : List.of());
    assertThat(covered(grown)).containsExactly("198.51.100.10/32", "198.51.100.14/32");
  }

  @Test
  void whoIsNoLongerNamedLeavesUnlessNobodyCouldTell() {
    active();
    life.lookedUp(neighbours(true, "mta3.oldbank.example[198.51.100.12]"), LifeTest::nobody);
    assertThat(
            covered(
                life.lookedUp(
                    neighbours(false, "mta5.oldbank.example[198.51.100.14]"), LifeTest::nobody)))
        .containsExactly("198.51.100.10/32", "198.51.100.12/32", "198.51.100.14/32");
    assertThat(covered(life.lookedUp(neighbours(true), LifeTest::nobody)))
        .containsExactly("198.51.100.10/32");
  }

  @Test
  void neighboursOfNobodyWhoFailedAreNotTaken() {
    active();
    Neighbours elsewhere =
        new Neighbours(
            Optional.of(NOON),
            POOL,
            IpPrefix.parse("203.0.113.0/24"),
            List.of(Peer.find("mta3.oldbank.example[203.0.113.9]").orElseThrow()),
            true);
    assertThat(life.lookedUp(elsewhere, LifeTest::nobody)).isEmpty();
  }

  @Test
  void whoFailsTakesThePlaceOfWhoOnlyJoined() {
    active();
    life.lookedUp(
        neighbours(
            true,
            "mta1.oldbank.example[198.51.100.20]",
            "mta2.oldbank.example[198.51.100.22]",
            "mta3.oldbank.example[198.51.100.24]",
            "mta4.oldbank.example[198.51.100.26]"),
        LifeTest::nobody);
    assertThat(ledger.latest(POOL).orElseThrow().joined()).hasSize(3); // With the failed one: four.
    Waiver grown = life.failedToo(POOL, strict("203.0.113.9"), LifeTest::nobody).orElseThrow();
    assertThat(grown.networks())
        .extracting(IpPrefix::toString)
        .containsExactly(
            "198.51.100.10/32", "198.51.100.20/32", "198.51.100.22/32", "203.0.113.9/32");
  }

  private static Handshake strict(String address) {
    return new Handshake(
        Optional.of(NOON.plus(Duration.ofDays(3))),
        new Service("postfix", "smtpd"),
        peer(address),
        failure(Reason.UNSUPPORTED_PROTOCOL));
  }

  @Test
  void aFurtherAddressJoinsAtItsFirstFailureHoweverLongAfterTheOthers() {
    active();
    assertThat(covered(life.failedToo(POOL, strict("203.0.113.9"), LifeTest::nobody)))
        .containsExactly("198.51.100.10/32", "203.0.113.9/32");
    assertThat(life.failedToo(POOL, strict("203.0.113.9"), LifeTest::nobody)).isEmpty();
    assertThat(life.failedToo(POOL, strict("203.0.113.11"), LifeTest::somebody)).isEmpty();
    assertThat(life.failedToo(new Pool("other.example"), strict("203.0.113.11"), LifeTest::nobody))
        .isEmpty();
  }

  @Test
  void atTheCapTheLineThatLiftsItIsNamed() {
    active();
    for (int i = 1; i <= 4; i++) {
      life.failedToo(POOL, strict("203.0.113." + i), LifeTest::nobody);
    }
    assertThat(life.beyondTheCap(POOL, IpAddress.parse("203.0.113.3"))).isEmpty();
    assertThat(life.beyondTheCap(POOL, IpAddress.parse("203.0.113.4")).orElseThrow().text())
        .contains(
            "pools: [{domain: oldbank.example, networks: [198.51.100.0/24, 203.0.113.0/24]}]");
  }

  @Test
  void whereTooManyNetworksWouldBeNamedTheCapIs() {
    Life wide =
        new Life(
            ledger,
            POOLS,
            new Terms(
                new Ladder(List.of(Rung.LEGACY), false, Ladder.usualOffers()),
                Map.of(),
                Duration.ofDays(7),
                Duration.ofDays(30),
                Duration.ofDays(2),
                9));
    String[] addresses = new String[9];
    Arrays.setAll(addresses, i -> "198.18." + i + ".1");
    wide.found(finding(NOON, addresses), LifeTest::nobody);
    assertThat(wide.beyondTheCap(POOL, IpAddress.parse("192.0.2.1")).orElseThrow().text())
        .contains("guards: {most_addresses: 36}");
  }

  @Test
  void aNetworkThatGrewByItselfShrinksToTheAddressesOnRecordAndTheOperatorsStays() {
    Waiver grown =
        active()
            .covering(
                List.of(IpAddress.parse("198.51.100.10"), IpAddress.parse("198.51.100.12")),
                List.of(),
                List.of(BLOCK));
    ledger.put(grown);
    assertThat(life.cover()).containsExactly(grown);
    assertThat(ledger.latest(POOL).orElseThrow().networks())
        .extracting(IpPrefix::toString)
        .containsExactly("198.51.100.10/32", "198.51.100.12/32");
    assertThat(life.cover()).isEmpty();
    life.propose(
        life.draft(
            new Pool("192.0.2.0/24"),
            List.of(),
            List.of(IpPrefix.parse("192.0.2.0/24")),
            Rung.LEGACY,
            Duration.ofDays(1),
            NOON,
            Optional.empty(),
            "asked"),
        List.of());
    assertThat(life.cover()).isEmpty();
  }

  // Renewal.

  @Test
  void eachRenewalLastsTwiceAsLongUpToTheLongest() {
    proven("198.51.100.10");
    Instant now = NOON;
    for (int days : List.of(7, 14, 28, 30, 30)) {
      Waiver waiver = askedLedger.latest(POOL).orElseThrow();
      Term term = waiver.term().orElseThrow();
      assertThat(Duration.between(term.from(), term.until())).isEqualTo(Duration.ofDays(days));
      now = term.until();
      asking.due(now);
      Waiver renewed = asking.found(finding(now, "198.51.100.10"), LifeTest::nobody).orElseThrow();
      assertThat(asking.asksFirst(renewed)).isTrue();
      asking.activate(renewed, now);
      answers(failure(Reason.UNSUPPORTED_PROTOCOL), TLS10);
      asking.activate(askedLedger.latest(POOL).orElseThrow(), now);
      asking.delivered(Rung.LEGACY, delivery("198.51.100.10"), now);
    }
  }

  // What comes to light later.

  @Test
  void proposalsAreJudgedOnceMoreAndWhatIsInForceIsNot() {
    Waiver active = active();
    Finding other =
        new Finding(
            "old-protocol",
            new Pool("other.example"),
            Reason.UNSUPPORTED_PROTOCOL,
            Optional.empty(),
            3,
            NOON,
            NOON,
            List.of(IpAddress.parse("192.0.2.9")),
            Optional.empty());
    life.found(other, LifeTest::nobody);
    assertThat(life.reconsider(LifeTest::somebody))
        .extracting(waiver -> waiver.pool().id())
        .containsExactly("other.example");
    assertThat(ledger.find(active.id()).map(Waiver::state)).contains(State.ACTIVE);
  }

  // Time.

  @Property(tries = 300)
  void noWaiverOutlivesItsTimeHoweverTheClockJumps(
      @ForAll @Size(min = 1, max = 30) List<@LongRange(min = -900, max = 900) Long> hours,
      @ForAll @Size(min = 1, max = 30) List<@IntRange(max = 4) Integer> acts) {
    Ledger one = new Ledger(List.of());
    Life moved = life(one, true);
    Instant now = NOON;
    for (int i = 0; i < hours.size(); i++) {
      now = now.plus(Duration.ofHours(hours.get(i)));
      act(moved, one, acts.get(i % acts.size()), now);
      moved.due(now);
      Instant present = now;
      assertThat(one.live(State::isOnHost))
          .filteredOn(waiver -> !Life.awaitsPlan(waiver))
          .allSatisfy(waiver -> assertThat(waiver.term().orElseThrow().until()).isAfter(present));
    }
  }

  private static void act(Life moved, Ledger one, int act, Instant now) {
    Optional<Waiver> latest = one.latest(POOL);
    if (act == 0) {
      moved.found(finding(now, "198.51.100.10"), LifeTest::nobody);
    } else if (act == 1) {
      latest.filter(Life::awaitsPlan).ifPresent(waiver -> moved.activate(waiver, now));
    } else if (act == 2) {
      moved.delivered(Rung.LEGACY, delivery("198.51.100.10"), now);
    } else if (act == 3) {
      moved.negotiated(
          Rung.DIAGNOSE,
          on(Rung.DIAGNOSE, "198.51.100.10", failure(Reason.UNSUPPORTED_PROTOCOL), TLS10),
          now,
          LifeTest::nobody);
    } else {
      moved.negotiated(
          Rung.LEGACY,
          on(Rung.LEGACY, "198.51.100.10", failure(Reason.UNSUPPORTED_PROTOCOL)),
          now,
          LifeTest::nobody);
    }
  }

  @Property(tries = 300)
  void networksHoldNoAddressThatDidNotFail(
      @ForAll @Size(min = 1, max = 12) List<@IntRange(max = 2_000) Integer> numbers,
      @ForAll @IntRange(max = 4_000) int probe) {
    Life any = life(new Ledger(List.of()), false);
    String[] failing = numbers.stream().map(LifeTest::address).toArray(String[]::new);
    Waiver waiver = any.found(finding(NOON, failing), LifeTest::nobody).orElseThrow();
    IpAddress other = IpAddress.parse(address(probe));
    assertThat(waiver.covers(other)).isEqualTo(waiver.addresses().contains(other));
    assertThat(waiver.addresses()).allMatch(waiver::covers);
  }

  private static String address(int number) {
    return "198.18." + number / 256 + "." + number % 256;
  }
}
