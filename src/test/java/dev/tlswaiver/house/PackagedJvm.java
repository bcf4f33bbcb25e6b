package dev.tlswaiver.house;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/** A JVM of its own, with the heap, the collector and the compiler of the package. */
public final class PackagedJvm {
  private PackagedJvm() {}

  /** A class of ours to be started there; the stack is half of the package's. */
  public static ProcessBuilder of(String mainClass, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms8m",
                "-Xmx64m",
                "-Xss256k",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                mainClass));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command);
  }

  /**
   * Runs it to its end, which it is brought to after so many minutes.
   *
   * @return empty where it had to be
   */
  public static OptionalInt exit(ProcessBuilder builder, int minutes)
      throws IOException, InterruptedException {
    Process process = builder.start();
    boolean hasEnded = process.waitFor(minutes, TimeUnit.MINUTES);
    process.destroyForcibly();
    return hasEnded ? OptionalInt.of(process.exitValue()) : OptionalInt.empty();
  }
}
