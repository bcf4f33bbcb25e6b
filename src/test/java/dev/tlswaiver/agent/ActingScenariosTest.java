package dev.tlswaiver.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.guard.Alarms;
import dev.tlswaiver.guard.Pause;
import dev.tlswaiver.judge.Effect;
import dev.tlswaiver.judge.Rooms;
import dev.tlswaiver.judge.Surroundings;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.store.MemoryKey;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Life;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each folder of {@code scenarios-acting} holds a mail log that goes on as if each plan were
 * applied at once, and the transitions that follow. Lines of the log that begin with {@code ##} are
 * what the operator does, or the host:
 *
 * <pre>
 * ## plan fails: WHY     ## plan works     ## revoke POOL     ## pause UNTIL WHY
 * ## unreachable RUNG WHY                  ## banned PREFIX
 * ## clock WHY
 * </pre>
 *
 * <p>{@code -Dgolden.update=true} writes the transitions anew; the diff is what the review is
 * about.
 */
final class ActingScenariosTest {
  private static final Path FOLDER = Path.of("src/test/resources/scenarios-acting");
  private static final Instant READ = Instant.parse("2026-12-01T00:00:00Z");

  /** The rooms, with everything that the agent does around them but for the host. */
  private static final class Acting implements Effect.Visitor {
    private final Ledger ledger = new Ledger(List.of());
    private final Rooms rooms =
        Rooms.furnish(
            Configuration.defaults().policy(),
            ledger,
            new Surroundings(Map.of(), Map.of(), true, ZoneOffset.UTC),
            MemoryKey.forThisRun());
    private final Map<Long, State> states = new HashMap<>();
    private final List<String> told = new ArrayList<>();
    private Optional<String> failure = Optional.empty();
    private Instant now = Instant.EPOCH;

    void line(String line) {
      if (line.startsWith("## ")) {
        happen(line.substring(3));
      } else {
        now = Instant.parse(line.substring(0, line.indexOf(' ')).replace("+00:00", "Z"));
        rooms.life().due(now).forEach(this::changed);
        rooms.pipeline().accept(line, READ).forEach(effect -> effect.accept(this));
      }
      for (Waiver waiver : ledger.live(State::isOnHost)) {
        rooms
            .banned()
            .objection(waiver)
            .ifPresent(banned -> changed(rooms.life().end(waiver, now, banned)));
      }
      ledger.all().stream()
          .filter(Life::awaitsPlan)
          .filter(waiver -> rooms.forgeableLog().objection(waiver).isEmpty())
          .toList()
          .forEach(this::plan);
    }

    private void happen(String what) {
      String[] words = what.split(" ", 3);
      switch (words[0]) {
        case "plan" -> failure = Optional.of(what).filter(text -> text.startsWith("plan fails: "));
        case "revoke" ->
            changed(
                rooms
                    .life()
                    .revoke(
                        ledger.all().stream()
                            .filter(waiver -> waiver.pool().id().equals(words[1]))
                            .findFirst()
                            .orElseThrow(),
                        now,
                        "revoked by the operator"));
        case "pause" -> rooms.paused().pause(new Pause(Instant.parse(words[1]), words[2]));
        case "unreachable" ->
            rooms.reachable().look(Map.of(Rung.find(words[1]).orElseThrow(), words[2]));
        case "forgeable" -> rooms.forgeableLog().look(Optional.of(what.substring(10)));
        case "banned" -> {
          IpPrefix banned = IpPrefix.parse(words[1]);
          rooms.banned().look(network -> banned.contains(network) || network.contains(banned));
        }
        case "clock" -> rooms.life().endAll(now, what).forEach(this::changed);
        default -> throw new IllegalArgumentException("what is: " + what);
      }
    }

    private void plan(Waiver waiver) {
      changed(
          failure.isPresent()
              ? rooms.life().fail(waiver, now, failure.get())
              : rooms.life().activate(waiver, now));
    }

    @Override
    public void changed(Waiver waiver) {
      State before = states.put(waiver.id(), waiver.state());
      if (before == waiver.state()) {
        return;
      }
      told.add(
          String.join(
              " ",
              now.toString(),
              Long.toString(waiver.id()),
              (before == null ? "" : before + " -> ") + waiver.state(),
              waiver.pool().id(),
              waiver.networks().toString(),
              waiver.rung().label()));
      if (before != null) {
        told.add("    " + waiver.history().get(waiver.history().size() - 1).why());
      }
      waiver
          .objections()
          .forEach(said -> told.add("    " + said.guard().label() + ": " + said.text()));
    }

    @Override
    public void alarmed(Alarms.Alarm alarm) {
      told.add("alarm " + alarm.objection().guard().label() + ": " + alarm.objection().text());
    }
  }

  static List<String> scenarios() throws IOException {
    try (Stream<Path> folders = Files.list(FOLDER)) {
      return folders.map(folder -> folder.getFileName().toString()).sorted().toList();
    }
  }

  private static String transitions(String scenario) throws IOException {
    Acting acting = new Acting();
    Files.readAllLines(FOLDER.resolve(scenario).resolve("maillog"), StandardCharsets.UTF_8)
        .forEach(acting::line);
    return acting.told.stream().map(line -> line + "\n").collect(Collectors.joining());
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void theTransitionsAreThoseThatWereReviewed(String scenario) throws Exception {
    Path golden = FOLDER.resolve(scenario).resolve("transitions");
    String text = transitions(scenario);
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(golden, text);
    }
    assertThat(text).isEqualTo(Files.readString(golden));
  }

  @Test
  void thereIsOneForEveryStateAndForTheGuardsThatNoReplayMeets() throws Exception {
    Set<String> missing = new TreeSet<>();
    ScenariosTest.NOT_IN_REPLAY.stream()
        .filter(guard -> guard != GuardName.LIMITS) // Another process's word, which no rule sees.
        .forEach(guard -> missing.add(guard.label() + ": "));
    Arrays.stream(State.values()).map(State::name).forEach(missing::add);
    for (String scenario : scenarios()) {
      String text = transitions(scenario);
      missing.removeIf(text::contains);
    }
    assertThat(missing).isEmpty();
  }
}
