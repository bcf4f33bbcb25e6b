package dev.tlswaiver.doctor;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** A host with nothing but the programs that it was told about, which say what they once said. */
final class RecordedPrograms implements Programs {
  private final Map<String, Result> recorded = new LinkedHashMap<>();

  /** The command lines that were run; some are run side by side. */
  final List<String> run = new CopyOnWriteArrayList<>();

  /** Command lines that begin like this print that. */
  RecordedPrograms print(String command, String output) {
    recorded.put(command, new Result(0, output, ""));
    return this;
  }

  /** Command lines that begin like this fail. */
  RecordedPrograms fail(String command, String complaint) {
    recorded.put(command, new Result(1, "", complaint));
    return this;
  }

  @Override
  public Result run(
      List<String> command, Map<String, String> environment, String input, Duration timeout)
      throws HostException {
    String line = String.join(" ", command);
    run.add(line);
    for (Map.Entry<String, Result> entry : recorded.entrySet()) {
      if (line.startsWith(entry.getKey())) {
        return entry.getValue();
      }
    }
    throw new HostException(command.get(0) + " can't be started; is it installed, and in PATH?");
  }
}
