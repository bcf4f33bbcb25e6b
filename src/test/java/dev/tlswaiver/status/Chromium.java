package dev.tlswaiver.status;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.tlswaiver.lab.Lab;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A headless Chromium with one page, led by the DevTools protocol. */
final class Chromium implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final Process process;
  private final WebSocket socket;
  private final Map<Integer, CompletableFuture<JsonObject>> answers;
  private final List<JsonObject> events;
  private final AtomicInteger last = new AtomicInteger();

  private Chromium(Process process, URI page) throws Exception {
    this.process = process;
    this.answers = new ConcurrentHashMap<>();
    this.events = new CopyOnWriteArrayList<>();
    this.socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(page, new Ear(answers, events))
            .get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Starts it with a folder for all that it writes. */
  static Chromium start(Path folder) throws Exception {
    Path said = folder.resolve("chromium.out");
    Process process =
        new ProcessBuilder(
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--remote-debugging-port=0",
                "--user-data-dir=" + folder.resolve("profile"),
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    try {
      Path port = folder.resolve("profile/DevToolsActivePort");
      Lab.await(
          "Chromium: " + said,
          DEADLINE,
          () -> !process.isAlive() || (Files.exists(port) && lines(port).size() > 1));
      URI pages = URI.create("http://127.0.0.1:" + lines(port).get(0) + "/json");
      JsonElement listed =
          JsonParser.parseReader(
              new java.io.InputStreamReader(
                  pages.toURL().openStream(), java.nio.charset.StandardCharsets.UTF_8));
      for (JsonElement page : listed.getAsJsonArray()) {
        if (page.getAsJsonObject().get("type").getAsString().equals("page")) {
          return new Chromium(
              process,
              URI.create(page.getAsJsonObject().get("webSocketDebuggerUrl").getAsString()));
        }
      }
      throw new AssertionError("Chromium has no page: " + listed);
    } catch (Exception | AssertionError failure) {
      process.destroyForcibly();
      throw failure;
    }
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  /**
   * Asks for something and waits for the answer.
   *
   * @param parameters in JSON
   */
  JsonObject ask(String method, String parameters) throws Exception {
    int id = last.incrementAndGet();
    CompletableFuture<JsonObject> answer =
        answers.computeIfAbsent(id, asked -> new CompletableFuture<>());
    socket
        .sendText(
            "{\"id\":%d,\"method\":\"%s\",\"params\":%s}".formatted(id, method, parameters), true)
        .get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
    JsonObject said = answer.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
    if (!said.has("result")) {
      throw new AssertionError(method + ": " + said);
    }
    return said.getAsJsonObject("result");
  }

  /** What has happened of this kind. */
  List<JsonObject> events(String method) {
    List<JsonObject> found = new ArrayList<>();
    for (JsonObject event : events) {
      if (event.get("method").getAsString().equals(method)) {
        found.add(event.getAsJsonObject("params"));
      }
    }
    return found;
  }

  /** The value of an expression, for people who have scripts. */
  JsonElement value(String expression) throws Exception {
    JsonObject asked = new JsonObject();
    asked.addProperty("expression", expression);
    asked.addProperty("returnByValue", true);
    JsonObject result = ask("Runtime.evaluate", asked.toString()).getAsJsonObject("result");
    if (!result.has("value")) {
      throw new AssertionError(expression + ": " + result);
    }
    return result.get("value");
  }

  @Override
  public void close() {
    socket.abort();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    Lab.await("Chromium's end", () -> !process.isAlive());
  }

  private static final class Ear implements WebSocket.Listener {
    private final Map<Integer, CompletableFuture<JsonObject>> answers;
    private final List<JsonObject> events;
    private final StringBuilder half = new StringBuilder();

    Ear(Map<Integer, CompletableFuture<JsonObject>> answers, List<JsonObject> events) {
      this.answers = answers;
      this.events = events;
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean isLast) {
      half.append(text);
      if (isLast) {
        JsonObject whole = JsonParser.parseString(half.toString()).getAsJsonObject();
        half.setLength(0);
        if (whole.has("id")) {
          answers
              .computeIfAbsent(whole.get("id").getAsInt(), id -> new CompletableFuture<>())
              .complete(whole);
        } else {
          events.add(whole);
        }
      }
      from.request(1);
      return CompletableFuture.completedFuture(null);
    }
  }
}
