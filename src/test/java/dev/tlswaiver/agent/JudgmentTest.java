package dev.tlswaiver.agent;

import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.agent.Maillog.Failure;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.excerpt.ExcerptReader;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.report.Replay;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of whole days of mail under the shipped defaults. */
final class JudgmentTest {
  private static final Instant MIDNIGHT = Instant.parse("2026-03-01T00:00:00Z");

  private final Maillog log = new Maillog(MIDNIGHT);

  private Replay replay() {
    Backtest backtest =
        new Backtest(Configuration.defaults(), Map.of(), new ExcerptReader(ZoneId.systemDefault()));
    Instant read = MIDNIGHT.plus(ofDays(40));
    log.lines().forEach(line -> backtest.accept(line, read));
    return backtest.finish();
  }

  /** The pools that would have a waiver at the end of the log. */
  private static List<String> waived(Replay replay) {
    return replay.waivers().stream()
        .filter(waiver -> waiver.state() == State.PROPOSED)
        .map(waiver -> waiver.pool().id())
        .sorted()
        .toList();
  }

  private static List<String> objections(Replay replay, String pool) {
    return replay.waivers().stream()
        .filter(waiver -> waiver.pool().id().equals(pool))
        .flatMap(waiver -> waiver.objections().stream())
        .map(objection -> objection.guard().label())
        .distinct()
        .toList();
  }

  private static List<String> alarms(Replay replay) {
    return replay.alarms().stream().map(alarm -> alarm.objection().guard().label()).toList();
  }

  private static Waiver only(Replay replay) {
    assertThat(replay.waivers()).as(replay.text()).hasSize(1);
    return replay.waivers().get(0);
  }

  private void retries(Duration first, String name, String address, Failure failure, int... after) {
    Duration at = first;
    log.fails(at, name, address, failure);
    for (int minutes : after) {
      at = at.plusMinutes(minutes);
      log.fails(at, name, address, failure);
    }
  }

  // The wave.

