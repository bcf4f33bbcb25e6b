package dev.tlswaiver.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.agent.Maillog.Failure;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.excerpt.ExcerptReader;
import dev.tlswaiver.guard.LastSeen;
import dev.tlswaiver.guard.Memory;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.judge.Effect;
import dev.tlswaiver.judge.Rooms;
import dev.tlswaiver.judge.Surroundings;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.report.Replay;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules d, e and g: a crowd of strangers takes nothing from those who are known. */
final class FloodTest {
  private static final Instant MIDNIGHT = Instant.parse("2026-03-01T00:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);

  private final Backtest backtest =
      new Backtest(Configuration.defaults(), Map.of(), new ExcerptReader(ZoneOffset.UTC));
  private int strangers;

  private interface Day {
    void write(Maillog log);
  }

  /** What is logged from this time on. */
  private void from(Duration start, Day day) {
    Maillog log = new Maillog(MIDNIGHT.plus(start));
    day.write(log);
    log.lines().forEach(line -> backtest.accept(line, MIDNIGHT.plus(Duration.ofDays(40))));
  }

  private static void failsForHours(Maillog log, String name, String address) {
    for (int i = 0; i < 4; i++) {
      log.fails(Duration.ofMinutes(15L * i), name, address, Failure.UNSUPPORTED_PROTOCOL);
    }
  }

  /** Slower than a wave of scanners, for whom nobody takes it. */
  private static void failsSlowly(Maillog log, Duration at, String address) {
    for (int i = 0; i < 3; i++) {
      log.fails(at.plusMinutes(10L * i), "", address, Failure.UNSUPPORTED_PROTOCOL);
    }
  }

  /** Handshakes that nobody mails after, each from another /24. */
  private void crowd(Duration start, int count) {
    for (int done = 0; done < count; done += 1_000) {
      Duration at = start.plusSeconds(done / 1_000);
      from(
          at,
          log -> {
            for (int i = 0; i < 1_000; i++, strangers++) {
              int n = strangers;
              log.looks(
                  Duration.ZERO,
                  "",
                  (n >> 16) + 60 + "." + (n >> 8 & 255) + "." + (n & 255) + ".9");
            }
          });
    }
  }

  private List<String> objections(Replay replay, String pool) {
    return replay.waivers().stream()
        .filter(waiver -> waiver.pool().id().equals(pool))
        .flatMap(waiver -> waiver.objections().stream())
        .map(objection -> objection.guard().label())
        .distinct()
        .toList();
  }

  private static List<String> waived(Replay replay) {
    return replay.waivers().stream()
        .filter(waiver -> waiver.state() == State.PROPOSED)
        .map(waiver -> waiver.pool().id())
        .toList();
  }

  @Tag("slow")
  @Test
  void twoHundredThousandHandshakesOfStrangersPushOutNobodyWhoMailedOrCameOnTwoDays() {
    from(
        Duration.ZERO,
        log ->
            log.succeeds(Duration.ofHours(1), "mx.modern.example", "192.0.2.1")
                .looks(Duration.ofHours(1), "mx.silent.example", "198.51.100.1"));
    from(DAY, log -> log.looks(Duration.ofHours(1), "mx.silent.example", "198.51.100.1"));
    crowd(DAY.plusHours(2), 250_000);
    from(
        DAY.plusHours(3),
        log -> {
          failsForHours(log, "mx.modern.example", "192.0.2.1");
          failsForHours(log, "mx.silent.example", "198.51.100.1");
        });
    Replay replay = backtest.finish();
    assertThat(waived(replay)).isEmpty();
    assertThat(objections(replay, "modern.example")).contains("strong-tls-memory");
    assertThat(objections(replay, "silent.example")).contains("strong-tls-memory");
  }

  @Tag("slow")
  @Test
  void whoWasPushedOutIsLeftToTheOperatorAndWhoMailedBeforeIsNot() {
    from(
        Duration.ZERO,
        log ->
            log.looks(Duration.ofHours(1), "mx.once.example", "198.51.100.1")
                .mails(Duration.ofHours(1), "mx.plain.example", "192.0.2.1"));
    crowd(Duration.ofHours(2), 250_000);
    from(
        Duration.ofHours(3),
        log -> {
          failsForHours(log, "mx.once.example", "198.51.100.1");
          failsForHours(log, "mx.plain.example", "192.0.2.1");
        });
    Replay replay = backtest.finish();
    assertThat(objections(replay, "once.example")).containsExactly("memory-incomplete");
    assertThat(replay.waivers().get(0).objections().get(0).text())
        .contains("incomplete since 2026-03-01T02:0", "pushed out", "tlswaiver grant");
    assertThat(waived(replay)).containsExactly("plain.example");
  }

  @Tag("slow")
  @Test
  void aMonthLaterItIsCompleteAgain() {
    crowd(Duration.ofHours(2), 250_000);
    from(Duration.ofDays(31), log -> failsForHours(log, "mx.oldbank.example", "198.51.100.1"));
    assertThat(waived(backtest.finish())).containsExactly("oldbank.example");
  }

  @Test
  void oneIpv6NetworkHasFewPlacesAndLosesOnlyItsOwn() {
    from(
        Duration.ZERO,
        log -> {
          for (int i = 0; i < 2_000; i++) {
            log.looks(Duration.ofSeconds(i), "", "2001:db8:7:%x::1".formatted(i));
          }
        });
    from(
        Duration.ofHours(3),
        log -> {
          failsForHours(log, "mx.inside.example", "2001:db8:7:7d0::1");
          failsForHours(log, "mx.outside.example", "2001:db8:8::1");
        });
    Replay replay = backtest.finish();
    assertThat(objections(replay, "inside.example")).containsExactly("memory-incomplete");
    assertThat(waived(replay)).containsExactly("outside.example");
  }

  @Test
  void anIpv6AddressIsItsNetworkOf64Bits() {
    from(
        Duration.ZERO,
        log -> log.succeeds(Duration.ofHours(1), "mx.modern.example", "2001:db8:7:7::1"));
    from(
        Duration.ofHours(3),
        log -> failsForHours(log, "mx.modern.example", "2001:db8:7:7:abcd::2"));
    assertThat(backtest.finish().waivers().get(0).objections().get(0).text())
        .startsWith("2001:db8:7:7:abcd::2 met the strict terms");
  }

  /** The rooms of one run of the agent, with what it writes down. */
  private static final class Run implements Effect.Visitor {
    private final Ledger ledger = new Ledger(List.of());
    private final Rooms rooms;
    private final Recorder recorder;

    Run(Store store) throws Exception {
      rooms =
          Rooms.furnish(
              Configuration.defaults().policy(),
              ledger,
              Surroundings.ofPastLogs(Map.of()),
              store.hash());
      Recall.into(rooms, store, Instant.EPOCH, Instant.EPOCH, failure -> {});
      recorder = new Recorder(store, rooms, List.of(), () -> MIDNIGHT);
    }

    void read(Maillog log) {
      log.lines().stream()
          .flatMap(line -> rooms.pipeline().accept(line, MIDNIGHT).stream())
          .forEach(effect -> effect.accept(this));
    }

    @Override
    public void observed(Observation observation, Optional<Pool> pool) {
      pool.ifPresent(known -> recorder.observed(observation, known));
    }

    List<String> objections() {
      return ledger.all().stream()
          .flatMap(waiver -> waiver.objections().stream())
          .map(said -> said.guard().label())
          .toList();
    }
  }

  @Test
  void whatWasPushedOutIsKnownAfterARestart(@TempDir Path directory) throws Exception {
    Maillog before = new Maillog(MIDNIGHT);
    before.succeeds(Duration.ZERO, "mx.modern.example", "192.0.2.1");
    Maillog after = new Maillog(MIDNIGHT.plus(DAY));
    failsForHours(after, "mx.modern.example", "192.0.2.1");
    failsForHours(after, "mx.unknown.example", "198.51.100.1");
    try (Store store = Store.open(directory)) {
      Run run = new Run(store);
      run.read(before);
      run.recorder.commit();
      LastSeen strong = Objects.requireNonNull(run.rooms.memories().get(Memory.STRONG));
      strong.writeThrough(entry -> {}); // A crowd so large takes long to be written.
      for (int i = 0; i <= Memory.STRONG.most(); i++) {
        strong.see("stranger" + i, MIDNIGHT.plusSeconds(60));
      }
      run.recorder.commit();
    }
    try (Store store = Store.open(directory)) {
      Run again = new Run(store);
      again.read(after);
      assertThat(again.objections())
          .containsExactlyInAnyOrder("strong-tls-memory", "memory-incomplete");
    }
  }

  // Places.

  @Test
  void fiftyFiveAddressesOfOneNetworkDoNotTakeAllPlaces() {
    from(
        Duration.ZERO,
        log -> {
          for (int i = 0; i < 55; i++) {
            failsSlowly(log, Duration.ofMinutes(7L * i), "2001:db8:7:7::%x".formatted(i + 1));
          }
        });
    from(Duration.ofHours(8), log -> failsForHours(log, "mx.oldbank.example", "198.51.100.1"));
    Replay replay = backtest.finish();
    assertThat(waived(replay)).contains("oldbank.example").hasSizeLessThanOrEqualTo(5);
  }

  @Test
  void aStrangerWithManyNetworksLeavesPlacesToThoseWithANameOrMail() {
    from(
        Duration.ZERO,
        log -> {
          for (int i = 0; i < 120; i++) {
            failsSlowly(log, Duration.ofMinutes(5L * i), "2a%02x:db8:%x::1".formatted(i % 24, i));
          }
        });
    from(
        Duration.ofHours(12),
        log -> {
          failsForHours(log, "mx.oldbank.example", "198.51.100.1");
          log.mails(Duration.ZERO, "", "203.0.113.7");
          failsForHours(log, "", "203.0.113.7");
        });
    Replay replay = backtest.finish();
    assertThat(waived(replay))
        .contains("oldbank.example", "203.0.113.7")
        .hasSizeLessThanOrEqualTo(27);
    assertThat(replay.waivers())
        .extracting(Waiver::objections)
        .flatExtracting(said -> said)
        .anySatisfy(said -> assertThat(said.text()).contains("without a name and without mail"));
  }

  // Ourselves.

  @Test
  void fiveCheapNamedHostsADayDoNotStopAllWaivers() {
    from(Duration.ZERO, log -> log.succeeds(Duration.ZERO, "mx.other.example", "192.0.2.1"));
    for (int day = 4; day < 8; day++) {
      int today = day;
      from(
          Duration.ofDays(day),
          log ->
              IntStream.range(0, 5)
                  .forEach(
                      i ->
                          failsForHours(
                              log,
                              "mx.cheap" + today + i + ".example",
                              "203." + today + "." + i + ".1")));
    }
    from(
        Duration.ofDays(7).plusMinutes(30),
        log -> failsForHours(log, "mx.oldbank.example", "198.51.100.1"));
    Replay replay = backtest.finish();
    assertThat(waived(replay)).contains("oldbank.example");
    assertThat(replay.alarms()).isEmpty();
    assertThat(objections(replay, "oldbank.example")).isEmpty();
  }

  /** Mail is cheap too, and whoever has one address has its neighbours. */
  @ParameterizedTest
  @ValueSource(strings = {"203.0.113.%d", "2001:db8:7:%x::1", "2001:db8:%x::1"})
  void oneNetworkThatGaveMailDoesNotStopAllWaivers(String network) {
    from(
        Duration.ZERO,
        log -> {
          log.succeeds(Duration.ZERO, "mx.oldbank.example", "198.51.100.1");
          for (int i = 1; i <= 15; i++) {
            log.mails(Duration.ofMinutes(2), "", network.formatted(i));
          }
        });
    from(
        Duration.ofDays(4),
        log -> {
          for (int i = 1; i <= 15; i++) {
            failsForHours(log, "", network.formatted(i));
          }
        });
    from(
        Duration.ofDays(4).plusMinutes(30),
        log -> failsForHours(log, "mx.oldshop.example", "192.0.2.1"));
    Replay replay = backtest.finish();
    assertThat(objections(replay, "oldshop.example")).isEmpty();
    assertThat(waived(replay)).contains("oldshop.example");
  }

  @ParameterizedTest
  @ValueSource(strings = {"203.0.113.%d", "2001:db8:7:%x::1", "2001:db8:%x::1"})
  void oneNetworkThatGaveMailDoesNotTakeAllPlaces(String network) {
    for (int day = 1; day <= 4; day++) {
      int first = day * 20;
      from(
          Duration.ofDays(day),
          log -> {
            for (int i = 0; i < 20; i++) {
              String address = network.formatted(first + i);
              log.mails(Duration.ofMinutes(70L * i), "", address);
              failsSlowly(log, Duration.ofMinutes(70L * i + 5), address);
            }
          });
    }
    from(
        Duration.ofDays(5),
        log -> {
          log.mails(Duration.ZERO, "", "192.0.2.1");
          failsForHours(log, "mx.oldbank.example", "198.51.100.1");
          failsForHours(log, "", "192.0.2.1");
        });
    Replay replay = backtest.finish();
    assertThat(waived(replay))
        .contains("oldbank.example", "192.0.2.1")
        .hasSizeLessThanOrEqualTo(34);
  }
}
