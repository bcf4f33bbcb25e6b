package dev.tlswaiver.lab;

import dev.tlswaiver.cli.Main;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;

/**
 * tlswaiver on a host whose clock a test sets forward: all that it ends by time it ends by one
 * clock, and under that one are the host's and what the test adds. A library that fakes the time of
 * a whole process makes a JVM too slow.
 *
 * <pre>ClockMain AHEAD COMMAND...</pre>
 *
 * where the file AHEAD holds a duration.
 */
final class ClockMain {
  private ClockMain() {}

  public static void main(String[] arguments) throws ReflectiveOperationException {
    Path ahead = Path.of(arguments[0]);
    InstantSource clock = () -> Instant.now().plus(read(ahead));
    Object steady = open(Class.forName("dev.tlswaiver.agent.Host"), "CLOCK").get(null);
    open(steady.getClass(), "wall").set(steady, clock);
    Main.main(Arrays.copyOfRange(arguments, 1, arguments.length));
  }

  private static Field open(Class<?> type, String name) throws NoSuchFieldException {
    Field field = type.getDeclaredField(name);
    field.setAccessible(true);
    return field;
  }

  private static Duration read(Path file) {
    try {
      return Duration.parse(Files.readString(file));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
