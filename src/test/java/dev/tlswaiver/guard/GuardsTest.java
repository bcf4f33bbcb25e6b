package dev.tlswaiver.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Notes;
import dev.tlswaiver.handshake.Observation;
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
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.peer.PublicSuffixes;
import dev.tlswaiver.waiver.Approvals;
import dev.tlswaiver.waiver.Diagnosis;
import dev.tlswaiver.waiver.Evidence;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Ladder;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Transition;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GuardsTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final Pools POOLS =
      new Pools(List.of(Pools.Kind.DOMAIN), 24, 64, new PublicSuffixes(List.of("example")));
  private static final Service MX = new Service("postfix", "smtpd");
  private static final Service RELAXED = new Service("postfix", "tlswaiver-legacy/smtpd");

  private static Waiver proposal(String pool, Reason reason, String... addresses) {
    return proposal(1, pool, reason, Rung.LEGACY, Optional.empty(), addresses);
  }

  private static Waiver proposal(
      long id,
      String pool,
      Reason reason,
      Rung rung,
      Optional<String> openssl,
      String... addresses) {
    List<IpAddress> list = Arrays.stream(addresses).map(IpAddress::parse).toList();
    return new Waiver(
        id,
        new Pool(pool),
        list,
        list.stream().map(IpAddress::toPrefix).toList(),
        rung,
        new Evidence(
            "old-protocol", reason, openssl, 3, NOON.minusSeconds(3_600), NOON, Optional.empty()),
        NOON,
        State.PROPOSED,
        0,
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        List.of(),
        List.of(new Transition(State.PROPOSED, NOON, "")));
  }

  private static Handshake handshake(
      Instant time, Service service, String name, String address, Outcome outcome) {
    return new Handshake(
        Optional.of(time),
        service,
        new Peer(HostName.find(name), Optional.of(IpAddress.parse(address))),
        outcome);
  }

  private static Failed failed(Reason reason) {
    return new Failed(reason, Optional.empty(), "", false);
  }

  private static PeerList list(String... entries) {
    return new PeerList(
        Arrays.stream(entries).map(IpPrefix::find).flatMap(Optional::stream).toList(),
        Arrays.stream(entries)
            .filter(entry -> IpPrefix.find(entry).isEmpty())
            .map(HostName::new)
            .toList());
  }

  @Test
  void neverRefusesItsAddressesPrefixesAndDomains() {
    Waiver waiver = proposal("mail.oldbank.example", Reason.UNSUPPORTED_PROTOCOL, "198.51.100.10");
    assertThat(new Never(list("oldbank.example")).review(waiver)).isPresent();
    assertThat(new Never(list("198.51.100.0/24")).review(waiver)).isPresent();
    assertThat(new Never(list("198.51.100.11", "bank.example")).review(waiver)).isEmpty();
    assertThat(new Never(list()).review(waiver)).isEmpty();
  }

  @Test
  void onlyAllowsNobodyElseAndAnEmptyListEverybody() {
    Waiver waiver =
        proposal("oldbank.example", Reason.UNSUPPORTED_PROTOCOL, "198.51.100.10", "192.0.2.1");
    assertThat(new Only(list()).review(waiver)).isEmpty();
    assertThat(new Only(list("oldbank.example")).review(waiver)).isEmpty();
    assertThat(new Only(list("198.51.100.0/24")).review(waiver)).isPresent();
  }

  @Test
  void privateAddressesAreRefusedAndDocumentationAddressesAreNotPrivate() {
    PrivateAddress guard = new PrivateAddress();
    for (String address : List.of("10.1.2.3", "127.0.0.1", "172.31.0.1", "fd00::1", "fe80::1")) {
      assertThat(guard.review(proposal(address, Reason.OTHER, address))).isPresent();
    }
    for (String address : List.of("198.51.100.1", "172.32.0.1", "2001:db8::1")) {
      assertThat(guard.review(proposal(address, Reason.OTHER, address))).isEmpty();
    }
  }

  private static StrongTlsMemory strongTls(LastSeen seen) {
    return new StrongTlsMemory(Duration.ofDays(30), POOLS, seen, Memories.of(1_000), Memories.HASH);
  }

  private static StrongPool strongPool(LastSeen seen, boolean canAsk, Waiver... known) {
    return new StrongPool(
        Duration.ofDays(30),
        canAsk,
        seen,
        strongTls(seen),
        new Approvals(new Ledger(List.of(known))));
  }

  @Test
  void anAddressThatMetTheStrictTermsIsNeverWeakened() {
    LastSeen seen = Memories.of(1_000);
    StrongTlsMemory guard = strongTls(seen);
    StrongPool others = strongPool(seen, false);
    Completed strict = new Completed("TLSv1.3", "TLS_AES_256_GCM_SHA384", 256);
    guard.observe(
        handshake(NOON.minus(Duration.ofDays(29)), MX, "a.big.example", "192.0.2.1", strict),
        new Pool("big.example"));
    assertThat(guard.review(proposal("big.example", Reason.NO_SHARED_CIPHER, "192.0.2.1")))
        .hasValueSatisfying(text -> assertThat(text).contains("downgrade"));
    assertThat(guard.review(proposal("big.example", Reason.NO_SHARED_CIPHER, "192.0.2.9")))
        .isEmpty();
    assertThat(others.review(proposal("big.example", Reason.NO_SHARED_CIPHER, "192.0.2.9")))
        .hasValueSatisfying(text -> assertThat(text).contains("other hosts of big.example"));
    assertThat(others.review(proposal("old.example", Reason.NO_SHARED_CIPHER, "192.0.2.9")))
        .isEmpty();
    assertThat(guard.review(proposal("old.example", Reason.NO_SHARED_CIPHER, "192.0.2.9")))
        .isEmpty();
  }

  @Test
  void strongTlsIsForgottenAfterItsTimeAndNotLearntFromARelaxedListener() {
    StrongTlsMemory guard = strongTls(Memories.of(1_000));
    Completed completed = new Completed("TLSv1", "AES128-SHA", 128);
    guard.observe(
        handshake(NOON.minus(Duration.ofDays(31)), MX, "a.big.example", "192.0.2.1", completed),
        new Pool("big.example"));
    guard.observe(
        handshake(NOON, RELAXED, "b.big.example", "192.0.2.2", completed), new Pool("big.example"));
    assertThat(
            guard.review(
                proposal("big.example", Reason.NO_SHARED_CIPHER, "192.0.2.1", "192.0.2.2")))
        .isEmpty();
  }

  private static final String TURNED_AWAY =
      "NOQUEUE: reject: RCPT from [198.51.100.10]:40312: 550 5.7.1 Service unavailable; client"
          + " [198.51.100.10] blocked using zen.example; from=<a@b.example>, to=<c@d.example>,"
          + " proto=ESMTP, helo=<PASS OLD [198.51.100.10]:1>";

  @Test
  void whomPostscreenTurnsAwayIsNotWaivedUntilItPassesOrADayIsOver() {
    Notes notes = new Notes();
    Postscreen guard = new Postscreen(notes);
    Waiver waiver = proposal("oldbank.example", Reason.OTHER, "198.51.100.10");
    guard.said(TURNED_AWAY, NOON.minusSeconds(60));
    assertThat(guard.review(waiver))
        .hasValueSatisfying(
            text ->
                assertThat(text)
                    .contains(
                        "\"550 5.7.1 Service unavailable; client [198.51.100.10] blocked using"
                            + " zen.example\"")
                    .doesNotContain("helo"));
    assertThat(guard.review(proposal("b.example", Reason.OTHER, "198.51.100.11"))).isEmpty();

    Postscreen after = new Postscreen(new Notes());
    notes.drain().forEach((key, noted) -> after.restore(key, noted.orElseThrow()));
    assertThat(after.review(waiver)).isEqualTo(guard.review(waiver));

    guard.said("PASS NEW [198.51.100.10]:40313", NOON);
    assertThat(guard.review(waiver)).isEmpty();
    guard.said(TURNED_AWAY, NOON.minus(Duration.ofDays(1)));
    assertThat(guard.review(waiver)).isEmpty();
  }

  @Test
  void theFirstReplyToANewcomerAndWhatAClientSaysTurnNobodyAway() {
    Postscreen guard = new Postscreen(new Notes());
    for (String line :
        List.of(
            TURNED_AWAY.replace(": 550", ": 450"),
            "NOQUEUE: reject: RCPT from [198.51.100.10]:1: 550",
            "NOQUEUE: reject: RCPT from ",
            "NOQUEUE: reject: RCPT from unknown: 550 no; from=<a>",
            "PASS ",
            "PASS NEW",
            "COMMAND PIPELINING from [198.51.100.10]:1 after x: " + TURNED_AWAY)) {
      guard.said(line, NOON);
    }
    assertThat(guard.review(proposal("oldbank.example", Reason.OTHER, "198.51.100.10"))).isEmpty();
  }

  /** Rule b. */
  @Test
  void ofThoseTurnedAwayTheLatestAreKept() {
    Postscreen guard = new Postscreen(new Notes());
    for (int i = 0; i <= Postscreen.MOST_ADDRESSES; i++) {
      guard.said(TURNED_AWAY.replace("198.51.100.10", "10.0." + i / 256 + "." + i % 256), NOON);
    }
    assertThat(guard.review(proposal("a.example", Reason.OTHER, "10.0.0.0"))).isEmpty();
    assertThat(guard.review(proposal("a.example", Reason.OTHER, "10.0.0.1"))).isPresent();
  }

  @Test
  void whoLogsInOnThePublicServiceIsNotWaived() {
    Notes notes = new Notes();
    LogsIn guard = new LogsIn(notes);
    Peer peer =
        new Peer(HostName.find("mx.old.example"), Optional.of(IpAddress.parse("192.0.2.1")));
    Pool pool = new Pool("old.example");
    Instant before = NOON.minus(Duration.ofDays(29));
    guard.observe(
        new Delivery(Optional.of(before), MX, peer, "4F6D0629C", Optional.empty(), false), pool);
    assertThat(guard.review(proposal("old.example", Reason.OTHER, "192.0.2.1"))).isEmpty();
    guard.observe(
        new Delivery(Optional.of(before), MX, peer, "4F6D0629D", Optional.empty(), true), pool);
    assertThat(guard.review(proposal("old.example", Reason.OTHER, "192.0.2.1")))
        .hasValueSatisfying(text -> assertThat(text).contains("AUTH", "submission"));
    assertThat(guard.review(proposal("other.example", Reason.OTHER, "192.0.2.1"))).isEmpty();
    LogsIn after = new LogsIn(new Notes());
    notes.drain().forEach((key, noted) -> after.restore(key, noted.orElseThrow()));
    assertThat(after.review(proposal("old.example", Reason.OTHER, "192.0.2.1"))).isPresent();
  }

  @Test
  void manySendersFailingAlikeMeansUs() {
    IsItUs guard =
        new IsItUs(
            5,
            Duration.ofHours(1),
            new IsItUs.Senders(
                pool -> true, (pool, now) -> true, (pool, began) -> true, pool -> Optional.empty()),
            new Notes());
    guard.observe(
        handshake(
            NOON.minus(Duration.ofDays(1)), MX, "mx.q.example", "192.0.2.99", failed(Reason.OTHER)),
        new Pool("q.example"));
    for (int i = 0; i < 5; i++) {
      assertThat(guard.review(proposal("p0.example", Reason.NO_SHARED_CIPHER, "192.0.2.1")))
          .isEmpty();
      guard.observe(
          handshake(
              NOON, MX, "mx.p" + i + ".example", "192.0.2." + i, failed(Reason.NO_SHARED_CIPHER)),
          new Pool("p" + i + ".example"));
    }
    assertThat(guard.review(proposal("p0.example", Reason.NO_SHARED_CIPHER, "192.0.2.1")))
        .hasValueSatisfying(text -> assertThat(text).contains("our own certificate"));
    assertThat(guard.review(proposal("p0.example", Reason.UNSUPPORTED_PROTOCOL, "192.0.2.1")))
        .isEmpty();
  }

  @Test
  void aScannerIsRefusedAndItsScoreExplained() {
    Probe guard = new Probe(50, Memories.of(1_000));
    Pool pool = new Pool("192.0.2.66");
    guard.observe(handshake(NOON, MX, "", "192.0.2.66", failed(Reason.NOT_TLS)), pool);
    guard.observe(
        handshake(NOON.plusSeconds(2), MX, "", "192.0.2.66", failed(Reason.UNSUPPORTED_PROTOCOL)),
        pool);
    assertThat(guard.review(proposal("192.0.2.66", Reason.UNSUPPORTED_PROTOCOL, "192.0.2.66")))
        .contains(
            "192.0.2.66 looks like a probe, score 80 with a limit of 50: no verified name of its"
                + " own 15, no mail accepted yet 10, different failures within a minute 30, sent"
                + " something that is not TLS 25; if it is a sender that you know, tlswaiver grant lets it in");
  }

  @Test
  void aRealOldSenderIsNoProbe() {
    Probe guard = new Probe(50, Memories.of(1_000));
    Pool pool = new Pool("192.0.2.7");
    for (int i = 0; i < 3; i++) {
      guard.observe(
          handshake(
              NOON.plusSeconds(900L * i), MX, "", "192.0.2.7", failed(Reason.UNSUPPORTED_PROTOCOL)),
          pool);
    }
    assertThat(guard.review(proposal("192.0.2.7", Reason.UNSUPPORTED_PROTOCOL, "192.0.2.7")))
        .isEmpty();
  }

  @Test
  void acceptedMailOutweighsSuspicion() {
    Probe guard = new Probe(50, Memories.of(1_000));
    Pool pool = new Pool("research.example");
    Peer peer =
        new Peer(HostName.find("mx.research.example"), Optional.of(IpAddress.parse("192.0.2.7")));
    Observation ended = new Ended(Optional.of(NOON), MX, peer, Optional.of(0), 0);
    guard.observe(
        handshake(NOON, MX, "scan1.research.example", "192.0.2.7", failed(Reason.OTHER)), pool);
    guard.observe(ended, pool);
    Waiver waiver = proposal("research.example", Reason.UNSUPPORTED_PROTOCOL, "192.0.2.7");
    assertThat(guard.review(waiver)).isPresent();
    guard.observe(new Delivery(Optional.of(NOON), MX, peer, "4F6D0629C", Optional.empty()), pool);
    assertThat(guard.review(waiver)).isEmpty();
  }

  @Test
  void aLimitOfOneHundredAndOneNeverObjects() {
    Probe guard = new Probe(101, Memories.of(1_000));
    Pool pool = new Pool("192.0.2.66");
    guard.observe(
        handshake(NOON, MX, "scan.probe.example", "192.0.2.66", failed(Reason.NOT_TLS)), pool);
    assertThat(guard.review(proposal("192.0.2.66", Reason.NOT_TLS, "192.0.2.66"))).isEmpty();
  }

  private static Bounds bounds(Ledger ledger, int mostWaivers, int mostAddresses) {
    return new Bounds(
        ledger, POOLS, new Bounds.Most(mostWaivers, mostAddresses, 9, 9, 9), false, pool -> false);
  }

  @Test
  void thoseThatAreAskedHavePlacesOfTheirOwn() {
    Waiver waiting = proposal("a.example", Reason.UNSUPPORTED_PROTOCOL, "192.0.2.1");
    Waiver known = knowing(waiting, Rung.LEGACY);
    Waiver next =
        proposal(2, "b.example", Reason.OTHER, Rung.LEGACY, Optional.empty(), "198.51.100.2");
    Bounds.Most most = new Bounds.Most(1, 9, 1, 9, 9);
    assertThat(
            new Bounds(new Ledger(List.of(waiting)), POOLS, most, true, pool -> true).review(next))
        .hasValueSatisfying(text -> assertThat(text).contains("guards.most_asked"));
    assertThat(new Bounds(new Ledger(List.of(known)), POOLS, most, true, pool -> true).review(next))
        .isEmpty();
    assertThat(
            new Bounds(new Ledger(List.of(known)), POOLS, most, true, pool -> true)
                .review(knowing(next, Rung.LEGACY)))
        .hasValueSatisfying(text -> assertThat(text).contains("guards.most_waivers"));
  }

  @Test
  void whoWasAskedAndRefusedTookAPlaceOfItsDay() {
    Waiver refused =
        proposal("192.0.2.1", Reason.OTHER, "192.0.2.1")
            .become(State.DIAGNOSING, NOON, "asked")
            .become(State.REFUSED, NOON, "no");
    Bounds guard =
        new Bounds(
            new Ledger(List.of(refused)),
            POOLS,
            new Bounds.Most(9, 9, 1, 9, 9),
            true,
            pool -> false);
    assertThat(
            guard.review(
                proposal(2, "b.example", Reason.OTHER, Rung.LEGACY, Optional.empty(), "192.0.2.2")))
        .hasValueSatisfying(text -> assertThat(text).contains("within a day"));
  }

  @Test
  void aNetworkHasFewPlacesForThoseWithoutMailAndTheOperatorAnyNumber() {
    Ledger ledger =
        new Ledger(
            List.of(
                proposal(
                    1,
                    "2001:db8:7:1::1",
                    Reason.OTHER,
                    Rung.LEGACY,
                    Optional.empty(),
                    "2001:db8:7:1::1"),
                proposal(
                    2,
                    "2001:db8:7:2::1",
                    Reason.OTHER,
                    Rung.LEGACY,
                    Optional.empty(),
                    "2001:db8:7:2::1")));
    Waiver third =
        proposal(
            3, "2001:db8:7:3::1", Reason.OTHER, Rung.LEGACY, Optional.empty(), "2001:db8:7:3::1");
    Waiver named =
        proposal(3, "c.example", Reason.OTHER, Rung.LEGACY, Optional.empty(), "2001:db8:7:3::1");
    Bounds.Most most = new Bounds.Most(50, 9, 50, 2, 2);
    Bounds guard = new Bounds(ledger, POOLS, most, false, pool -> false);
    assertThat(guard.review(third))
        .hasValueSatisfying(
            text -> assertThat(text).contains("2001:db8:7::/48", "guards.most_per_network"));
    assertThat(guard.review(named)).isEmpty();
    assertThat(new Bounds(ledger, POOLS, most, false, third.pool()::equals).review(third))
        .isEmpty();
  }

  @Test
  void exceptionsStayFew() {
    Ledger ledger =
        new Ledger(List.of(proposal("a.example", Reason.UNSUPPORTED_PROTOCOL, "192.0.2.1")));
    Waiver two =
        proposal(
            2, "b.example", Reason.OTHER, Rung.LEGACY, Optional.empty(), "192.0.2.2", "192.0.2.3");
    assertThat(bounds(ledger, 2, 2).review(two)).isEmpty();
    assertThat(bounds(ledger, 1, 2).review(two)).isPresent();
    assertThat(bounds(ledger, 2, 1).review(two)).isPresent();
  }

  @Test
  void whatNoRungCuresIsSaidAndNotTried() {
    Feasible guard =
        new Feasible(
            new Ladder(List.of(Rung.CIPHERS, Rung.LEGACY, Rung.SSLV3), false, Ladder.usualOffers()),
            Map.of(Rung.SSLV3, "OpenSSL was built without SSLv3"));
    assertThat(guard.review(proposal("a.example", Reason.UNSUPPORTED_PROTOCOL, "192.0.2.1")))
        .isEmpty();
    assertThat(guard.review(proposal("a.example", Reason.VERSION_TOO_LOW, "192.0.2.1")))
        .hasValueSatisfying(text -> assertThat(text).contains("plaintext"));
    assertThat(review(guard, Reason.OTHER, Rung.PLAINTEXT, "")).isPresent();
    assertThat(review(guard, Reason.OTHER, Rung.SSLV3, ""))
        .contains("the rung sslv3 can't work here: OpenSSL was built without SSLv3");
    assertThat(review(guard, Reason.UNKNOWN_PROTOCOL, Rung.LEGACY, "140760FC")).isEmpty();
    assertThat(review(guard, Reason.UNKNOWN_PROTOCOL, Rung.LEGACY, "0A0000FC")).isPresent();
  }

  private static Optional<String> review(Guard guard, Reason reason, Rung rung, String openssl) {
    return guard.review(
        proposal(
            1,
            "a.example",
            reason,
            rung,
            Optional.of(openssl).filter(code -> !code.isEmpty()),
            "192.0.2.1"));
  }

  @Test
  void aPauseHoldsUntilItsEnd() {
    Paused guard = new Paused();
    Waiver waiver = proposal("a.example", Reason.OTHER, "192.0.2.1");
    assertThat(guard.review(waiver)).isEmpty();
    guard.pauseUntil(NOON.plusSeconds(1), "a plan was rolled back");
    assertThat(guard.review(waiver)).isPresent();
    guard.pauseUntil(NOON, "over");
    assertThat(guard.review(waiver)).isEmpty();
  }

  @Test
  void allObjectionsAreCollectedUnderTheGuardsContractNames() {
    Paused paused = new Paused();
    paused.pauseUntil(NOON.plusSeconds(1), "so");
    Guards guards =
        new Guards(List.of(new PrivateAddress(), paused, new Never(list("192.0.2.0/24"))));
    assertThat(guards.review(proposal("10.0.0.1", Reason.OTHER, "10.0.0.1", "192.0.2.1")))
        .extracting(Objection::guard)
        .containsExactly(GuardName.PRIVATE_ADDRESS, GuardName.PAUSED, GuardName.NEVER);
  }

  @Test
  void aPoolWithStrongHostsIsAskedFirstAndAHelloAloneIsNotEnough() {
    LastSeen seen = Memories.of(1_000);
    seen.see("big.example", NOON.minusSeconds(60));
    Waiver proposal = proposal("big.example", Reason.NO_SHARED_CIPHER, "192.0.2.9");
    assertThat(strongPool(seen, true).review(proposal)).isEmpty();
    StrongPool guessing = strongPool(seen, false);
    assertThat(guessing.review(proposal))
        .hasValueSatisfying(text -> assertThat(text).contains("smtpd_tls_loglevel = 3"));
    assertThat(guessing.review(knowing(proposal, Rung.LEGACY)))
        .hasValueSatisfying(
            text -> assertThat(text).contains("tlswaiver grant big.example --rung legacy --force"));
    assertThat(strongPool(seen, true).review(knowing(proposal, Rung.LEGACY))).isPresent();
  }

  private static final ClientHello OLD_HELLO =
      new ClientHello(0x0301, List.of(), List.of(0x2F), List.of(), List.of(), false);

  /** A modern MX, and a host that fails twice, so many hours apart. */
  private static Optional<String> besideModern(
      String modern, String old, String address, int hours, ClientHello... hellos) {
    Pool pool = new Pool("big.example");
    LastSeen seen = Memories.of(1_000);
    StrongTlsMemory memory = strongTls(seen);
    Completed strict = new Completed("TLSv1.3", "TLS_AES_256_GCM_SHA384", 256);
    memory.observe(
        handshake(NOON.minus(Duration.ofDays(9)), MX, modern, "192.0.2.1", strict), pool);
    StrongPool guard = strongPool(seen, false);
    for (int i = 0; i < 2; i++) {
      guard.observe(
          new Handshake(
              Optional.of(NOON.minus(Duration.ofHours(i == 0 ? hours : 0))),
              MX,
              new Peer(HostName.find(old), Optional.of(IpAddress.parse(address))),
              failed(Reason.UNSUPPORTED_PROTOCOL),
              Optional.of(hellos[i])),
          pool);
    }
    return guard.review(
        knowing(proposal("big.example", Reason.UNSUPPORTED_PROTOCOL, address), Rung.LEGACY));
  }

  @Test
  void theOldApplianceBesideAModernMxIsJudgedAsOthersAre() {
    String mx = "mx1.big.example";
    String fax = "fax.big.example";
    String far = "198.51.100.9";
    ClientHello other =
        new ClientHello(0x0301, List.of(), List.of(0x35), List.of(), List.of(), false);
    assertThat(besideModern(mx, fax, far, 24, OLD_HELLO, OLD_HELLO)).isEmpty();
    assertThat(besideModern(mx, "mx2.big.example", far, 24, OLD_HELLO, OLD_HELLO))
        .as("differs in digits alone")
        .isPresent();
    assertThat(besideModern(mx, fax, "192.0.2.9", 24, OLD_HELLO, OLD_HELLO))
        .as("in the network of a strong one")
        .isPresent();
    assertThat(besideModern(mx, fax, far, 2, OLD_HELLO, OLD_HELLO)).as("one day").isPresent();
    assertThat(besideModern(mx, fax, far, 24, other, OLD_HELLO)).as("two hellos").isPresent();
    assertThat(besideModern(mx, "", far, 24, OLD_HELLO, OLD_HELLO)).as("no name").isPresent();
    assertThat(besideModern(mx, "198-51-100-9.big.example", far, 24, OLD_HELLO, OLD_HELLO))
        .as("no name of its own")
        .isPresent();
  }

  @Test
  void whatTheOperatorGrantedHoldsForItsRenewals() {
    LastSeen seen = Memories.of(1_000);
    seen.see("big.example", NOON.minusSeconds(60));
    Waiver granted =
        by("operator", proposal("big.example", Reason.NO_SHARED_CIPHER, "192.0.2.9"))
            .become(State.ACTIVE, NOON, "")
            .become(State.PROVEN, NOON, "")
            .become(State.EXPIRED, NOON, "");
    StrongPool guard = strongPool(seen, false, granted);
    Waiver same =
        proposal(2, "big.example", Reason.OTHER, Rung.LEGACY, Optional.empty(), "192.0.2.9");
    Waiver other =
        proposal(2, "big.example", Reason.OTHER, Rung.LEGACY, Optional.empty(), "192.0.2.10");
    Waiver higher =
        proposal(2, "big.example", Reason.OTHER, Rung.PLAINTEXT, Optional.empty(), "192.0.2.9");
    assertThat(guard.review(same)).isEmpty();
    assertThat(guard.review(other)).as("another address").isPresent();
    assertThat(guard.review(higher)).as("a higher rung").isPresent();
  }

  private static Waiver knowing(Waiver waiver, Rung admittedBy) {
    Evidence evidence = waiver.evidence();
    return with(
        waiver,
        new Evidence(
            evidence.rule(),
            evidence.reason(),
            evidence.openssl(),
            evidence.failures(),
            evidence.first(),
            evidence.last(),
            Optional.of(new Diagnosis(OLD_HELLO, admittedBy, "It offers TLSv1."))));
  }

  private static Waiver by(String rule, Waiver waiver) {
    Evidence evidence = waiver.evidence();
    return with(
        waiver,
        new Evidence(
            rule,
            evidence.reason(),
            evidence.openssl(),
            evidence.failures(),
            evidence.first(),
            evidence.last(),
            evidence.diagnosis()));
  }

  private static Waiver with(Waiver waiver, Evidence evidence) {
    return new Waiver(
        waiver.id(),
        waiver.pool(),
        waiver.addresses(),
        waiver.networks(),
        waiver.rung(),
        evidence,
        waiver.at(),
        waiver.state(),
        waiver.round(),
        waiver.term(),
        waiver.attempt(),
        waiver.needs(),
        waiver.proof(),
        waiver.objections(),
        waiver.history());
  }

  @ParameterizedTest
  @CsvSource({"192.0.2.1, 1, true", "192.0.2.2, 1, false", "192.0.2.1, 31, false"})
  void aStrongAddressSpeaksAgainstItselfAndNotAgainstItsNeighbours(
      String address, int days, boolean isObjected) {
    StrongTlsMemory guard = strongTls(Memories.of(1_000));
    guard.observe(
        handshake(
            NOON.minus(Duration.ofDays(days)),
            MX,
            "a.big.example",
            "192.0.2.1",
            new Completed("TLSv1.3", "TLS_AES_256_GCM_SHA384", 256)),
        new Pool("big.example"));
    Waiver proposal =
        proposal(
            1,
            "small.example",
            Reason.UNSUPPORTED_PROTOCOL,
            Rung.LEGACY,
            Optional.empty(),
            address);
    assertThat(guard.review(proposal).isPresent()).isEqualTo(isObjected);
  }

  @Test
  void peopleOnSubmissionAreNoStrongSenders() {
    LastSeen seen = Memories.of(1_000);
    StrongTlsMemory guard = strongTls(seen);
    guard.observe(
        handshake(
            NOON,
            new Service("postfix", "submission/smtpd"),
            "a.big.example",
            "192.0.2.1",
            new Completed("TLSv1.3", "TLS_AES_256_GCM_SHA384", 256)),
        new Pool("big.example"));
    assertThat(seen.size()).isZero();
  }

  @Test
  void nobodyIsSentWhereTheFirewallLetsNobodyIn() {
    Reachable guard = new Reachable();
    Waiver waiver = proposal("a.example", Reason.UNSUPPORTED_PROTOCOL, "192.0.2.1");
    assertThat(guard.review(waiver)).isEmpty();
    guard.look(Map.of(Rung.CIPHERS, "chain input drops it"));
    assertThat(guard.review(waiver)).isEmpty();
    guard.look(Map.of(waiver.rung(), "chain input drops it"));
    assertThat(guard.review(waiver)).contains("chain input drops it");
    guard.look(Map.of());
    assertThat(guard.review(waiver)).isEmpty();
  }

  @Test
  void nobodyIsLedPastABan() {
    Banned guard = new Banned();
    Waiver waiver = proposal("a.example", Reason.UNSUPPORTED_PROTOCOL, "192.0.2.1", "192.0.2.7");
    assertThat(guard.review(waiver)).isEmpty();
    guard.look(network -> network.contains(IpAddress.parse("192.0.2.7")));
    assertThat(guard.review(waiver))
        .hasValueSatisfying(text -> assertThat(text).startsWith("192.0.2.7/32 is banned"));
  }

  @Test
  void decisionsWaitForTenMinutesAfterAGap() {
    EvidenceGap guard = new EvidenceGap(new Notes());
    Waiver waiver = proposal("a.example", Reason.UNSUPPORTED_PROTOCOL, "192.0.2.1");
    assertThat(guard.review(waiver)).isEmpty();
    guard.gap(NOON.plusSeconds(1));
    assertThat(guard.review(waiver)).isEmpty();
    guard.gap(NOON.minus(Duration.ofMinutes(9)));
    assertThat(new EvidenceGap(new Notes()).review(waiver)).isEmpty();
    Notes notes = new Notes();
    EvidenceGap lately = new EvidenceGap(notes);
    lately.gap(NOON.minus(Duration.ofMinutes(10)));
    assertThat(lately.review(waiver)).isEmpty();
    lately.gap(NOON.minus(Duration.ofMinutes(9)));
    lately.gap(NOON.minus(Duration.ofMinutes(30)));
    assertThat(lately.review(waiver))
        .hasValueSatisfying(text -> assertThat(text).contains("look why lines were lost"));
    EvidenceGap restarted = new EvidenceGap(new Notes());
    notes.drain().forEach((key, value) -> restarted.restore(key, value.orElseThrow()));
    assertThat(restarted.review(waiver)).isEqualTo(lately.review(waiver));
  }

  @Test
  void theOneThatIsTooManyIsTheLastAndNotOneOfTheOthers() {
    Waiver first = proposal("a.example", Reason.UNSUPPORTED_PROTOCOL, "192.0.2.1");
    Waiver second =
        proposal(2, "b.example", Reason.OTHER, Rung.LEGACY, Optional.empty(), "192.0.2.2");
    Ledger ledger = new Ledger(List.of(first, second));
    Bounds guard = bounds(ledger, 1, 9);
    assertThat(guard.review(first)).isEmpty();
    assertThat(guard.review(second))
        .hasValueSatisfying(text -> assertThat(text).contains("guards.most_waivers", "revoke"));
  }

  @Test
  void waiversThatEndedWithinADayCountToo() {
    Waiver ended =
        proposal("a.example", Reason.OTHER, "192.0.2.1").become(State.FAILED, NOON, "rejected");
    Bounds guard = bounds(new Ledger(List.of(ended)), 1, 9);
    Waiver next =
        proposal(2, "b.example", Reason.OTHER, Rung.LEGACY, Optional.empty(), "192.0.2.2");
    assertThat(guard.review(next))
        .hasValueSatisfying(text -> assertThat(text).contains("within a day"));
    Waiver refused =
        proposal("a.example", Reason.OTHER, "192.0.2.1").become(State.REFUSED, NOON, "no");
    assertThat(bounds(new Ledger(List.of(refused)), 1, 9).review(next)).isEmpty();
  }

  @Test
  void aHelloTellsBetterThanOpenSslWhetherARungCanHelp() {
    Feasible guard =
        new Feasible(
            new Ladder(List.of(Rung.CIPHERS, Rung.LEGACY), false, Ladder.usualOffers()), Map.of());
    Waiver proposal = proposal("a.example", Reason.VERSION_TOO_LOW, "192.0.2.1");
    assertThat(guard.review(proposal)).isPresent();
    assertThat(guard.review(knowing(proposal, Rung.LEGACY))).isEmpty();
    assertThat(guard.review(knowing(proposal, Rung.PLAINTEXT))).contains("It offers TLSv1.");
  }
}
