package dev.tlswaiver.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.agent.Maillog.Failure;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.guard.Alarms;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.judge.Effect;
import dev.tlswaiver.judge.Rooms;
import dev.tlswaiver.judge.Surroundings;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.rule.Finding;
import dev.tlswaiver.store.MemoryKey;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** Asking never changes a state: no guard decides or notes anything else because it was asked. */
final class AskingTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final Failure[] FAILURES = {
    Failure.UNSUPPORTED_PROTOCOL, Failure.NO_SHARED_CIPHER, Failure.LOST
  };

  /** The rooms, and what is to be seen of them from without. */
  private static final class Run implements Effect.Visitor {
    private final Ledger ledger = new Ledger(List.of());
    private final Rooms rooms =
        Rooms.furnish(
            Configuration.defaults().policy(),
            ledger,
            new Surroundings(Map.of(), Map.of(), false, ZoneOffset.UTC),
            MemoryKey.forThisRun());
    private final Map<Pool, Handshake> failed = new LinkedHashMap<>();
    private final List<String> told = new ArrayList<>();
    private final Map<String, Optional<String>> noted = new TreeMap<>();

    void read(List<String> lines, Consumer<Run> meanwhile) {
      for (String line : lines) {
        rooms.pipeline().accept(line, NOON).forEach(effect -> effect.accept(this));
        meanwhile.accept(this);
        rooms
            .noted()
            .forEach(
                room ->
                    room.notes()
                        .drain()
                        .forEach((key, value) -> noted.put(room.whose() + " " + key, value)));
        told.add("noted " + noted.size());
      }
    }

    /** As {@code show}, {@code plan} and a grant that is refused do. */
    void ask() {
      failed.forEach(
          (pool, handshake) -> {
            Instant time = handshake.time().orElseThrow();
            rooms.probe().score(pool, time);
            rooms.probe().hasRetried(pool, time);
            if (handshake.outcome() instanceof Failed why) {
              rooms.isItUs().isNews(pool, why.reason(), time);
              rooms
                  .guards()
                  .review(
                      rooms
                          .life()
                          .hypothetical(
                              new Finding(
                                  "old-protocol",
                                  pool,
                                  why.reason(),
                                  why.openssl(),
                                  1,
                                  time,
                                  time,
                                  List.of(handshake.peer().address().orElseThrow()),
                                  handshake.hello())));
            }
          });
      ledger.all().forEach(rooms.guards()::review);
      rooms.pipeline().progress();
    }

    @Override
    public void observed(Observation observation, Optional<Pool> pool) {
      if (observation instanceof Handshake handshake && handshake.outcome() instanceof Failed) {
        pool.ifPresent(known -> failed.put(known, handshake));
      }
    }

    @Override
    public void changed(Waiver waiver) {
      told.add(waiver.toString());
    }

    @Override
    public void alarmed(Alarms.Alarm alarm) {
      told.add(alarm.toString());
    }
  }

  /** Few failures of each, so that many begin before any is found. */
  private static List<String> lines(int seed, int senders) {
    Random random = new Random(seed);
    Maillog log = new Maillog(NOON);
    for (int i = 0; i < senders; i++) {
      String name = i % 4 == 3 ? "" : "mx.sender" + i + ".example";
      Duration at = Duration.ofDays(1).plusMinutes(random.nextInt(300));
      if (random.nextInt(3) == 0) {
        log.succeeds(Duration.ofMinutes(random.nextInt(300)), name, "192.0.2." + i);
      }
      for (int j = random.nextInt(4); j >= 0; j--) {
        log.fails(at, name, "192.0.2." + i, FAILURES[random.nextInt(10) / 4]);
        at = at.plusMinutes(1 + random.nextInt(40));
      }
    }
    return log.lines();
  }

  @Property(tries = 5)
  void whateverIsAskedMeanwhile(
      @ForAll @IntRange(max = 1_000_000) int seed,
      @ForAll @IntRange(min = 5, max = 40) int senders) {
    assertAskingChangesNothing(seed, senders);
  }

  @Tag("slow")
  @Property(tries = 40)
  void inManyLogs(
      @ForAll @IntRange(max = 1_000_000) int seed,
      @ForAll @IntRange(min = 5, max = 40) int senders) {
    assertAskingChangesNothing(seed, senders);
  }

  private static void assertAskingChangesNothing(int seed, int senders) {
    List<String> lines = lines(seed, senders);
    Run unasked = new Run();
    unasked.read(lines, run -> {});
    Run asked = new Run();
    asked.read(lines, Run::ask);
    assertThat(asked.told).isEqualTo(unasked.told);
    assertThat(asked.noted).isEqualTo(unasked.noted);
  }
}
