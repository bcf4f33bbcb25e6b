package dev.tlswaiver.handshake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.handshake.Observation.Delivery;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.maillog.SyslogParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Real logs, each beside what those who ran it wrote down about every client. */
final class CapturesTest {
  private static final Path CAPTURES = Path.of("src/test/resources/maillog");
  private static final Path OUTCOMES = Path.of("src/test/resources/handshake/captures.tsv");

  private record Expected(String capture, String address, String outcome) {}

  private static List<Expected> expected() throws IOException {
    return Files.readAllLines(OUTCOMES).stream()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split("\t"))
        .map(row -> new Expected(row[0], row[1], row[2]))
        .toList();
  }

  static List<String> captures() throws IOException {
    return expected().stream().map(Expected::capture).distinct().toList();
  }

  @ParameterizedTest
  @MethodSource("captures")
  void everyClientMetWhatItIsKnownToHaveMet(String capture) throws Exception {
    Map<String, String> outcomes =
        expected().stream()
            .filter(row -> row.capture().equals(capture))
            .collect(
                Collectors.toMap(
                    Expected::address, Expected::outcome, (a, b) -> a, LinkedHashMap::new));
    assertThat(outcomes).hasSize(22);
    assertThat(read(capture)).containsExactlyInAnyOrderEntriesOf(outcomes);
  }

  /** The outcome of each address, in the words of the table. */
  private static Map<String, String> read(String capture) throws IOException {
    SyslogParser parser = new SyslogParser(ZoneOffset.UTC);
    Sessions sessions = new Sessions();
    List<Observation> seen = new ArrayList<>();
    for (String line :
        Files.readAllLines(CAPTURES.resolve(capture + ".log"), StandardCharsets.ISO_8859_1)) {
      parser
          .parse(line, Instant.parse("2026-12-01T00:00:00Z"))
          .ifPresent(message -> seen.addAll(sessions.accept(message)));
    }
    seen.addAll(sessions.finish());
    Map<String, String> outcomes = new LinkedHashMap<>();
    for (Observation observation : seen) {
      if (observation instanceof Handshake handshake) {
        outcomes.put(
            handshake.peer().address().orElseThrow().toString(), words(handshake.outcome()));
      } else if (observation instanceof Delivery delivery) {
        outcomes.merge(
            delivery.peer().address().orElseThrow().toString(),
            "plain mail",
            (before, plain) -> before + " mail");
      }
    }
    return outcomes;
  }

  private static String words(Outcome outcome) {
    if (outcome instanceof Failed failed) {
      return failed.reason().label();
    }
    return outcome instanceof Completed completed
        ? completed.protocol() + " " + completed.cipher()
        : "unknown";
  }
}
