package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Starting where something is missing: a clear message and exit code, or waiting with a warning.
 */
final class StartIT {
  @TempDir Path folder;

  private final List<RunningTlswaiver> started = new ArrayList<>();

  @AfterEach
  void stopAll() {
    started.forEach(RunningTlswaiver::kill);
  }

  private Path configure(String... lines) throws IOException {
    Map<String, String> keys = new LinkedHashMap<>();
    for (String line :
        List.of(
            "mode: observe",
            "log: {source: file, path: " + log() + "}",
            "rules: [{name: old, reasons: [unsupported-protocol], spread: 0s, rung: legacy}]",
            "settle: 50ms",
            "status: {listen: '127.0.0.1:" + freePort() + "'}",
            "state_directory: " + folder.resolve("state"),
            "control_socket: " + folder.resolve("control.sock"))) {
      keys.put(line.substring(0, line.indexOf(':')), line);
    }
    Arrays.stream(lines).forEach(line -> keys.put(line.substring(0, line.indexOf(':')), line));
    Path file = folder.resolve("tlswaiver.yaml");
    Files.writeString(file, String.join("\n", keys.values()) + "\n");
    return file;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private Path log() {
    return folder.resolve("mail.log");
  }

  private RunningTlswaiver start(Map<String, String> environment, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(RunningTlswaiver.java());
    command.addAll(Arrays.asList(arguments));
    return start(command, environment);
  }

  private RunningTlswaiver start(List<String> command, Map<String, String> environment)
      throws IOException {
    RunningTlswaiver agent =
        RunningTlswaiver.start(command, environment, folder.resolve("out-" + started.size()));
    started.add(agent);
    return agent;
  }

  private RunningTlswaiver run(Path configuration) throws IOException {
    return start(Map.of(), "run", "--config", configuration.toString());
  }

  private void assertRefused(RunningTlswaiver agent, int exit, String... words) {
    assertThat(agent.awaitExit()).as(agent.output()).isEqualTo(exit);
    assertThat(agent.output()).contains(words).doesNotContain("\tat ");
  }

  private static String failures() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      lines.add("connect from a.old.example[192.0.2.7]");
      lines.add("SSL_accept error from a.old.example[192.0.2.7]: -1");
      lines.add(
          "warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:x.c:1:");
      lines.add("disconnect from a.old.example[192.0.2.7] ehlo=1 starttls=0/1 commands=1/2");
    }
    return lines.stream()
            .map(line -> "2026-03-01T10:00:00Z mx postfix/smtpd[7]: " + line)
            .collect(Collectors.joining("\n"))
        + "\n";
  }

  @Test
  void aStateDirectoryThatForbidsProgramsIsNamed() throws Exception {
    Path state = Files.createDirectory(folder.resolve("state"));
    Files.createFile(log());
    List<String> command =
        new ArrayList<>(
            List.of(
                "unshare",
                "--mount",
                "sh",
                "-ec",
                "mount -t tmpfs -o noexec none " + state + "; exec \"$@\"",
                "start"));
    command.addAll(RunningTlswaiver.java());
    command.addAll(List.of("run", "--config", configure().toString()));
    assertRefused(start(command, Map.of()), 1, "SQLite", state.toString(), "noexec");
  }

  @Test
  void aLogThatDoesNotExistYetIsWaitedFor() throws Exception {
    RunningTlswaiver agent = run(configure());
    agent.await("warning: waiting for \\S+mail.log, which does not exist");
    Files.writeString(log(), failures());
    agent.await("waiver 1 PROPOSED pool=old.example");
  }

  @Test
  void anEmptyLogIsFollowed() throws Exception {
    Files.writeString(log(), "");
    RunningTlswaiver agent = run(configure()).awaitStart();
    Files.writeString(log(), failures());
    agent.await("waiver 1 PROPOSED pool=old.example");
  }

  @Test
  void theSecondAgentSaysWhoWasFirst() throws Exception {
    Path configuration = configure();
    run(configuration).awaitStart();
    assertRefused(run(configuration), 1, "another tlswaiver (process ", "stop it first");
  }

  @Test
  void aTakenStatusPortIsNamed() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Path configuration = configure("status: {listen: '127.0.0.1:" + socket.getLocalPort() + "'}");
      assertRefused(
          run(configuration), 1, "status.listen", Integer.toString(socket.getLocalPort()));
    }
  }

  @Test
  void withoutPostfixEnforcingIsRefused() throws Exception {
    Path configuration = configure("mode: enforce");
    assertRefused(
        start(Map.of("PATH", "/nonexistent"), "run", "--config", configuration.toString()),
        1,
        "postconf is not in PATH",
        "install postfix");
  }

  @Test
  void withoutNftEnforcingIsRefused() throws Exception {
    Path programs = Files.createDirectory(folder.resolve("programs"));
    for (String program : List.of("postconf", "postmap", "postfix")) {
      Files.createSymbolicLink(programs.resolve(program), Path.of("/usr/sbin", program));
    }
    Files.createSymbolicLink(programs.resolve("openssl"), Path.of("/usr/bin/openssl"));
    Path configuration = configure("mode: enforce");
    assertRefused(
        start(Map.of("PATH", programs.toString()), "run", "--config", configuration.toString()),
        1,
        "nft is not in PATH",
        "install nftables");
  }

  @Test
  void withoutPostfixObservingGoesOn() throws Exception {
    Files.writeString(log(), "");
    RunningTlswaiver agent =
        start(
            Map.of("PATH", "/nonexistent"),
            "run",
            "--config",
            configure("postfix: {config_directory: /nonexistent}").toString());
    agent.awaitStart();
    Files.writeString(log(), failures());
    agent.await("proposal 1").await("the plan can't be shown: ");
    assertThat(agent.isAlive()).isTrue();
  }

  /** The jar where everybody may read it; root's home may not be. */
  private List<String> asNobody(String... arguments) throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path jar = folder.resolve("tlswaiver.jar");
    Files.copy(Path.of("target/tlswaiver.jar"), jar);
    Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("r--r--r--"));
    List<String> command =
        new ArrayList<>(
            List.of(
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                System.getProperty("java.home") + "/bin/java",
                "-jar",
                jar.toString()));
    command.addAll(Arrays.asList(arguments));
    return command;
  }

  @Test
  void anUnreadableLogIsRefused() throws Exception {
    Files.writeString(log(), "");
    Files.setPosixFilePermissions(log(), PosixFilePermissions.fromString("rw-------"));
    Path configuration = configure();
    assertRefused(
        start(asNobody("run", "--config", configuration.toString()), Map.of()),
        78,
        log().toString(),
        "can't be read by the user nobody",
        "chgrp adm " + log() + " and chmod 640 " + log());
  }

  @Test
  void enforcingNeedsRoot() throws Exception {
    Path configuration = configure("mode: enforce");
    assertRefused(
        start(asNobody("run", "--config", configuration.toString()), Map.of()),
        1,
        "run as root, or set mode: observe",
        "systemctl start tlswaiver-hand.socket");
  }

  @Test
  void aMistakeInTheConfigurationHasLineAndColumn() throws Exception {
    Path file = folder.resolve("bad.yaml");
    Files.writeString(file, "mode: observe\nwaiver:\n  lasts: 7x\nsetle: 2s\n");
    assertRefused(
        run(file),
        78,
        file + ":3:10: 'lasts' can't be '7x': expected a duration",
        file + ":4:1: unknown key 'setle', did you mean 'settle'?");
    assertRefused(run(folder.resolve("absent.yaml")), 78, "absent.yaml:1:1: no such file");
  }

  @Test
  void withDebugEveryCommandIsTold() throws Exception {
    Files.writeString(log(), "");
    start(Map.of(), "run", "--debug", "--config", configure().toString())
        .await("\\[\\S+.*\\]: 0 after \\d+ ms");
    assertThat(
            run(configure(
                    "state_directory: " + folder.resolve("2"),
                    "control_socket: " + folder.resolve("2.sock")))
                .awaitStart()
                .output())
        .doesNotContain(" after ");
  }

  @Test
  void anUnknownCommandIsAUsageError() throws Exception {
    assertRefused(start(Map.of(), "rnu"), 64, "tlswaiver");
  }

  @Test
  void aReloadTakesAGoodFileAndKeepsTheLastGoodOneForABadOne() throws Exception {
    Files.writeString(log(), "");
    Path configuration = configure();
    RunningTlswaiver agent = run(configuration).awaitStart();
    String port = Files.readString(configuration).replaceFirst("(?s).*127.0.0.1:(\\d+).*", "$1");
    Path mistakes = Path.of("src/test/resources/configuration");
    Files.copy(
        mistakes.resolve("mistakes.yaml"), configuration, StandardCopyOption.REPLACE_EXISTING);
    agent.signal("HUP");
    agent.await("reload: the last good configuration stays in force");
    assertThat(agent.output().lines().filter(line -> line.contains("tlswaiver.yaml:")))
        .hasSameSizeAs(Files.readAllLines(mistakes.resolve("mistakes.txt")));
    assertThat(metrics(port))
        .contains("tlswaiver_config_reload_success 0.0", "tlswaiver_mode{mode=\"observe\"} 1.0");
    Files.writeString(log(), failures(), StandardOpenOption.APPEND);
    agent.await("PROPOSED pool=old.example");
    configure("settle: 3s");
    agent.signal("HUP");
    agent.await("(?s)starting anew with it.*start version=\\S+ mode=observe");
    agent.stop();
    assertThat(agent.output()).doesNotContain("\tat ");
  }

  private static String metrics(String port) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + port + "/metrics");
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  @Test
  void anOrderlyStopIsQuickAndSilent() throws Exception {
    Files.writeString(log(), "");
    RunningTlswaiver agent = run(configure()).awaitStart();
    agent.stop();
    assertThat(agent.output()).doesNotContain("warning").doesNotContain("error");
    Lab.await("no socket", () -> Files.notExists(folder.resolve("control.sock")));
  }
}
