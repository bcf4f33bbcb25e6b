package dev.tlswaiver.excerpt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.peer.PublicSuffixes;
import dev.tlswaiver.report.OwnProbes;
import dev.tlswaiver.report.Report;
import dev.tlswaiver.report.ReportCounter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Logs as loggers, collectors, viewers and people show them, each with the failures that it tells.
 */
final class SnippetsTest {
  private static final Path SNIPPETS = Path.of("src/test/resources/excerpt/snippets.log");
  private static final String HEAD = "=== ";
  private static final Instant WRITTEN = Instant.parse("2026-03-02T00:00:00Z");

  private record Snippet(String name, String facts, List<String> lines) {
    /** Whether the facts tell when each failure was first. */
    boolean isTimed() {
      return facts.contains("@");
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Snippet> snippets() throws Exception {
    List<Snippet> snippets = new ArrayList<>();
    for (String line : Files.readAllLines(SNIPPETS)) {
      if (line.startsWith(HEAD)) {
        String[] parts = line.substring(HEAD.length()).split(" = ", -1);
        snippets.add(new Snippet(parts[0], parts[1], new ArrayList<>()));
      } else {
        snippets.get(snippets.size() - 1).lines().add(line);
      }
    }
    return snippets.stream();
  }

  @ParameterizedTest
  @MethodSource("snippets")
  void itsFailuresAndNoOthersAreRead(Snippet snippet) {
    ReportCounter counter =
        new ReportCounter(
            new ExcerptReader(ZoneOffset.UTC),
            new Pools(List.of(Pools.Kind.ADDRESS), 24, 64, new PublicSuffixes(List.of("example"))),
            new OwnProbes(Set.of()),
            Optional.empty(),
            Optional.empty());
    Excerpt excerpt =
        new Excerpt(
            new ExcerptReader(ZoneOffset.UTC), WRITTEN, line -> counter.accept(line, WRITTEN));
    snippet.lines().forEach(excerpt::accept);
    excerpt.finish();
    String facts =
        counter.finish().failures().stream()
            .map(failure -> fact(failure) + (snippet.isTimed() ? "@" + time(failure) : ""))
            .sorted()
            .collect(Collectors.joining(", "));
    assertThat(facts.isEmpty() ? "-" : facts).isEqualTo(snippet.facts());
  }

  private static String time(Report.Failure failure) {
    return failure.first().map(Instant::toString).orElse("?");
  }

  private static String fact(Report.Failure failure) {
    return failure.address().map(IpAddress::toString).orElse("nobody")
        + " "
        + failure.reason().label()
        + " "
        + failure.count();
  }
}
