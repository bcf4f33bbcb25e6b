package dev.tlswaiver.status;

import static dev.tlswaiver.status.Situations.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StatusServerTest {
  private final HttpClient client = HttpClient.newHttpClient();
  private final Board board = new Board();
  private volatile boolean isReady;
  private StatusServer server;

  @BeforeEach
  void open() throws IOException {
    server =
        new StatusServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new Metrics("1", List.of(), List.of(), List.of(), List.of(), List.of()),
            board,
            () -> isReady,
            () -> NOW);
  }

  @AfterEach
  void close() {
    server.close();
  }

  private HttpResponse<String> ask(String method, String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build(),
        BodyHandlers.ofString());
  }

  /** What comes first in the answer to a request that names this host; null for none. */
  private String askAs(@Nullable String host) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      String named = host == null ? "" : "Host: " + host + "\r\n";
      socket
          .getOutputStream()
          .write(("GET / HTTP/1.0\r\n" + named + "\r\n").getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .findFirst()
          .orElse("");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:9719", "127.0.0.1", "LOCALHOST", "[::1]:9719", "192.0.2.25:1"})
  void whoAsksForThisHostIsAnswered(String host) throws Exception {
    assertThat(askAs(host)).endsWith("200 OK");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"evil.example", "evil.example:9719", "127.0.0.1.evil.example", "localhost.x"})
  void whoWasLedHereByAnotherNameIsNot(String host) throws Exception {
    assertThat(askAs(host)).contains(" 421 ");
  }

  @Test
  void aProgramThatNamesNoHostIsAnswered() throws Exception {
    assertThat(askAs(null)).endsWith("200 OK");
  }

  @Test
  void whereOthersMayAskTheyMayUseTheHostsName() throws Exception {
    server.close();
    server =
        new StatusServer(
            new InetSocketAddress("0.0.0.0", 0),
            new Metrics("1", List.of(), List.of(), List.of(), List.of(), List.of()),
            board,
            () -> isReady,
            () -> NOW);
    assertThat(askAs("mx.example:9719")).endsWith("200 OK");
  }

  @Test
  void aRefusedConfigurationStandsOnThePage() throws Exception {
    board.post(Situations.busy());
    assertThat(ask("GET", "/").body()).doesNotContain("changed and refused");
    board.refuseConfiguration();
    assertThat(ask("GET", "/").body()).contains("changed and refused");
  }

  @Test
  void thePageShowsTheLatestSnapshot() throws Exception {
    assertThat(ask("GET", "/").body()).contains("The agent starts");
    board.post(Situations.busy());
    assertThat(ask("GET", "/").body()).contains("PROVEN");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/x",
        "/metricsfoo",
        "/metrics/",
        "/-/healthy/x",
        "/index.html",
        "/../etc/passwd",
        "/%2f"
      })
  void otherPathsAreNotThere(String path) throws Exception {
    assertThat(ask("GET", path).statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"})
  void whoeverWantsToChangeSomethingIsRefused(String method) throws Exception {
    for (String path : List.of("/", "/metrics", "/-/healthy", "/-/ready")) {
      HttpResponse<String> answer = ask(method, path);
      assertThat(answer.statusCode()).isEqualTo(405);
      assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/metrics", "/-/healthy"})
  void headHasNoBody(String path) throws Exception {
    HttpResponse<String> answer = ask("HEAD", path);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
  }

  @Test
  void theBrowserIsToldToTrustNothing() throws Exception {
    board.post(Situations.busy());
    HttpResponse<String> answer = ask("GET", "/");
    String style = answer.body().replaceFirst("(?s).*<style>(.*)</style>.*", "$1");
    String hash =
        Base64.getEncoder()
            .encodeToString(
                MessageDigest.getInstance("SHA-256")
                    .digest(style.getBytes(StandardCharsets.UTF_8)));
    assertThat(answer.headers().firstValue("Content-Security-Policy"))
        .contains(
            "default-src 'none'; style-src 'sha256-"
                + hash
                + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(answer.headers().firstValue("Referrer-Policy")).contains("no-referrer");
    assertThat(answer.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
  }

  @Test
  void healthyIsNotYetReady() throws Exception {
    assertThat(ask("GET", "/-/healthy").statusCode()).isEqualTo(200);
    assertThat(ask("GET", "/-/ready").statusCode()).isEqualTo(503);
    isReady = true;
    assertThat(ask("GET", "/-/ready").statusCode()).isEqualTo(200);
  }
}
