package dev.tlswaiver.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.config.ConfigurationReader;
import dev.tlswaiver.excerpt.ExcerptReader;
import dev.tlswaiver.guard.Alarms;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.judge.Effect;
import dev.tlswaiver.judge.Rooms;
import dev.tlswaiver.judge.Surroundings;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.report.Replay;
import dev.tlswaiver.rule.Windows;
import dev.tlswaiver.store.MemoryKey;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.Waiver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
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
 * Each folder of {@code scenarios} holds a mail log, sometimes a configuration, and what a replay
 * makes of them:
 *
 * <pre>
 * 1 REFUSED old.example 192.0.2.1/32 legacy unsupported-protocol 3   the waiver, with its failures
 *     probe: ...                                                     what a guard has against it
 *     offers: ...                                                    what its hello says
 * waiting slow.example old-protocol 2/3                              too few failures so far
 * alarm is-it-us: ...
 * </pre>
 *
 * <p>{@code -Dgolden.update=true} writes them anew; the diff is what the review is about.
 */
final class ScenariosTest {
  private static final Path FOLDER = Path.of("src/test/resources/scenarios");
  private static final Instant READ = Instant.parse("2026-12-01T00:00:00Z");

  /** Guards that no replay can meet: they wait for the operator, the host or its clock. */
  static final Set<GuardName> NOT_IN_REPLAY =
      EnumSet.of(
          GuardName.PAUSED,
          GuardName.REACHABLE,
          GuardName.BANNED,
          GuardName.FORGEABLE_LOG,
          GuardName.CLOCK,
          GuardName.LIMITS);

  static List<String> scenarios() throws IOException {
    try (Stream<Path> folders = Files.list(FOLDER)) {
      return folders.map(folder -> folder.getFileName().toString()).sorted().toList();
    }
  }

  private static Replay replay(String scenario) throws Exception {
    Path configuration = FOLDER.resolve(scenario).resolve("tlswaiver.yaml");
    Backtest backtest =
        new Backtest(
            Files.exists(configuration)
                ? ConfigurationReader.read(configuration)
                : Configuration.defaults(),
            Map.of(),
            new ExcerptReader(ZoneId.systemDefault()));
    Files.readAllLines(FOLDER.resolve(scenario).resolve("maillog"), StandardCharsets.UTF_8)
        .forEach(line -> backtest.accept(line, READ));
    return backtest.finish();
  }

  private static String text(Replay replay) {
    List<String> lines = new ArrayList<>();
    for (Waiver waiver : replay.waivers()) {
      lines.add(
          String.join(
              " ",
              Long.toString(waiver.id()),
              waiver.state().name(),
              waiver.pool().id(),
              waiver.networks().stream().map(IpPrefix::toString).collect(Collectors.joining(",")),
              waiver.rung().label(),
              waiver.evidence().reason().label(),
              Integer.toString(waiver.evidence().failures())));
      waiver
          .objections()
          .forEach(said -> lines.add("    " + said.guard().label() + ": " + said.text()));
      waiver.evidence().diagnosis().ifPresent(known -> lines.add("    offers: " + known.words()));
    }
    replay.progress().stream()
        .sorted(Comparator.comparing(Windows.Progress::pool))
        .filter(row -> row.failures() < row.needed())
        .map(
            row ->
                "waiting "
                    + row.pool()
                    + " "
                    + row.rule()
                    + " "
                    + row.failures()
                    + "/"
                    + row.needed())
        .forEach(lines::add);
    for (Alarms.Alarm alarm : replay.alarms()) {
      lines.add("alarm " + alarm.objection().guard().label() + ": " + alarm.objection().text());
    }
    return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void theReplayIsTheOneThatWasReviewed(String scenario) throws Exception {
    Path golden = FOLDER.resolve(scenario).resolve("waivers");
    String text = text(replay(scenario));
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(golden, text);
    }
    assertThat(text).isEqualTo(Files.readString(golden));
  }

  @Test
  void thereIsOneForEveryGuardRungAndReason() throws Exception {
    Set<String> missing = new TreeSet<>();
    EnumSet.complementOf(EnumSet.copyOf(NOT_IN_REPLAY))
        .forEach(guard -> missing.add(guard.label()));
    Arrays.stream(Reason.values()).map(Reason::label).forEach(missing::add);
    Arrays.stream(Rung.values())
        .filter(rung -> rung != Rung.DIAGNOSE)
        .map(Rung::label)
        .forEach(missing::add);
    for (String scenario : scenarios()) {
      List<String> log =
          Files.readAllLines(FOLDER.resolve(scenario).resolve("maillog"), StandardCharsets.UTF_8);
      for (Waiver waiver : replay(scenario).waivers()) {
        missing.remove(waiver.rung().label());
        waiver.objections().forEach(said -> missing.remove(said.guard().label()));
      }
      missing.removeAll(reasons(log));
    }
    assertThat(missing).isEmpty();
  }

  private static Set<String> reasons(List<String> log) {
    Set<String> seen = new TreeSet<>();
    Rooms rooms =
        Rooms.furnish(
            Configuration.defaults().policy(),
            new Ledger(List.of()),
            Surroundings.ofPastLogs(Map.of()),
            MemoryKey.forThisRun());
    Effect.Visitor reasons =
        new Effect.Visitor() {
          @Override
          public void observed(Observation observation, Optional<Pool> pool) {
            if (observation instanceof Handshake handshake
                && handshake.outcome() instanceof Failed failed) {
              seen.add(failed.reason().label());
            }
          }
        };
    log.stream()
        .flatMap(line -> rooms.pipeline().accept(line, READ).stream())
        .forEach(effect -> effect.accept(reasons));
    rooms.pipeline().finish(READ).forEach(effect -> effect.accept(reasons));
    return seen;
  }
}
