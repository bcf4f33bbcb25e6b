package dev.tlswaiver.actuator;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The host's programs: started with an argument list and a timeout, never through a shell. */
public interface Programs {
  /** Long enough for a slow disk, short enough for an operator who waits. */
  Duration USUAL = Duration.ofSeconds(30);

  /** How much of what a program said is repeated in a message. */
  int MOST_SAID = 300;

  /** How a program ended, and what it said. */
  record Result(int exit, String out, String err) {
    /** Whether it exited with 0. */
    public boolean isGood() {
      return exit == 0;
    }

    /** What it said, on one line and not too long, for a message. */
    public String said() {
      String line = (err + out).strip().replaceAll("\\s*\n\\s*", "; ");
      return line.length() <= MOST_SAID ? line : line.substring(0, MOST_SAID) + "...";
    }
  }

  /**
   * Runs a program to its end.
   *
   * @param environment added to ours
   * @param input its standard input
   * @throws HostException if it can't be started, or does not end in time
   */
  Result run(List<String> command, Map<String, String> environment, String input, Duration timeout)
      throws HostException;

  /** Runs a program that needs no input. */
  default Result run(String... command) throws HostException {
    return run(List.of(command), Map.of(), "", USUAL);
  }

  /** Runs a program, and returns its output if it exits with 0. */
  default String output(String... command) throws HostException {
    Result result = run(command);
    if (!result.isGood()) {
      throw new HostException(
          String.join(" ", command) + " exited with " + result.exit() + ": " + result.said());
    }
    return result.out();
  }
}
