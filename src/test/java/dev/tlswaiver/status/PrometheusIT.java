package dev.tlswaiver.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonSyntaxException;
import dev.tlswaiver.lab.Lab;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Prometheus scrapes us and takes our rules (Debian: prometheus). */
final class PrometheusIT {
  private static final Path RULES = Path.of("etc/prometheus/tlswaiver-alerts.yml").toAbsolutePath();

  @TempDir private Path folder;

  private int port;

  /** What the API answers; empty JSON while nobody does, or says in words that it is starting. */
  private JsonObject ask(String path) {
    try {
      String answer =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/" + path))
                      .build(),
                  BodyHandlers.ofString())
              .body();
      return JsonParser.parseString(answer).getAsJsonObject().getAsJsonObject("data");
    } catch (IOException | JsonSyntaxException notYet) {
      return new JsonObject();
    } catch (InterruptedException stopped) {
      throw new AssertionError(stopped);
    }
  }

  /** The values that a query has now. */
  private List<String> values(String query) {
    JsonObject data = ask("query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8));
    JsonArray result = data.has("result") ? data.getAsJsonArray("result") : new JsonArray();
    return result.asList().stream()
        .map(row -> row.getAsJsonObject().getAsJsonArray("value").get(1).getAsString())
        .toList();
  }

  private Process start(int scraped) throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Path configuration = folder.resolve("prometheus.yml");
    Files.writeString(
        configuration,
        """
        global: {scrape_interval: 1s, evaluation_interval: 1s}
        rule_files: ["%s"]
        scrape_configs:
          - job_name: tlswaiver
            static_configs: [{targets: ["127.0.0.1:%d"]}]
        """
            .formatted(RULES, scraped));
    return new ProcessBuilder(
            "prometheus",
            "--config.file=" + configuration,
            "--storage.tsdb.path=" + folder.resolve("data"),
            "--web.listen-address=127.0.0.1:" + port)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("out").toFile())
        .start();
  }

  @Test
  void itScrapesTheMetricsAndTakesTheAlerts() throws Exception {
    Metrics metrics =
        new Metrics("1.2.3", List.of("old"), List.of(), List.of("enforce"), List.of(), List.of());
    metrics.mode("enforce");
    metrics.ticked(InstantSource.system().instant());
    try (StatusServer server =
        new StatusServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            metrics,
            new Board(),
            () -> true,
            InstantSource.system())) {
      Process prometheus = start(server.port());
      try {
        Lab.await("a scrape", () -> values("up{job=\"tlswaiver\"}").equals(List.of("1")));
        assertThat(values("tlswaiver_mode{mode=\"enforce\"}")).containsExactly("1");
        assertThat(values("tlswaiver_build_info{version=\"1.2.3\"}")).containsExactly("1");
        metrics.configurationRefused();
        Lab.await(
            "the alert of a refused reload",
            () -> values("ALERTS{alertname=\"TlswaiverReloadFailed\"}").equals(List.of("1")));
        JsonArray groups = ask("rules").getAsJsonArray("groups");
        assertThat(groups).isNotEmpty();
        groups.forEach(
            group ->
                group
                    .getAsJsonObject()
                    .getAsJsonArray("rules")
                    .forEach(
                        rule ->
                            assertThat(rule.getAsJsonObject().get("health").getAsString())
                                .as(rule.toString())
                                .isIn("ok", "unknown")));
      } finally {
        prometheus.destroy();
        if (!prometheus.waitFor(20, TimeUnit.SECONDS)) {
          prometheus.destroyForcibly();
        }
      }
    }
  }
}
