package dev.tlswaiver.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is shipped for Prometheus and Grafana, and the metrics that there are. */
final class AlertsTest {
  private static final Path RULES = Path.of("etc/prometheus/tlswaiver-alerts.yml");
  private static final Path PAGES = Path.of("docs/alerts");
  private static final Pattern ALERT = Pattern.compile("- alert: (\\w+)");
  private static final Pattern RUNBOOK =
      Pattern.compile("runbook: /usr/share/doc/tlswaiver/docs/alerts/(\\w+)\\.md");
  private static final Pattern METRIC = Pattern.compile("\\btlswaiver_[a-z_]+");

  private static Metrics metrics() {
    return new Metrics(
        "1",
        List.of("old-protocol"),
        List.of("nft"),
        List.of("enforce"),
        List.of("suppressed"),
        List.of("redirect"));
  }

  private static List<String> found(Pattern pattern, Path file) throws IOException {
    return pattern
        .matcher(Files.readString(file))
        .results()
        .map(match -> match.group(match.groupCount()))
        .toList();
  }

  private static Set<String> pages() throws IOException {
    try (Stream<Path> files = Files.list(PAGES)) {
      return files
          .map(file -> file.getFileName().toString().replace(".md", ""))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  @Test
  void eachAlertHasItsPageAndEachPageItsAlert() throws IOException {
    assertThat(found(ALERT, RULES)).isNotEmpty().containsExactlyInAnyOrderElementsOf(pages());
  }

  @Test
  void eachAlertNamesItsOwnPage() throws IOException {
    assertThat(found(RUNBOOK, RULES)).isEqualTo(found(ALERT, RULES));
  }

  @Test
  void eachPageSaysWhatItMeansWhatToLookAtAndWhatToDo() throws IOException {
    for (String name : pages()) {
      assertThat(Files.readString(PAGES.resolve(name + ".md")))
          .startsWith("# " + name + "\n\n")
          .contains("\n## Look at\n\n- ", "\n## Do\n\n");
    }
  }

  @Test
  void eachAlertIsSeenFiringInTheTests() throws IOException {
    String tests = Files.readString(RULES.resolveSibling("tlswaiver-alerts-test.yml"));
    for (String name : found(ALERT, RULES)) {
      assertThat(tests)
          .contains("alertname: " + name + "\n        exp_alerts:\n          - exp_labels:")
          .contains("alertname: " + name + ", exp_alerts: []");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "etc/prometheus/tlswaiver-alerts.yml",
        "etc/prometheus/tlswaiver-alerts-test.yml",
        "etc/grafana/tlswaiver.json"
      })
  void eachMetricThatIsNamedExists(String file) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrometheusTextFormatWriter.create().write(out, metrics().prometheus().scrape());
    Set<String> known =
        METRIC
            .matcher(out.toString(StandardCharsets.UTF_8))
            .results()
            .map(MatchResult::group)
            .collect(Collectors.toSet());
    assertThat(known).contains("tlswaiver_build_info");
    assertThat(METRIC.matcher(Files.readString(Path.of(file))).results().map(MatchResult::group))
        .isNotEmpty()
        .isSubsetOf(known);
  }
}
