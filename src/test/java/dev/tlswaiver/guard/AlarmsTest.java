package dev.tlswaiver.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.handshake.Notes;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Observation.OwnFault;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.handshake.Service;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.waiver.Evidence;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.Objector;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class AlarmsTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final Service MX = new Service("postfix", "smtpd");
  private static final Pool STRANGER = new Pool("stranger.example");

  private final Alarms alarms =
      new Alarms(
          waiver -> waiver.pool().id().startsWith("strong"),
          (pool, now) -> !pool.equals(STRANGER),
          new Notes());

  private static Waiver refused(String pool, Instant at, GuardName... guards) {
    return new Waiver(
        1,
        new Pool(pool),
        List.of(IpAddress.parse("192.0.2.1")),
        List.of(),
        Rung.LEGACY,
        new Evidence(
            "old-protocol", Reason.NO_SHARED_CIPHER, Optional.empty(), 3, at, at, Optional.empty()),
        at,
        State.REFUSED,
        0,
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        Arrays.stream(guards)
            .map(guard -> new Objection(guard, guard.label() + " says so"))
            .toList(),
        List.of());
  }

  private Optional<Objector> guard(Waiver waiver) {
    return alarms.consider(waiver).map(alarm -> alarm.objection().guard());
  }

  @Test
  void eachMatterIsToldOnceADay() {
    assertThat(guard(refused("strong.example", NOON, GuardName.STRONG_TLS_MEMORY)))
        .contains(GuardName.STRONG_TLS_MEMORY);
    Instant evening = NOON.plus(Duration.ofHours(23));
    assertThat(guard(refused("strong.example", evening, GuardName.STRONG_TLS_MEMORY))).isEmpty();
    assertThat(guard(refused("strong2.example", evening, GuardName.STRONG_TLS_MEMORY))).isPresent();
    assertThat(
            guard(
                refused(
                    "strong.example", NOON.plus(Duration.ofDays(1)), GuardName.STRONG_TLS_MEMORY)))
        .isPresent();
  }

  @Test
  void thatItIsUsIsOneMatterForAllWhoFailAlike() {
    assertThat(guard(refused("a.example", NOON, GuardName.IS_IT_US))).contains(GuardName.IS_IT_US);
    assertThat(guard(refused("b.example", NOON, GuardName.IS_IT_US))).isEmpty();
  }

  @Test
  void thatItIsUsGoesBeforeWhatOneOfThemMet() {
    assertThat(
            guard(refused("strong.example", NOON, GuardName.STRONG_TLS_MEMORY, GuardName.IS_IT_US)))
        .contains(GuardName.IS_IT_US);
    assertThat(
            guard(
                refused("strong2.example", NOON, GuardName.STRONG_TLS_MEMORY, GuardName.IS_IT_US)))
        .isEmpty();
  }

  @Test
  void otherObjectionsWakeNobody() {
    assertThat(
            guard(
                refused("a.example", NOON, GuardName.NEVER, GuardName.BOUNDS, GuardName.FEASIBLE)))
        .isEmpty();
    assertThat(guard(refused("other.example", NOON, GuardName.STRONG_TLS_MEMORY))).isEmpty();
    assertThat(guard(refused("strong.example", NOON, GuardName.STRONG_TLS_MEMORY, GuardName.PROBE)))
        .isEmpty();
  }

  private Optional<Alarms.Alarm> rejects(Pool pool, Instant at, String words) {
    return alarms.observe(
        new Handshake(
            Optional.of(at),
            MX,
            new Peer(Optional.empty(), Optional.empty()),
            new Failed(Reason.CERTIFICATE_REJECTED, Optional.empty(), words, true)),
        Optional.of(pool),
        at);
  }

  @Test
  void threeRejectionsOfOurCertificateWithinADayAreOneAlarm() {
    assertThat(rejects(new Pool("a.example"), NOON, "unknown ca")).isEmpty();
    assertThat(rejects(new Pool("b.example"), NOON.plusSeconds(60), "unknown ca")).isEmpty();
    assertThat(rejects(new Pool("c.example"), NOON.plusSeconds(90), "certificate expired"))
        .isEmpty();
    assertThat(rejects(new Pool("a.example"), NOON.plusSeconds(99), "unknown ca"))
        .hasValueSatisfying(
            alarm ->
                assertThat(alarm.objection().text())
                    .isEqualTo(
                        "our certificate was rejected 3 times within a day, by a.example last"
                            + " (unknown ca): no relaxed terms help; look at its date, its chain and"
                            + " its names (smtpd_tls_cert_file, smtpd_tls_chain_files)"));
  }

  @Test
  void rejectionsOfDaysApartOrOfStrangersAreNone() {
    for (int i = 0; i < 6; i++) {
      assertThat(rejects(new Pool("a.example"), NOON.plus(Duration.ofHours(13L * i)), "unknown ca"))
          .isEmpty();
      assertThat(rejects(STRANGER, NOON.plusSeconds(i), "unknown ca")).isEmpty();
    }
  }

  @Test
  void whatPostfixComplainsAboutIsToldOnceADay() {
    OwnFault fault = new OwnFault(Optional.of(NOON), MX, "no certificate");
    assertThat(alarms.observe(fault, Optional.empty(), NOON))
        .hasValueSatisfying(
            alarm -> assertThat(alarm.objection().text()).contains("no certificate"));
    assertThat(alarms.observe(fault, Optional.empty(), NOON.plusSeconds(5))).isEmpty();
  }

  private Optional<Alarms.Alarm> complains(String text, Instant at) {
    return alarms.observe(new OwnFault(Optional.of(at), MX, text), Optional.empty(), at);
  }

  @Test
  void aTextThatAStrangerMayHaveWrittenIsNoMatter() {
    int told = 0;
    for (int i = 0; i < 5_000; i++) {
      told +=
          complains("GET /" + i + ": aborting TLS session", NOON.plusMillis(i)).isPresent() ? 1 : 0;
    }
    assertThat(told).isEqualTo(1);
    assertThat(complains("fatal: open database", NOON.plusSeconds(60))).isPresent();
  }

  @Test
  void wordsOfARejectionAreReadByTheirKind() {
    int told = 0;
    for (int i = 0; i < 5_000; i++) {
      told +=
          rejects(new Pool("a.example"), NOON.plusMillis(i), "unknown ca " + i).isPresent() ? 1 : 0;
    }
    assertThat(told).isEqualTo(1);
  }

  @Test
  void thoseBeyondTheShareAreHeldBackAndToldAsANumber() {
    int[] counted = new int[1];
    Alarms few = new Alarms(waiver -> true, (pool, now) -> true, new Notes(), () -> counted[0]++);
    int told = 0;
    for (int i = 0; i < 100; i++) {
      Waiver waiver =
          refused("s" + i + ".example", NOON.plusSeconds(i), GuardName.STRONG_TLS_MEMORY);
      told += few.consider(waiver).isPresent() ? 1 : 0;
    }
    assertThat(told).isLessThan(10);
    assertThat(counted[0]).isEqualTo(100 - told);
    // What is about ourselves has a share of its own.
    assertThat(few.consider(refused("us.example", NOON.plusSeconds(100), GuardName.IS_IT_US)))
        .isPresent();
    assertThat(few.due(NOON.plusSeconds(200))).isEmpty();
    Instant later = NOON.plus(Duration.ofHours(2));
    assertThat(few.due(later))
        .hasValueSatisfying(
            alarm ->
                assertThat(alarm.objection().text())
                    .startsWith(
                        counted[0] + " more alarms were held back since 2026-03-01T12:00:"));
    assertThat(few.due(later.plus(Duration.ofDays(1)))).isEmpty();
    // It comes back with time.
    Instant nextDay = NOON.plus(Duration.ofDays(2));
    assertThat(few.consider(refused("x.example", nextDay, GuardName.STRONG_TLS_MEMORY)))
        .isPresent();
  }

  @Test
  void aRestartBringsNoNewShare() {
    Map<String, String> noted = new HashMap<>();
    int told = 0;
    int held = 0;
    for (int run = 0; run < 20; run++) {
      Notes notes = new Notes();
      Alarms again = new Alarms(waiver -> true, (pool, now) -> true, notes);
      noted.forEach(again::restore);
      for (int i = 0; i < 20; i++) {
        Waiver waiver =
            refused(
                "s" + run + "-" + i + ".example",
                NOON.plusSeconds(20 * run + i),
                GuardName.STRONG_TLS_MEMORY);
        told += again.consider(waiver).isPresent() ? 1 : 0;
      }
      held = 20 * (run + 1) - told;
      notes.drain().forEach((key, value) -> noted.put(key, value.orElseThrow()));
    }
    assertThat(told).isLessThan(10);
    Alarms last = new Alarms(waiver -> true, (pool, now) -> true, new Notes());
    noted.forEach(last::restore);
    int all = held;
    assertThat(last.due(NOON.plus(Duration.ofHours(2))))
        .hasValueSatisfying(
            alarm -> assertThat(alarm.objection().text()).startsWith(all + " more alarms"));
    assertThat(last.finish(NOON.plus(Duration.ofHours(3)))).isEmpty();
  }
}
