package dev.tlswaiver.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.agent.Maillog.Failure;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.excerpt.ExcerptReader;
import dev.tlswaiver.guard.Alarms;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.judge.Effect;
import dev.tlswaiver.judge.Rooms;
import dev.tlswaiver.judge.Surroundings;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.store.MemoryKey;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.store.StoreException;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** What must not matter to a decision. */
final class ReplayPropertiesTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final Failure[] FAILURES = {
    Failure.UNSUPPORTED_PROTOCOL, Failure.NO_SHARED_CIPHER, Failure.BAD_KEY_SHARE, Failure.LOST
  };

  /** One session: what it is, and whose. */
  private record Act(int second, int sender, int kind) {}

  private static List<Act> acts(int seed, int senders, int kinds) {
    Random random = new Random(seed);
    List<Act> acts = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      int minute = random.nextInt(36 * 12) * 5;
      acts.add(
          new Act(
              minute * 60,
              random.nextInt(senders),
              random.nextInt(random.nextInt(3) == 0 ? kinds : 9)));
    }
    Collections.sort(acts, (a, b) -> Integer.compare(a.second(), b.second()));
    return acts;
  }

  private static List<String> lines(List<Act> acts) {
    Maillog log = new Maillog(NOON);
    for (Act act : acts) {
      Duration at = Duration.ofSeconds(act.second());
      int sender = act.sender();
      String name = sender % 4 == 3 ? "" : "mx.sender" + sender / 2 + ".example";
      String address = "192.0.2." + sender;
      switch (act.kind()) {
        case 0 -> log.succeeds(at, name, address);
        case 1 -> log.mails(at, name, address);
        case 9 -> log.looks(at, name, address);
        case 10 -> log.rejectsCertificate(at, name, address, Failure.UNKNOWN_CA);
        case 11 -> log.says(at, "master", "reload -- version 3.7.11, configuration /etc/postfix");
        case 12 -> log.line(at, "systemd-journald[2]: Suppressed 9 messages from postfix.service");
        case 13 ->
            log.service("submission/smtpd")
                .fails(at, name, address, Failure.NO_SHARED_CIPHER)
                .service("smtpd");
        default ->
            log.fails(at, name, address, FAILURES[(sender + act.kind() / 8) % FAILURES.length]);
      }
    }
    return log.lines();
  }

  /** The decisions, whatever their numbers, and what those cover that nobody refused. */
  private static List<String> decisions(List<Waiver> waivers) {
    return waivers.stream()
        .map(
            waiver ->
                String.join(
                    " ",
                    waiver.pool().id(),
                    waiver.state().name(),
                    waiver.state() == State.REFUSED
                        ? ""
                        : waiver.networks() + " " + waiver.rung().label(),
                    waiver.objections().stream().map(Objection::guard).toList().toString()))
        .sorted()
        .toList();
  }

  private static List<Waiver> replay(List<String> lines) {
    Backtest backtest =
        new Backtest(Configuration.defaults(), Map.of(), new ExcerptReader(ZoneId.systemDefault()));
    lines.forEach(line -> backtest.accept(line, NOON.plus(Duration.ofDays(3))));
    return backtest.finish().waivers();
  }

  @Property(tries = 5)
  void theOrderOfPoolsWithinASecondIsNoReason(
      @ForAll @IntRange(max = 1_000_000) int seed,
      @ForAll @IntRange(min = 2, max = 16) int senders) {
    assertOrderIsNoReason(seed, senders);
  }

  @Tag("slow")
  @Property(tries = 60)
  void norIsItInManyLogs(
      @ForAll @IntRange(max = 1_000_000) int seed,
      @ForAll @IntRange(min = 2, max = 16) int senders) {
    assertOrderIsNoReason(seed, senders);
  }

  private static void assertOrderIsNoReason(int seed, int senders) {
    List<Act> acts = acts(seed, senders, 9);
    List<Act> shuffled = new ArrayList<>();
    Random random = new Random(seed + 1L);
    for (int from = 0; from < acts.size(); ) {
      int second = acts.get(from).second();
      int to = from;
      while (to < acts.size() && acts.get(to).second() == second) {
        to++;
      }
      shuffled.addAll(otherwise(acts.subList(from, to), random));
      from = to;
    }
    assertThat(decisions(replay(lines(shuffled)))).isEqualTo(decisions(replay(lines(acts))));
  }

  /** In another order, but for those of one pool. */
  private static List<Act> otherwise(List<Act> acts, Random random) {
    List<Act> left = new ArrayList<>(acts);
    List<Act> taken = new ArrayList<>();
    while (!left.isEmpty()) {
      Act chosen = left.get(random.nextInt(left.size()));
      Act first =
          left.stream()
              .filter(act -> act.sender() / 2 == chosen.sender() / 2)
              .findFirst()
              .orElseThrow();
      left.remove(first);
      taken.add(first);
    }
    return taken;
  }

  /** The rooms and their recorder, which a kill takes away, and the alarms, which it does not. */
  private static final class Run implements Effect.Visitor {
    private final Ledger ledger;
    private final Rooms rooms;
    private final Recorder recorder;
    private final List<String> alarms;

    Run(Store store, Instant now, List<String> alarms) throws StoreException {
      this.alarms = alarms;
      this.ledger = new Ledger(store.waivers());
      this.rooms =
          Rooms.furnish(
              Configuration.defaults().policy(),
              ledger,
              Surroundings.ofPastLogs(Map.of()),
              MemoryKey.forThisRun());
      Recall.into(
          rooms,
          store,
          now.minus(Duration.ofDays(30)),
          now.minus(Duration.ofDays(2)),
          failure -> {});
      this.recorder = new Recorder(store, rooms, List.of(), () -> NOON);
    }

    void accept(String line, int number) {
      rooms.pipeline().accept(line, NOON).forEach(effect -> effect.accept(this));
      String place = Integer.toString(number + 1);
      recorder.moveTo(() -> place);
    }

    @Override
    public void observed(Observation observation, Optional<Pool> pool) {
      pool.ifPresent(known -> recorder.observed(observation, known));
    }

    @Override
    public void alarmed(Alarms.Alarm alarm) {
      // When somebody met the strict terms is told to the hour after a restart.
      alarms.add(alarm.at() + " " + alarm.objection().guard().label() + alarm.pool());
    }

    @Override
    public void changed(Waiver waiver) {
      recorder.changed(waiver);
    }
  }

  /**
   * The agent is killed before many a line, and so is what it has not committed. What it says is
   * written down first, as the agent does it.
   */
  private static Run withKills(List<String> lines, Store store, Random random, List<String> alarms)
      throws StoreException {
    List<String> told = new ArrayList<>();
    Run run = new Run(store, NOON, told);
    for (int next = 0; next < lines.size(); ) {
      if (random.nextInt(20) == 0) {
        next = store.cursor().map(Integer::parseInt).orElse(0);
        String line = lines.get(next);
        told.clear();
        run = new Run(store, Instant.parse(line.substring(0, line.indexOf(' '))), told);
      }
      run.accept(lines.get(next), next);
      next++;
      if (random.nextInt(8) == 0 || next == lines.size()) {
        run.recorder.commit();
        alarms.addAll(told);
        told.clear();
      }
      if (random.nextInt(50) == 0) {
        String line = lines.get(next - 1);
        Instant now = Instant.parse(line.substring(0, line.indexOf(' ')));
        store.prune(now.minus(Duration.ofDays(2)), now.minus(Duration.ofDays(30)), now);
      }
    }
    return run;
  }

  @Property(tries = 2)
  void aKillAtAnyLineChangesNoDecisionAndNoAlarm(
      @ForAll @IntRange(max = 1_000_000) int seed, @ForAll @IntRange(min = 2, max = 16) int senders)
      throws IOException {
    assertKillsChangeNothing(seed, senders);
  }

  @Tag("slow")
  @Property(tries = 60)
  void norDoManyKills(
      @ForAll @IntRange(max = 1_000_000) int seed, @ForAll @IntRange(min = 2, max = 16) int senders)
      throws IOException {
    assertKillsChangeNothing(seed, senders);
  }

  private static void assertKillsChangeNothing(int seed, int senders) throws IOException {
    List<String> lines = lines(acts(seed, senders, 14));
    List<String> alarms = new ArrayList<>();
    try (Store store = Store.inMemory();
        Store other = Store.inMemory()) {
      Run killed = withKills(lines, store, new Random(seed), alarms);
      List<String> expected = new ArrayList<>();
      Run straight = new Run(other, NOON, expected);
      for (int i = 0; i < lines.size(); i++) {
        straight.accept(lines.get(i), i);
      }
      assertThat(decisions(killed.ledger.all())).isEqualTo(decisions(straight.ledger.all()));
      assertThat(killed.rooms.pipeline().progress())
          .containsExactlyInAnyOrderElementsOf(straight.rooms.pipeline().progress());
      assertThat(alarms).isEqualTo(expected);
    }
  }
}
