package dev.tlswaiver.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.handshake.Observation.Delivery;
import dev.tlswaiver.handshake.Observation.Ended;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.handshake.Service;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ProbeTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final Service MX = new Service("postfix", "smtpd");
  private static final Service SMTPS = new Service("postfix", "smtps/smtpd");
  private static final Completed STRICT = new Completed("TLSv1.3", "TLS_AES_256_GCM_SHA384", 256);
  private static final Pool NAMELESS = new Pool("192.0.2.66");
  private static final Pool NAMED = new Pool("oldbank.example");

  private final LastSeen mail = Memories.of(1_000);
  private final Probe guard = new Probe(50, mail);

  private static Peer peer(String name, String address) {
    return new Peer(HostName.find(name), Optional.of(IpAddress.parse(address)));
  }

  private void see(Pool pool, String name, Duration after, Service service, Outcome outcome) {
    see(pool, peer(name, "192.0.2.66"), after, service, outcome);
  }

  private void see(Pool pool, Peer peer, Duration after, Service service, Outcome outcome) {
    guard.observe(new Handshake(Optional.of(NOON.plus(after)), service, peer, outcome), pool);
  }

  private void fail(Pool pool, String name, Duration after, Reason reason) {
    see(pool, name, after, MX, new Failed(reason, Optional.empty(), "", false));
  }

  private void retryLikeAMailSystem(Pool pool, String name) {
    for (int minutes = 0; minutes < 90; minutes += 30) {
      fail(pool, name, Duration.ofMinutes(minutes), Reason.UNSUPPORTED_PROTOCOL);
    }
  }

  private int score(Pool pool) {
    return guard.score(pool, NOON.plus(Duration.ofHours(12)));
  }

  @Test
  void whoRetriesLikeAMailSystemIsNone() {
    retryLikeAMailSystem(NAMELESS, "");
    retryLikeAMailSystem(NAMED, "mx1.oldbank.example");
    assertThat(score(NAMELESS)).isEqualTo(25);
    assertThat(score(NAMED)).isEqualTo(10);
  }

  @Test
  void askingSavesNobodyFromEviction() {
    retryLikeAMailSystem(NAMED, "mx1.oldbank.example");
    Instant asked = NOON.plus(Duration.ofHours(2));
    for (int i = 0; i < Probe.MOST_POOLS; i++) {
      assertThat(guard.hasRetried(NAMED, asked)).isTrue();
      fail(new Pool("other" + i + ".example"), "", Duration.ofHours(2), Reason.NO_SHARED_CIPHER);
    }
    assertThat(guard.hasRetried(NAMED, asked)).isFalse();
  }

  @Test
  void whoComesBackAfterHoursIsOneIfItHasNoName() {
    for (int hours = 0; hours < 12; hours += 3) {
      fail(NAMELESS, "", Duration.ofHours(hours), Reason.UNSUPPORTED_PROTOCOL);
      fail(NAMED, "mx1.oldbank.example", Duration.ofHours(hours), Reason.UNSUPPORTED_PROTOCOL);
    }
    assertThat(score(NAMELESS)).isEqualTo(50);
    assertThat(score(NAMED)).isEqualTo(35);
    assertThat(guard.hasRetried(NAMED, NOON.plus(Duration.ofHours(12)))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "scan-12.big.example",
        "scanner07.big.example",
        "census1.labs.example",
        "zg-0823.stretchoid.example",
        "probe3.security.example",
        "researchscan001.university.example",
        "a.shodan.example"
      })
  void namesOfScannersCount(String name) {
    retryLikeAMailSystem(NAMED, name);
    assertThat(score(NAMED)).isEqualTo(60);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mx.scania.example",
        "mail.research.university.example",
        "scandinavia.example",
        "probst.example"
      })
  void namesThatAreAlikeDoNot(String name) {
    retryLikeAMailSystem(NAMED, name);
    assertThat(score(NAMED)).isEqualTo(10);
  }

  @Test
  void manyKindsOfFailuresInOneVisitCountAndALostConnectionIsNoKind() {
    retryLikeAMailSystem(NAMED, "mx1.oldbank.example");
    fail(NAMED, "mx1.oldbank.example", Duration.ofSeconds(3_605), Reason.DISCONNECTED);
    assertThat(score(NAMED)).isEqualTo(10);
    fail(NAMED, "mx1.oldbank.example", Duration.ofSeconds(3_608), Reason.NO_SHARED_CIPHER);
    assertThat(score(NAMED)).isEqualTo(10 + 30 + 25);
  }

  @Test
  void theMachinesOfAFarmAreSeveral() {
    for (int i = 0; i < 5; i++) {
      see(
          NAMED,
          peer("mx" + i + ".oldbank.example", "203.0.113." + i),
          Duration.ofSeconds(i),
          MX,
          new Failed(
              i % 2 == 0 ? Reason.UNSUPPORTED_PROTOCOL : Reason.NO_SHARED_CIPHER,
              Optional.empty(),
              "",
              false));
    }
    retryLikeAMailSystem(NAMED, "mx9.oldbank.example");
    assertThat(score(NAMED)).isEqualTo(10);
  }

  @Test
  void successBesideFailureCountsInEitherOrder() {
    see(NAMELESS, "", Duration.ZERO, MX, STRICT);
    fail(NAMELESS, "", Duration.ofSeconds(5), Reason.UNSUPPORTED_PROTOCOL);
    assertThat(guard.words(NAMELESS, NOON)).contains("success and failure within a minute 25");
    Pool other = new Pool("192.0.2.67");
    Peer peer = peer("", "192.0.2.67");
    see(other, peer, Duration.ZERO, MX, new Failed(Reason.OTHER, Optional.empty(), "", false));
    see(other, peer, Duration.ofSeconds(5), MX, STRICT);
    assertThat(guard.words(other, NOON)).contains("success and failure within a minute 25");
  }

  @Test
  void successAnHourBeforeIsNoneBeside() {
    see(NAMELESS, "", Duration.ofHours(-1), MX, STRICT);
    retryLikeAMailSystem(NAMELESS, "");
    assertThat(score(NAMELESS)).isEqualTo(25);
  }

  @Test
  void submissionCountsOnceAndItsSilentSessionsDoNot() {
    see(
        NAMED,
        "vpn.oldbank.example",
        Duration.ZERO,
        SMTPS,
        new Failed(Reason.OTHER, Optional.empty(), "", false));
    guard.observe(
        new Ended(
            Optional.of(NOON), SMTPS, peer("vpn.oldbank.example", "192.0.2.66"), Optional.of(0), 0),
        NAMED);
    retryLikeAMailSystem(NAMED, "mx1.oldbank.example");
    assertThat(score(NAMED)).isEqualTo(10 + 25);
  }

  @Test
  void mailOutweighsTwoSignsForAMonth() {
    retryLikeAMailSystem(NAMELESS, "");
    fail(NAMELESS, "", Duration.ofSeconds(3_605), Reason.NOT_TLS);
    assertThat(score(NAMELESS)).isEqualTo(80);
    guard.observe(
        new Delivery(Optional.of(NOON), MX, peer("", "192.0.2.66"), "4F6D0629C", Optional.empty()),
        NAMELESS);
    assertThat(score(NAMELESS)).isEqualTo(10);
    assertThat(guard.words(NAMELESS, NOON.plus(Duration.ofDays(31))))
        .contains("no mail accepted yet 10");
  }

  @Test
  void mailOnSubmissionIsAPersons() {
    guard.observe(
        new Delivery(
            Optional.of(NOON), SMTPS, peer("", "192.0.2.66"), "4F6D0629C", Optional.empty()),
        NAMELESS);
    assertThat(mail.size()).isZero();
  }

  @Test
  void whatWasDoneMoreThanADayAgoIsForgotten() {
    fail(NAMELESS, "", Duration.ZERO, Reason.NOT_TLS);
    fail(NAMELESS, "", Duration.ofSeconds(4), Reason.UNSUPPORTED_PROTOCOL);
    assertThat(score(NAMELESS)).isEqualTo(80);
    fail(NAMELESS, "", Duration.ofHours(30), Reason.UNSUPPORTED_PROTOCOL);
    fail(NAMELESS, "", Duration.ofHours(31), Reason.UNSUPPORTED_PROTOCOL);
    assertThat(guard.score(NAMELESS, NOON.plus(Duration.ofHours(31)))).isEqualTo(25);
  }

  @Test
  void inAWaveOfNamelessPeersEachIsOneOfThem() {
    for (int i = 0; i < 50; i++) {
      see(
          new Pool("198.18.0." + i),
          peer("", "198.18.0." + i),
          Duration.ofMinutes(i),
          MX,
          new Failed(Reason.UNSUPPORTED_PROTOCOL, Optional.empty(), "", false));
    }
    retryLikeAMailSystem(NAMELESS, "");
    retryLikeAMailSystem(NAMED, "mx1.oldbank.example");
    assertThat(guard.isProbe(NAMELESS, NOON.plus(Duration.ofMinutes(50)))).isTrue();
    assertThat(guard.isProbe(NAMED, NOON.plus(Duration.ofMinutes(50)))).isFalse();
    assertThat(guard.isProbe(NAMELESS, NOON.plus(Duration.ofHours(3)))).isFalse();
  }
}
