package dev.tlswaiver.waiver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tlswaiver.handshake.Observation.Delivery;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.handshake.Service;
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
import org.junit.jupiter.api.Test;

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
              List.of(Rung.CIPHERS, Rung.LEGACY, Rung.PLAINTEXT),
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
        Arrays.stream(addresses).map(IpAddress::parse).toList());
  }

  private static List<Objection> nobody(Waiver waiver) {
    return List.of();
  }

  private static List<Objection> somebody(Waiver waiver) {
    return List.of(new Objection("never", waiver.pool() + " is not to be helped"));
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
    assertThat(waiver.objections()).extracting(Objection::guard).containsExactly("never");
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
  void aFurtherFindingLetsTheRunningWaiverGrowToItsNetwork() {
    active();
    Waiver grown =
        life.found(finding(NOON, "198.51.100.10", "198.51.100.11"), LifeTest::nobody).orElseThrow();
    assertThat(grown.state()).isEqualTo(State.ACTIVE);
    assertThat(grown.networks()).containsExactly(IpPrefix.parse("198.51.100.0/24"));
    assertThat(ledger.all()).hasSize(1);
  }

  @Test
  void growthStopsAtTheCap() {
    active();
    assertThat(
            life.found(
                finding(NOON, "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"),
                LifeTest::nobody))
        .isEmpty();
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
                NOON))
        .isEmpty();
  }

  @Test
  void failingOnTheRelaxedListenerTooEndsItAndTheNextFindingClimbs() {
    active();
    assertThat(
            life.negotiated(
                    Rung.LEGACY, relaxed("198.51.100.10", failure(Reason.NO_SHARED_CIPHER)), NOON)
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
                Rung.LEGACY, relaxed("198.51.100.10", failure(Reason.DISCONNECTED)), NOON))
        .isEmpty();
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
  void afterItsEndOneFailureRenewsItForTwiceAsLong() {
    active();
    life.delivered(Rung.LEGACY, delivery("198.51.100.10"), NOON);
    Instant later = NOON.plus(Duration.ofDays(8));
    life.due(later);
    Handshake strict =
        new Handshake(
            Optional.of(later),
            new Service("postfix", "smtpd"),
            peer("198.51.100.10"),
            failure(Reason.UNSUPPORTED_PROTOCOL));
    Waiver renewed = life.failed(POOL, strict, LifeTest::nobody).orElseThrow();
    assertThat(renewed.state()).isEqualTo(State.PROPOSED);
    assertThat(life.grant(renewed, later).until()).isEqualTo(later.plus(Duration.ofDays(14)));
  }

  @Test
  void aFailureBeforeAnyWaiverRenewsNothing() {
    assertThat(
            life.failed(
                POOL,
                relaxed("198.51.100.10", failure(Reason.UNSUPPORTED_PROTOCOL)),
                LifeTest::nobody))
        .isEmpty();
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
            List.of(), Map.of(), Duration.ofDays(7), Duration.ofDays(30), Duration.ofDays(2), 1);
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
}
