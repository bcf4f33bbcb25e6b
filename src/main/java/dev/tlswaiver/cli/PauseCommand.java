package dev.tlswaiver.cli;

import dev.tlswaiver.config.ConfigurationReader;
import dev.tlswaiver.control.Request;
import java.io.PrintStream;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Grants nothing new for a while. */
@Command(
    name = "pause",
    description = {
      "Give no new waiver for a while; those in force stay. It survives a restart of the agent, and"
          + " ends by itself or with tlswaiver resume."
    })
final class PauseCommand extends OutputCommand {
  @Option(
      names = "--for",
      paramLabel = "TIME",
      defaultValue = "2h",
      description = "How long, as 90m, 24h or 7d (default: ${DEFAULT-VALUE}).")
  private String time = "2h";

  PauseCommand(PrintStream out) {
    super(out);
  }

  @Override
  public Integer call() throws Exception {
    Duration length =
        ConfigurationReader.findDuration(time)
            .filter(some -> !some.isZero())
            .orElseThrow(() -> usage("not a time: " + time + "; write it like 90m, 24h or 7d"));
    return Replies.change(this, new Request.Pause(length), "it is written down for when one does");
  }
}
