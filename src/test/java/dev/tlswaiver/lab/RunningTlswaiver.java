package dev.tlswaiver.lab;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** An agent that runs on the mail host of a laboratory. */
public final class RunningTlswaiver {
  private final Process process;
  private final Path output;

  private RunningTlswaiver(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /** Starts any command line; what it prints goes to the file. */
  public static RunningTlswaiver start(
      List<String> command, Map<String, String> environment, Path output) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    Process process =
        builder
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(output.toFile())
            .start();
    return new RunningTlswaiver(process, output);
  }

  static RunningTlswaiver start(Lab lab, Path output, Path configuration, String... more)
      throws IOException {
    List<String> command = new ArrayList<>(lab.withoutPower());
    command.addAll(java());
    command.addAll(List.of("run", "--config", configuration.toString()));
    command.addAll(Arrays.asList(more));
    return start(lab.hostCommand(command), environment(lab), output);
  }

  static RunningTlswaiver startAsPackaged(Lab lab, Path output, Path configuration)
      throws IOException {
    List<String> command = new ArrayList<>(java());
    // A stack smaller than the package's, so that what recurses by its input shows.
    command.addAll(1, List.of("-Xms8m", "-Xmx64m", "-Xss256k", "-XX:+UseSerialGC"));
    command.addAll(List.of("run", "--config", configuration.toString()));
    return start(lab.hostCommand(command), environment(lab), output);
  }

  static RunningTlswaiver startByClock(Lab lab, Path output, Path configuration, Path ahead)
      throws IOException {
    List<String> command = new ArrayList<>(java("dev.tlswaiver.lab.ClockMain"));
    command.addAll(List.of(ahead.toString(), "run", "--config", configuration.toString()));
    return start(lab.hostCommand(command), environment(lab), output);
  }

  /** The classes under test, as {@code java -jar} would run them. */
  public static List<String> java() {
    return java("dev.tlswaiver.cli.Main");
  }

  public static List<String> java(String main) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-cp",
        System.getProperty("java.class.path"),
        main);
  }

  static Map<String, String> environment(Lab lab) throws IOException {
    return Map.of("PATH", lab.programs() + ":" + System.getenv("PATH") + ":/usr/sbin:/sbin");
  }

  public String output() {
    try {
      return Files.readString(output, StandardCharsets.UTF_8);
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  /** Waits until the agent has printed something that the pattern finds. */
  public RunningTlswaiver await(String pattern) {
    return await(pattern, Lab.DEADLINE);
  }

  /** The same, for what takes its time. */
  public RunningTlswaiver await(String pattern, Duration deadline) {
    Pattern wanted = Pattern.compile(pattern);
    try {
      Lab.await(
          "/" + pattern + "/",
          deadline,
          () -> wanted.matcher(output()).find() || !process.isAlive());
    } catch (AssertionError late) {
      throw new AssertionError(late.getMessage() + "; the agent printed:\n" + output(), late);
    }
    if (!wanted.matcher(output()).find()) {
      throw new AssertionError("the agent ended without /" + pattern + "/:\n" + output());
    }
    return this;
  }

  /** Waits until the agent has started. */
  public RunningTlswaiver awaitStart() {
    return await("start version=");
  }

  /** Waits for its end, and tells the exit code. */
  public int awaitExit() {
    Lab.await("the agent's end", () -> !process.isAlive());
    return process.exitValue();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** As systemd stops it. */
  public void stop() {
    process.destroy();
    awaitExit();
  }

  /** As a crash ends it. */
  public void kill() {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sends a signal by name. */
  public void signal(String name) {
    Commands.run(List.of("kill", "-" + name, Long.toString(process.pid())), Map.of());
  }
}
