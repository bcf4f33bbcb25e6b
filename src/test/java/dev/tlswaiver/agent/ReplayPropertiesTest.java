package dev.tlswaiver.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.agent.Maillog.Failure;
import dev.tlswaiver.guard.LastSeen;
import dev.tlswaiver.guard.Memory;
import dev.tlswaiver.guard.Probe;
import dev.tlswaiver.guard.StrongTlsMemory;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.store.Batch;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.store.StoreException;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** What must not matter to a decision. */
final class ReplayPropertiesTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);
  private static final Failure[] FAILURES = {
    Failure.UNSUPPORTED_PROTOCOL, Failure.NO_SHARED_CIPHER, Failure.BAD_KEY_SHARE, Failure.LOST
  };

  /** One session: what it is, and whose. */
  private record Act(int second, int sender, int kind) {}

  private static List<Act> acts(int seed, int senders, int count) {
    Random random = new Random(seed);
    List<Act> acts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int minute = random.nextInt(36 * 12) * 5;
      acts.add(new Act(minute * 60, random.nextInt(senders), random.nextInt(9)));
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
    Backtest backtest = new Backtest(Configuration.defaults(), Map.of());
    lines.forEach(line -> backtest.accept(line, NOON.plus(Duration.ofDays(3))));
    return backtest.finish().waivers();
  }

  @Property(tries = 60)
  void theOrderOfPoolsWithinASecondIsNoReason(
      @ForAll @IntRange(max = 1_000_000) int seed,
      @ForAll @IntRange(min = 2, max = 16) int senders) {
    List<Act> acts = acts(seed, senders, 120);
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

  /** The rooms with a store, written to and recalled from as the agent does it. */
  private static final class Recorded implements Pipeline.Listener {
    private final Store store;
    private final Ledger ledger;
    private final Rooms rooms;
    private final Batch batch = new Batch();

    Recorded(Store store, Instant now) throws StoreException {
      this.store = store;
      this.ledger = new Ledger(store.waivers());
      this.rooms =
          Rooms.furnish(
              Configuration.defaults(), ledger, Rooms.Surroundings.ofPastLogs(Map.of()), this);
      for (Map.Entry<Memory, LastSeen> memory : rooms.memories().entrySet()) {
        store.seenSince(memory.getKey(), now.minus(Duration.ofDays(30)), memory.getValue()::see);
      }
      store.failuresSince(now.minus(DAY)).forEach(rooms.pipeline()::recall);
    }

    void accept(String line) {
      rooms.pipeline().accept(line, NOON);
    }

    void save() throws StoreException {
      store.commit(batch);
    }

    @Override
    public void observed(Observation observation, Optional<Pool> pool) {
      Instant time = observation.time().orElseThrow();
      if (observation instanceof Handshake handshake
          && handshake.outcome() instanceof Failed
          && handshake.service().facesMx()) {
        batch.addFailure(handshake);
      }
      pool.ifPresent(
          known -> {
            StrongTlsMemory.remembered(observation, known, rooms.pools())
                .forEach(text -> batch.remember(Memory.STRONG, LastSeen.number(text), time));
            if (Probe.isMail(observation)) {
              batch.remember(Memory.MAIL, LastSeen.number(known.id()), time);
            }
          });
    }

    @Override
    public void changed(Waiver waiver) {
      batch.add(waiver);
    }
  }

  @Property(tries = 60)
  void aRestartBetweenTwoSessionsChangesNoDecision(
      @ForAll @IntRange(max = 1_000_000) int seed,
      @ForAll @IntRange(min = 2, max = 16) int senders,
      @ForAll @IntRange(min = 1, max = 12) int restarts)
      throws IOException {
    List<String> lines = lines(acts(seed, senders, 120));
    Random random = new Random(seed);
    try (Store store = Store.inMemory()) {
      Recorded rooms = new Recorded(store, NOON);
      Set<String> open = new HashSet<>();
      for (String line : lines) {
        if (open.isEmpty() && random.nextInt(lines.size() / 5) < restarts) {
          rooms.save();
          rooms = new Recorded(store, Instant.parse(line.substring(0, line.indexOf(' '))));
        }
        rooms.accept(line);
        String process = line.substring(line.indexOf('['), line.indexOf(']'));
        if (line.contains("]: disconnect from")) {
          open.remove(process);
        } else {
          open.add(process);
        }
      }
      assertThat(decisions(rooms.ledger.all())).isEqualTo(decisions(replay(lines)));
    }
  }
}
