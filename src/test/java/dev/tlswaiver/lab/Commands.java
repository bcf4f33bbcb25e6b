package dev.tlswaiver.lab;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Programs that the tests run, each with an argument list and a deadline. */
public final class Commands {
  private static final int SECONDS = 90;

  private Commands() {}

  /** How a program ended, and all that it printed. */
  public record Ended(int exit, String output) {}

  public static Ended run(List<String> command, Map<String, String> environment) {
    return run(command, environment, Path.of("/dev/null"));
  }

  static Ended run(List<String> command, Map<String, String> environment, Path input) {
    try {
      Path output = Files.createTempFile("tlswaiver-command", ".out");
      try {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        Process process =
            builder
                .redirectErrorStream(true)
                .redirectInput(input.toFile())
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw new AssertionError("did not end in time: " + command);
        }
        return new Ended(
            process.exitValue(), Files.readString(output, StandardCharsets.ISO_8859_1));
      } finally {
        Files.delete(output);
      }
    } catch (IOException failure) {
      throw new AssertionError("can't run " + command, failure);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new AssertionError(stopped);
    }
  }
}
