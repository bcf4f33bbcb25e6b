package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.Aside;
import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The programs of this host. */
public final class ProcessPrograms implements Programs {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessPrograms.class);

  private static final int MOST_BYTES = 32 * 1024 * 1024;

  @Override
  public Result run(
      List<String> command, Map<String, String> environment, String input, Duration timeout)
      throws HostException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    // Messages are matched by their English words.
    builder.environment().put("LC_ALL", "C");
    long began = System.nanoTime();
    Process process;
    try {
      process = builder.start();
    } catch (IOException failure) {
      throw new HostException(
          command.get(0) + " can't be started; is it installed, and in PATH? " + failure, failure);
    }
    try {
      CompletableFuture<String> out = read(process.getInputStream());
      CompletableFuture<String> err = read(process.getErrorStream());
      try (OutputStream stream = process.getOutputStream()) {
        stream.write(input.getBytes(StandardCharsets.UTF_8));
      } catch (IOException unread) {
        // It ended without reading its input; its exit code says why.
      }
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        // A script that hangs does so in a program of its own; a daemon is nobody's descendant.
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        throw new HostException(
            String.join(" ", command) + " did not end within " + timeout.toSeconds() + " s");
      }
      LOG.debug(
          "{}: {} after {} ms",
          command,
          process.exitValue(),
          (System.nanoTime() - began) / 1_000_000);
      return new Result(process.exitValue(), get(out), get(err));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new HostException(String.join(" ", command) + " was interrupted", stopped);
    } finally {
      process.destroyForcibly();
    }
  }

  private static CompletableFuture<String> read(InputStream stream) {
    return Aside.begin(
        "output",
        () -> {
          try {
            return new String(stream.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
          } catch (IOException ended) {
            return "";
          }
        });
  }

  /** A daemon that the program left behind may hold its output open; what came so far counts. */
  private static String get(CompletableFuture<String> text) throws InterruptedException {
    try {
      return text.get(2, TimeUnit.SECONDS);
    } catch (ExecutionException | java.util.concurrent.TimeoutException open) {
      return "";
    }
  }
}
