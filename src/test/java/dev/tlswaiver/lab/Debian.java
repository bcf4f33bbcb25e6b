package dev.tlswaiver.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Whole installations of Debian that all tests share, and in which none of them writes. */
public final class Debian {
  private Debian() {}

  /**
   * The folder of one. It is made where it is not there yet, which takes a minute or two.
   *
   * @param name of {@code release.sh}
   */
  public static Path installed(String name) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder("examples/release.sh", name);
    String cache = System.getProperty("releases.cache");
    if (cache != null) {
      builder.environment().put("TLSWAIVER_RELEASES", cache);
    }
    Path printed = Files.createTempFile("tlswaiver-release", ".out");
    try {
      Process process =
          builder
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .redirectOutput(printed.toFile())
              .start();
      if (!process.waitFor(15, TimeUnit.MINUTES)) {
        process.destroy();
        throw new AssertionError("release.sh made no " + name + " in time");
      }
      if (process.exitValue() != 0) {
        throw new AssertionError("release.sh made no " + name + "; it said why above");
      }
      return Path.of(Files.readString(printed).strip());
    } finally {
      Files.delete(printed);
    }
  }
}
