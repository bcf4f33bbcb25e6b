package dev.tlswaiver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.tlswaiver.agent.RunningAgent;
import dev.tlswaiver.agent.RunningAgent.Purpose;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.config.ConfigurationReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands beside an agent that observes, over a real socket. */
final class RunningAgentTest {
  @TempDir Path folder;

  private Path file;
  private @Nullable RunningAgent agent;

  private record Ended(int exit, String out, String err) {}

  private Ended run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    String[] all =
        Stream.concat(Stream.of(arguments), Stream.of("--config", file.toString()))
            .toArray(String[]::new);
    int exit =
        Main.run(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            all);
    return new Ended(
        exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @BeforeEach
  void configure() throws Exception {
    file = folder.resolve("tlswaiver.yaml");
    Files.writeString(log(), "");
    Files.writeString(
        file,
        String.join(
            "\n",
            "log: {source: file, path: " + log() + "}",
            "settle: 50ms",
            "status: {listen: '127.0.0.1:" + freePort() + "'}",
            "state_directory: " + folder.resolve("state"),
            "control_socket: " + folder.resolve("control.sock"),
            ""));
  }

  private Path log() {
    return folder.resolve("mail.log");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private RunningAgent start() throws Exception {
    Configuration configuration = ConfigurationReader.read(file);
    RunningAgent started =
        RunningAgent.start(
            configuration,
            Purpose.SERVE,
            "test",
            new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
    agent = started;
    return started;
  }

  @AfterEach
  void stop() {
    if (agent != null) {
      agent.close();
    }
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
    }
  }

  private void failThreeTimes() throws IOException {
    Instant start = Instant.now().minus(Duration.ofHours(1));
    for (int i = 0; i < 3; i++) {
      Instant time = start.plus(Duration.ofMinutes(8L * i));
      for (String text :
          List.of(
              "connect from mta1.oldbank.example[198.51.100.10]",
              "SSL_accept error from mta1.oldbank.example[198.51.100.10]: -1",
              "warning: TLS library problem: error:0A000102:SSL routines::unsupported"
                  + " protocol:x.c:1:",
              "disconnect from mta1.oldbank.example[198.51.100.10] ehlo=1 commands=1")) {
        Files.writeString(
            log(), time + " mx postfix/smtpd[7]: " + text + "\n", StandardOpenOption.APPEND);
      }
    }
  }

  @Test
  void theAgentIsAskedAndItsLedgerReadWhenItHasGone() throws Exception {
    RunningAgent running = start();
    failThreeTimes();
    await(() -> run("list").out().contains("oldbank.example"));
    assertThat(run("list").err()).isEmpty();
    String shown = run("show", "198.51.100.10").out();
    assertThat(shown).startsWith("oldbank.example: PROPOSED (waiver 1)").contains("3 failures");
    JsonObject json =
        JsonParser.parseString(run("show", "1", "--format", "json").out())
            .getAsJsonObject()
            .getAsJsonArray("pools")
            .get(0)
            .getAsJsonObject();
    assertThat(json.getAsJsonObject("agent").get("running").getAsBoolean()).isTrue();
    assertThat(json.getAsJsonObject("waiver").getAsJsonArray("history")).isNotEmpty();
    assertThat(run("show", "oldbank.example", "--letter").out())
        .contains("To the postmaster of oldbank.example");
    Ended grant = run("grant", "198.51.100.10", "--rung", "legacy");
    assertThat(grant.exit()).isEqualTo(1);
    assertThat(grant.err()).contains("mode is observe", "mode: enforce");
    assertThat(run("approve", "1").err()).contains("mode is observe");
    assertThat(run("pause").out()).contains("those in force stay");
    running.close();
    Ended later = run("show", "1");
    assertThat(later.err()).contains("no agent is running; this is the ledger as it left it");
    assertThat(later.out())
        .startsWith("oldbank.example: PROPOSED (waiver 1)")
        .contains("3 failures", "Paused until ");
    assertThat(run("revoke", "1").out()).contains("PROPOSED -> REFUSED");
  }

  @Test
  void aDamagedLedgerIsSetAsideAndTheAgentIsCareful() throws Exception {
    Path state = Files.createDirectory(folder.resolve("state"));
    Files.writeString(state.resolve("ledger.db"), "scribbled over ".repeat(1_000));
    RunningAgent first = start();
    Ended list = run("list");
    assertThat(list.out()).contains("Safe mode: the ledger was damaged", "ledger.damaged-");
    try (Stream<Path> files = Files.list(state)) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .anyMatch(name -> name.matches("ledger\\.damaged-\\d{8}T\\d{6}Z\\.db"));
    }
    first.close();
    assertThat(run("list").out()).contains("Safe mode: ");
    RunningAgent second = start();
    assertThat(run("list", "--format", "json").out()).contains("\"mode\": \"observe\"");
    assertThat(run("resume").out()).contains("the safe mode has ended");
    second.await();
    assertThat(second.isToStartAnew()).isTrue();
    second.close();
    start();
    assertThat(run("list").out()).isEqualTo("No waivers.\n");
  }
}
