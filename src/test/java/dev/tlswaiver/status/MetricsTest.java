package dev.tlswaiver.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.handshake.Reason;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class MetricsTest {
  private final Metrics metrics =
      new Metrics(
          "1.2.3",
          List.of("old-protocol"),
          List.of("nft", "probe"),
          List.of("observe", "enforce"),
          List.of("truncated"),
          List.of("redirect"));

  private String text() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrometheusTextFormatWriter.create().write(out, metrics.prometheus().scrape());
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void everyMetricOfTheContractIsThereFromTheStart() throws Exception {
    assertThat(text())
        .contains(
            "tlswaiver_log_lines_total{result=\"unrecognized\"} 0.0",
            "tlswaiver_log_last_line_timestamp_seconds 0.0",
            "tlswaiver_log_gaps_total{kind=\"truncated\"} 0.0",
            "tlswaiver_handshakes_total{outcome=\"failed\",service=\"public\"} 0.0",
            "tlswaiver_handshakes_established_total{protocol=\"TLSv1.3\"} 0.0",
            "tlswaiver_findings_total{rule=\"old-protocol\"} 0.0",
            "tlswaiver_objections_total{guard=\"strong-tls-memory\"} 0.0",
            "tlswaiver_waivers{rung=\"legacy\",state=\"PROVEN\"} 0.0",
            "tlswaiver_waivers_limit 0.0",
            "tlswaiver_waiver_transitions_total{to=\"ACTIVE\"} 0.0",
            "tlswaiver_waivers_proven_total 0.0",
            "tlswaiver_messages_rescued_total 0.0",
            "tlswaiver_plaintext_after_failure_total 0.0",
            "tlswaiver_apply_duration_seconds_count 0",
            "tlswaiver_apply_failures_total{stage=\"nft\"} 0.0",
            "tlswaiver_rollbacks_total{reason=\"probe\"} 0.0",
            "tlswaiver_drift_total{component=\"redirect\"} 0.0",
            "tlswaiver_reaction_seconds_count 0",
            "tlswaiver_config_reload_success 1.0",
            "tlswaiver_mode{mode=\"observe\"} 0.0",
            "tlswaiver_build_info{version=\"1.2.3\"} 1");
    for (Reason reason : Reason.values()) {
      assertThat(text())
          .contains("tlswaiver_handshake_failures_total{reason=\"" + reason.label() + "\"} 0.0");
    }
  }

  @Test
  void theReferenceNamesEachMetricAndNoOther() throws Exception {
    Set<String> there =
        Pattern.compile("(?m)^# TYPE (tlswaiver_\\w+?)(_max)? ")
            .matcher(text())
            .results()
            .map(found -> found.group(1))
            .collect(Collectors.toSet());
    assertThat(
            Pattern.compile("(?m)^\\| `(tlswaiver_\\w+)`")
                .matcher(Files.readString(Path.of("docs/reference.md")))
                .results()
                .map(found -> found.group(1)))
        .containsExactlyInAnyOrderElementsOf(there);
  }

  @Test
  void whatHappensIsCounted() throws Exception {
    metrics.line(Metrics.Line.FOREIGN, Instant.ofEpochSecond(1_770_000_000));
    metrics.reacted(Duration.ofMillis(250));
    metrics.applyFailed("nft");
    metrics.rolledBack("probe");
    metrics.notified("mail", false);
    metrics.notificationDropped();
    metrics.mode("enforce");
    metrics.configurationRefused();
    assertThat(text())
        .contains(
            "tlswaiver_log_lines_total{result=\"foreign\"} 1.0",
            "tlswaiver_log_last_line_timestamp_seconds 1.77E9",
            "tlswaiver_reaction_seconds_sum 0.25",
            "tlswaiver_apply_failures_total{stage=\"nft\"} 1.0",
            "tlswaiver_rollbacks_total{reason=\"probe\"} 1.0",
            "tlswaiver_notifications_total{outcome=\"failed\",way=\"mail\"} 1.0",
            "tlswaiver_notifications_dropped_total 1.0",
            "tlswaiver_mode{mode=\"enforce\"} 1.0",
            "tlswaiver_config_reload_success 0.0");
  }
}
