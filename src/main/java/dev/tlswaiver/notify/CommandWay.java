package dev.tlswaiver.notify;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Programs.Result;
import java.util.List;
import java.util.Map;

/** A program of the operator's, which gets the notice as a line of JSON on its standard input. */
public final class CommandWay implements Way {
  private final Programs programs;
  private final List<String> command;

  /**
   * @param command the program and its arguments; no shell looks at them
   */
  public CommandWay(Programs programs, List<String> command) {
    this.programs = programs;
    this.command = List.copyOf(command);
  }

  @Override
  public String name() {
    return "command";
  }

  @Override
  public String description() {
    return "command " + command.get(0);
  }

  @Override
  public void deliver(Notice notice) throws HostException {
    Result result = programs.run(command, Map.of(), notice.json() + "\n", TIMEOUT);
    if (!result.isGood()) {
      throw new HostException(
          command.get(0) + " exited with " + result.exit() + ": " + result.said());
    }
  }
}