  /** What scanners do in a day, each from an address of its own, in many ways. */
  private void scanners(int count, long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < count; i++) {
      String address = "198." + (18 + i / 65_536) + "." + i / 256 % 256 + "." + i % 256;
      scanner(Duration.ofSeconds(random.nextInt(86_000)), i % 12, i, address, random);
    }
  }

  private void scanner(Duration at, int kind, int i, String address, Random random) {
    switch (kind) {
      case 0 -> log.fails(at, "", address, Failure.UNSUPPORTED_PROTOCOL);
      case 1 -> comesBack(at, "scan-" + i + ".census.example", address, random);
      case 2 -> {
        log.fails(at, "", address, Failure.UNSUPPORTED_PROTOCOL);
        log.fails(at.plusSeconds(2), "", address, Failure.NO_SHARED_CIPHER);
        log.fails(at.plusSeconds(4), "", address, Failure.VERSION_TOO_LOW);
      }
      case 3 -> {
        log.looks(at, "", address);
        log.fails(at.plusSeconds(3), "", address, Failure.UNSUPPORTED_PROTOCOL);
        log.fails(at.plusSeconds(900), "", address, Failure.UNSUPPORTED_PROTOCOL);
        log.fails(at.plusSeconds(1_800), "", address, Failure.UNSUPPORTED_PROTOCOL);
      }
      case 4 -> {
        log.connects(at, "", address);
        retries(at.plusSeconds(5), "", address, Failure.UNSUPPORTED_PROTOCOL, 20, 20);
      }
      case 5 -> {
        for (int j = 0; j < 5; j++) {
          log.fails(at.plusSeconds(j * 3L), "", address, Failure.NO_SHARED_CIPHER);
        }
        log.fails(at.plusSeconds(1_000), "", address, Failure.NO_SHARED_CIPHER);
      }
      case 6 -> {
        log.service("submission/smtpd").fails(at, "", address, Failure.UNSUPPORTED_PROTOCOL);
        log.service("smtpd");
        retries(at.plusSeconds(9), "", address, Failure.UNSUPPORTED_PROTOCOL, 30, 30);
      }
      case 7 -> comesBack(at, "", address, random);
      case 8 -> {
        log.fails(at, "", address, Failure.HTTP_REQUEST);
        retries(at.plusSeconds(2), "", address, Failure.UNSUPPORTED_PROTOCOL, 15, 15);
      }
      case 9 -> retries(at, "", address, Failure.SSLV2_HELLO, 60, 60, 60);
      case 10 -> retries(at, "", address, Failure.VERSION_TOO_LOW, 60, 60, 60);
      default ->
          comesBack(at, address.replace('.', '-') + ".dyn.provider.example", address, random);
    }
  }

  private void comesBack(Duration at, String name, String address, Random random) {
    Duration next = at;
    for (int j = 0; j < 5; j++) {
      log.fails(next, name, address, Failure.UNSUPPORTED_PROTOCOL);
      next = next.plusMinutes(150 + random.nextInt(200));
    }
  }

  private void oldSenders() {
    // As an MTA retries: soon at first, then every hour.
    retries(
        ofMinutes(3),
        "mx1.oldbank.example",
        "198.51.100.10",
        Failure.UNSUPPORTED_PROTOCOL,
        5,
        10,
        20,
        30,
        60,
        60,
        60,
        60,
        60);
    // Failing since before the log begins.
    retries(
        ofMinutes(1),
        "relay.county.example",
        "192.0.2.80",
        Failure.UNSUPPORTED_PROTOCOL,
        60,
        60,
        60,
        60,
        60,
        60);
    retries(
        ofMinutes(9),
        "mail.school.example",
        "192.0.2.81",
        Failure.UNSUPPORTED_PROTOCOL,
        60,
        60,
        60);
    retries(
        ofMinutes(17),
        "mail.museum.example",
        "192.0.2.82",
        Failure.UNSUPPORTED_PROTOCOL,
        60,
        60,
        60);
    retries(
        ofMinutes(29),
        "mail.library.example",
        "192.0.2.83",
        Failure.UNSUPPORTED_PROTOCOL,
        60,
        60,
        60);
    retries(
        ofMinutes(41),
        "mail.theatre.example",
        "2001:db8::83",
        Failure.UNSUPPORTED_PROTOCOL,
        60,
        60,
        60);
    // Falls back to plaintext.
    for (int i = 0; i < 6; i++) {
      log.fails(
          ofHours(5).plusMinutes(i * 25L),
          "smtp.clinic.example",
          "192.0.2.90",
          Failure.NO_SHARED_CIPHER);
      log.mails(ofHours(5).plusMinutes(i * 25L + 1), "smtp.clinic.example", "192.0.2.90");
    }
    // Nameless, and gives us mail.
    for (int i = 0; i < 6; i++) {
      log.fails(ofHours(8).plusMinutes(i * 35L), "", "192.0.2.91", Failure.UNSUPPORTED_PROTOCOL);
      log.mails(ofHours(8).plusMinutes(i * 35L + 2), "", "192.0.2.91");
    }
    // A farm, each time from another address of its network.
    for (int i = 0; i < 8; i++) {
      log.fails(
          ofHours(12).plusMinutes(i * 15L),
          "out" + i + ".farm.example",
          "203.0.113." + (10 + i),
          Failure.NO_SHARED_CIPHER);
    }
  }

  private static final String[] OLD_SENDERS = {
    "192.0.2.91",
    "clinic.example",
    "county.example",
    "farm.example",
    "library.example",
    "museum.example",
    "oldbank.example",
    "school.example",
    "theatre.example"
  };

  @ParameterizedTest
  @ValueSource(ints = {0, 24, 240})
  void amongAnyNumberOfScannersJustTheOldSendersGetWaivers(int count) {
    assertJustTheOldSendersGetWaivers(count);
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(ints = {2_400, 20_000})
  void amongManyScannersToo(int count) {
    assertJustTheOldSendersGetWaivers(count);
  }

  private void assertJustTheOldSendersGetWaivers(int count) {
    scanners(count, count);
    oldSenders();
    Replay replay = replay();
    assertThat(waived(replay)).containsExactly(OLD_SENDERS);
    assertThat(alarms(replay)).isEmpty();
    assertThat(replay.waivers())
        .filteredOn(waiver -> waiver.pool().id().equals("farm.example"))
        .flatExtracting(Waiver::networks)
        // Eight addresses in a row, each of which failed.
        .containsExactly(
            IpPrefix.parse("203.0.113.10/31"),
            IpPrefix.parse("203.0.113.12/30"),
            IpPrefix.parse("203.0.113.16/31"));
  }

  // Farms.

  @Test
  void aFarmOverManyNetworksIsOneWaiver() {
    String[] addresses = {
      "198.18.167.44",
      "198.18.167.47",
      "198.18.208.171",
      "198.19.85.1",
      "198.19.220.41",
      "198.18.208.180",
      "192.0.2.41"
    };
    for (int i = 0; i < addresses.length; i++) {
      log.fails(
          ofMinutes(7L * i), "mail-f" + i + ".big.example", addresses[i], Failure.NO_SHARED_CIPHER);
    }
    Waiver waiver = only(replay());
    assertThat(waiver.state()).isEqualTo(State.PROPOSED);
    assertThat(waiver.pool()).hasToString("big.example");
    assertThat(waiver.networks())
        .extracting(IpPrefix::toString)
        .containsExactly(
            "192.0.2.41/32",
            "198.18.167.44/32",
            "198.18.167.47/32",
            "198.18.208.171/32",
            "198.18.208.180/32",
            "198.19.85.1/32",
            "198.19.220.41/32");
  }

  /** Rule d. */
  @Test
  void twoMachinesOfAStrangerAreTwoAddresses() {
    for (int i = 0; i < 6; i++) {
      String machine = i % 2 == 0 ? "10" : "200";
      log.fails(
          ofMinutes(20L * i),
          "vm" + machine + ".attacker.example",
          "198.18.9." + machine,
          Failure.UNSUPPORTED_PROTOCOL);
    }
    assertThat(only(replay()).networks())
        .containsExactly(IpPrefix.parse("198.18.9.10/32"), IpPrefix.parse("198.18.9.200/32"));
  }

  @Test
  void allAddressesOfAnIpv6CustomerAreOnePeerOfWhichThoseThatFailedAreWaived() {
    for (int i = 0; i < 55; i++) {
      log.fails(
          ofMinutes(20L * i),
          "",
          "2001:db8:7:7::" + Integer.toHexString(0x1000 + 2 * i),
          Failure.UNSUPPORTED_PROTOCOL);
    }
    Waiver waiver = only(replay());
    assertThat(waiver.pool()).hasToString("2001:db8:7:7::/64");
    assertThat(waiver.networks()).isNotEmpty().allMatch(IpPrefix::isSingleAddress);
  }

  @Test
  void aFarmBeyondTheCapIsOneAlarmWithTheLineThatLiftsIt() {
    for (int i = 0; i < 90; i++) {
      log.fails(
          ofMinutes(7L * i),
          "out" + i + ".farm.example",
          "198.18.5." + i,
          Failure.NO_SHARED_CIPHER);
    }
    Replay replay = replay();
    assertThat(only(replay).addresses()).hasSize(64);
    assertThat(replay.alarms()).hasSize(1);
    assertThat(replay.alarms().get(0).objection().text())
        .contains("pools: [{domain: farm.example, networks: [198.18.5.0/24]}]");
  }

  @Test
  void aFarmWhoseMachinesFailInAMomentAndInManyWaysIsNoScanner() {
    for (int i = 0; i < 5; i++) {
      Duration at = ofMinutes(20L * i);
      log.fails(at, "a" + i + ".farm.example", "203.0.113.1" + i, Failure.UNSUPPORTED_PROTOCOL);
      log.fails(at.plusSeconds(5), "b.farm.example", "203.0.113.40", Failure.LOST);
      log.fails(at.plusSeconds(9), "c.farm.example", "203.0.113.41", Failure.NO_SHARED_CIPHER);
      log.fails(at.plusSeconds(9), "d.farm.example", "203.0.113.42", Failure.UNSUPPORTED_PROTOCOL);
    }
    assertThat(waived(replay())).containsExactly("farm.example");
  }

  // Ourselves.

  private void fortyFail(Duration from, Duration over, int retryMinutes) {
    for (int i = 0; i < 40; i++) {
      Duration at = from.plus(over.multipliedBy(i).dividedBy(40));
      String name = "mx.company" + i + ".example";
      String address = "198.51.100." + (i + 1);
      for (int j = 0; j < 6; j++) {
        log.fails(at.plusMinutes((long) j * retryMinutes), name, address, Failure.NO_SHARED_CIPHER);
      }
    }
  }

  /** So that they are known, and nothing is known of their TLS. */
  private void fortyMail(Duration at) {
    for (int i = 0; i < 40; i++) {
      log.mails(at.plusSeconds(i), "mx.company" + i + ".example", "198.51.100." + (i + 1));
    }
  }

  private void fortySucceed(Duration at) {
    for (int i = 0; i < 40; i++) {
      log.succeeds(at.plusMinutes(i), "mx.company" + i + ".example", "198.51.100." + (i + 1));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 10", "3, 15", "5, 5", "8, 30", "12, 30"})
  void aChangeOfOursThatHitsFortySendersIsNobodysWaiver(int hours, int retry) {
    log.succeeds(Duration.ZERO, "mx.other.example", "192.0.2.1");
    fortyMail(ofMinutes(1));
    log.says(ofHours(4), "master", "reload -- version 3.7.11, configuration /etc/postfix");
    fortyFail(ofHours(4).plusMinutes(2), ofHours(hours), retry);
    Replay replay = replay();
    assertThat(waived(replay)).isEmpty();
    assertThat(alarms(replay)).containsExactly("is-it-us");
    assertThat(replay.alarms().get(0).objection().text())
        .contains("Postfix was reloaded at 2026-03-01T04:00:00Z");
  }

  @ParameterizedTest
  @CsvSource({"1, 10", "3, 15", "5, 5", "8, 30"})
  void whereTheLogBeginsWithTheReloadItIsAnAlarmAlone(int hours, int retry) {
    log.says(Duration.ZERO, "master", "reload -- version 3.7.11, configuration /etc/postfix");
    fortyFail(ofMinutes(2), ofHours(hours), retry);
    Replay replay = replay();
    // Nobody was known before: names alone refuse nobody.
    assertThat(objections(replay, "company7.example")).doesNotContain("is-it-us");
    assertThat(alarms(replay)).containsExactly("is-it-us");
  }

  @ParameterizedTest
  @CsvSource({"1, 10", "3, 15", "5, 5", "8, 30"})
  void soItIsWhereTheLogBeginsWithTheFailuresAndTellsNoChange(int hours, int retry) {
    fortyFail(Duration.ZERO, ofHours(hours), retry);
    Replay replay = replay();
    // Nobody was known before: names alone refuse nobody.
    assertThat(objections(replay, "company7.example")).doesNotContain("is-it-us");
    assertThat(alarms(replay)).containsExactly("is-it-us");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void soItIsWhereTheyComeLessAndLess(int seed) {
    Random random = new Random(seed);
    log.succeeds(Duration.ZERO, "mx.other.example", "192.0.2.1");
    fortyMail(ofMinutes(1));
    for (int i = 0; i < 40; i++) {
      long first = 300 + (long) (-70 * Math.log(1 - random.nextDouble()));
      String name = "mx.company" + i + ".example";
      for (int j = 0, at = 0; j < 5; j++, at += 5 + random.nextInt(55)) {
        log.fails(
            ofMinutes(first + at), name, "198.51.100." + (i + 1), Failure.UNSUPPORTED_PROTOCOL);
      }
    }
    Replay replay = replay();
    assertThat(waived(replay)).isEmpty();
    assertThat(alarms(replay)).containsExactly("is-it-us");
  }

  @Test
  void sendersOfWhichAllSucceededBeforeAreOneAlarmAboutUs() {
    fortySucceed(ofHours(1));
    log.says(ofHours(4), "master", "reload -- version 3.7.11, configuration /etc/postfix");
    fortyFail(ofHours(4).plusMinutes(2), ofHours(1), 15);
    Replay replay = replay();
    assertThat(waived(replay)).isEmpty();
    assertThat(alarms(replay)).containsExactly("is-it-us");
    assertThat(objections(replay, "company7.example")).contains("strong-tls-memory", "is-it-us");
  }

  @Test
  void whatWasProposedBeforeTheFifthFailedIsRefusedAfterwards() {
    log.succeeds(Duration.ZERO, "mx.other.example", "192.0.2.1");
    fortyMail(ofMinutes(1));
    for (int i = 0; i < 5; i++) {
      retries(
          ofHours(4).plusMinutes(i * 12L),
          "mx.company" + i + ".example",
          "198.51.100." + (i + 1),
          Failure.NO_SHARED_CIPHER,
          5,
          6);
    }
    Replay replay = replay();
    assertThat(waived(replay)).isEmpty();
    assertThat(replay.waivers()).hasSize(5);
    assertThat(alarms(replay)).containsExactly("is-it-us");
  }

  @Test
  void oldSendersThatRetryInTheSameHourAreNotUs() {
    log.succeeds(Duration.ZERO, "mx.other.example", "192.0.2.1");
    for (int i = 0; i < 8; i++) {
      Duration begins = ofHours(2L + 2L * i);
      for (int j = 0; begins.plusMinutes(40L * j).compareTo(ofHours(24)) < 0; j++) {
        log.fails(
            begins.plusMinutes(40L * j),
            "mx.old" + i + ".example",
            "192.0.2." + (10 + i),
            Failure.UNSUPPORTED_PROTOCOL);
      }
    }
    Replay replay = replay();
    assertThat(waived(replay)).hasSize(8);
    assertThat(alarms(replay)).isEmpty();
  }

  @Test
  void namedPeersThatLookInOnceAreNoSignThatItIsUs() {
    log.succeeds(Duration.ZERO, "mx.other.example", "192.0.2.1");
    for (int i = 0; i < 200; i++) {
      log.fails(
          ofHours(3).plusMinutes(i),
          "vps.customer" + i + ".example",
          "198.18.0." + i,
          Failure.UNSUPPORTED_PROTOCOL);
    }
    retries(
        ofHours(4), "mx1.oldbank.example", "198.51.100.10", Failure.UNSUPPORTED_PROTOCOL, 15, 30);
    Replay replay = replay();
    assertThat(waived(replay)).containsExactly("oldbank.example");
    assertThat(alarms(replay)).isEmpty();
  }

  // Strong senders.

  @Test
  void aStrongAddressThatFailsIsAnAlarm() {
    log.succeeds(Duration.ZERO, "mx1.modern.example", "192.0.2.1");
    retries(
        ofHours(2), "mx1.modern.example", "192.0.2.1", Failure.UNSUPPORTED_PROTOCOL, 15, 15, 15);
    Replay replay = replay();
    assertThat(waived(replay)).isEmpty();
    assertThat(objections(replay, "modern.example")).containsExactly("strong-tls-memory");
    assertThat(alarms(replay)).containsExactly("strong-tls-memory");
    assertThat(replay.alarms().get(0).objection().text())
        .contains("192.0.2.1 met the strict terms");
  }

  @Test
  void anotherAddressOfAStrongPoolIsRefusedWithoutAnAlarm() {
    log.succeeds(Duration.ZERO, "mx1.modern.example", "192.0.2.1");
    retries(
        ofHours(2), "old.modern.example", "203.0.113.1", Failure.UNSUPPORTED_PROTOCOL, 15, 15, 15);
    Replay replay = replay();
    assertThat(waived(replay)).isEmpty();
    assertThat(only(replay).objections())
        .singleElement()
        .satisfies(
            objection -> {
              assertThat(objection.guard()).isEqualTo(GuardName.STRONG_TLS_MEMORY);
              assertThat(objection.text())
                  .startsWith("other hosts of modern.example meet the strict terms");
            });
    assertThat(alarms(replay)).isEmpty();
  }

  // Our certificate.

  @ParameterizedTest
  @EnumSource(
      value = Failure.class,
      names = {"UNKNOWN_CA", "CERTIFICATE_EXPIRED"})
  void whoRejectsOurCertificateGetsNoWaiverAndWeAreTold(Failure failure) {
    for (int i = 0; i < 4; i++) {
      log.rejectsCertificate(ofMinutes(30L * i), "mx.strict.example", "192.0.2.1", failure);
    }
    Replay replay = replay();
    assertThat(replay.waivers()).isEmpty();
    assertThat(alarms(replay)).containsExactly("is-it-us");
    assertThat(replay.alarms().get(0).objection().text()).contains("strict.example", "certificate");
  }

  @Test
  void manyWhoRejectItAreToldOnceADay() {
    for (int i = 0; i < 60; i++) {
      log.rejectsCertificate(
          ofMinutes(30L * i),
          "mx.strict" + i + ".example",
          "192.0.2." + i,
          Failure.CERTIFICATE_EXPIRED);
    }
    assertThat(alarms(replay())).containsExactly("is-it-us", "is-it-us");
  }

  // People.

  @ParameterizedTest
  @ValueSource(strings = {"submission/smtpd", "smtps/smtpd", "submissions/smtpd"})
  void peopleOnSubmissionAreNobodysBusiness(String service) {
    log.service(service);
    for (int i = 0; i < 10; i++) {
      retries(
          ofMinutes(i),
          "laptop" + i + ".isp.example",
          "192.0.2." + i,
          Failure.UNSUPPORTED_PROTOCOL,
          15,
          15,
          15);
    }
    Replay replay = replay();
    assertThat(replay.waivers()).isEmpty();
    assertThat(replay.alarms()).isEmpty();
  }

  @Test
  void aSenderWhosePeopleFailOnSmtpsIsStillASender() {
    log.service("smtps/smtpd");
    log.fails(ofMinutes(1), "vpn.oldbank.example", "192.0.2.44", Failure.UNSUPPORTED_PROTOCOL);
    log.connects(ofMinutes(2), "vpn.oldbank.example", "192.0.2.44");
    log.service("smtpd");
    retries(
        ofMinutes(5), "mx1.oldbank.example", "198.51.100.10", Failure.UNSUPPORTED_PROTOCOL, 15, 30);
    assertThat(waived(replay())).containsExactly("oldbank.example");
  }

  // Names.

  @Test
  void customersOfOneProviderAreEachTheirOwn() {
    for (int i = 1; i <= 3; i++) {
      retries(
          ofMinutes(90L * i),
          "198-51-100-" + i + ".static.isp.example",
          "198.51.100." + i,
          Failure.UNSUPPORTED_PROTOCOL,
          15,
          30);
    }
    assertThat(waived(replay())).containsExactly("198.51.100.1", "198.51.100.2", "198.51.100.3");
  }

  @Test
  void customersOfOneProviderThatFailOnceEachAreNobody() {
    for (int i = 1; i <= 30; i++) {
      log.fails(
          ofMinutes(7L * i),
          "198-51-100-" + i + ".static.isp.example",
          "198.51.100." + i,
          Failure.UNSUPPORTED_PROTOCOL);
    }
    assertThat(replay().waivers()).isEmpty();
  }

  @Test
  void customersBelowAPrivateSuffixAreEachTheirOwn() {
    retries(ofMinutes(1), "mx.alice.dyndns.org", "192.0.2.1", Failure.UNSUPPORTED_PROTOCOL, 15, 30);
    retries(ofHours(3), "mx.bob.dyndns.org", "192.0.2.2", Failure.UNSUPPORTED_PROTOCOL, 15, 30);
    assertThat(waived(replay())).containsExactly("alice.dyndns.org", "bob.dyndns.org");
  }

  // Gaps.

  @Test
  void nothingIsDecidedRightAfterAGapAndAllOfItLater() {
    retries(
        ofMinutes(1), "mx1.oldbank.example", "198.51.100.10", Failure.UNSUPPORTED_PROTOCOL, 15, 30);
    log.line(ofMinutes(45), "systemd-journald[200]: Suppressed 4711 messages from postfix.service");
    Replay early = replay();
    assertThat(waived(early)).isEmpty();
    assertThat(objections(early, "oldbank.example")).containsExactly("evidence-gap");
    log.fails(ofMinutes(90), "mx1.oldbank.example", "198.51.100.10", Failure.UNSUPPORTED_PROTOCOL);
    assertThat(waived(replay())).containsExactly("oldbank.example");
  }

  @Test
  void aGapDoesNotTakeBackWhatWasDecidedBeforeIt() {
    retries(
        ofMinutes(1), "mx1.oldbank.example", "198.51.100.10", Failure.UNSUPPORTED_PROTOCOL, 15, 30);
    log.line(
        ofMinutes(47),
        "rsyslogd: imuxsock[pid: 7]: lost 12 messages from pid 99 due to rate-limiting");
    log.fails(ofMinutes(50), "mx1.oldbank.example", "198.51.100.10", Failure.UNSUPPORTED_PROTOCOL);
    assertThat(waived(replay())).containsExactly("oldbank.example");
  }

  @Test
  void whatAnotherProgramRepeatedIsNoGapOfOurs() {
    for (int i = 0; i < 60; i++) {
      log.line(ofMinutes(i), "kernel: message repeated 2 times: [ eth0: link is up]");
    }
    retries(
        ofMinutes(1), "mx1.oldbank.example", "198.51.100.10", Failure.UNSUPPORTED_PROTOCOL, 15, 30);
    assertThat(waived(replay())).containsExactly("oldbank.example");
  }
}
