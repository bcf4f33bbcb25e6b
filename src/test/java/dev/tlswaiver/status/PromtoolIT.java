package dev.tlswaiver.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Prometheus's own tool says of the metrics and the rules (Debian: prometheus). */
final class PromtoolIT {
  @TempDir Path folder;

  /** What promtool said; fails where it refuses. */
  private String promtool(Path input, String... arguments) throws Exception {
    Path said = folder.resolve("said");
    List<String> command = new ArrayList<>(List.of(arguments));
    command.add(0, "promtool");
    Process process =
        new ProcessBuilder(command)
            .redirectInput(input.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(said)).isZero();
    return Files.readString(said);
  }

  private static Path scraped(Path file) throws IOException, InterruptedException {
    Metrics metrics =
        new Metrics(
            "1",
            List.of("old-protocol"),
            List.of("nft"),
            List.of("enforce"),
            List.of("suppressed"),
            List.of("redirect"));
    try (StatusServer server =
        new StatusServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            metrics,
            new Board(),
            () -> true,
            InstantSource.system())) {
      HttpClient.newHttpClient()
          .send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/metrics"))
                  .build(),
              BodyHandlers.ofFile(file));
    }
    return file;
  }

  @Test
  void whatARunningServerAnswersFollowsTheNamingRules() throws Exception {
    Path metrics = scraped(folder.resolve("metrics"));
    assertThat(metrics).content().contains("tlswaiver_build_info");
    assertThat(promtool(metrics, "check", "metrics")).isEmpty();
  }

  @Test
  void theAlertsFireWhenTheyShouldAndOnlyThen() throws Exception {
    assertThat(
            promtool(
                Path.of("/dev/null"), "test", "rules", "etc/prometheus/tlswaiver-alerts-test.yml"))
        .contains("SUCCESS");
  }
}
