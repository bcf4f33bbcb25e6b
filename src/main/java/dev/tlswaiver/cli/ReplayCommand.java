package dev.tlswaiver.cli;

import dev.tlswaiver.agent.Backtest;
import dev.tlswaiver.report.Replay;
import java.io.PrintStream;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs past logs through the rooms that think, in the log's time. */
@Command(
    name = "replay",
    description = "What would have been waived, when and why, over past logs.")
final class ReplayCommand extends OutputCommand {
  @Option(
      names = "--format",
      paramLabel = "F",
      defaultValue = "text",
      converter = Format.Converter.class,
      description = "text or json (default: ${DEFAULT-VALUE}).")
  private Format format = Format.TEXT;

  @Parameters(
      arity = "1..*",
      paramLabel = "LOG",
      description = "Log files in any order, packed or not; - for standard input.")
  private List<String> logs = List.of();

  ReplayCommand(PrintStream out) {
    super(out);
  }

  @Override
  public Integer call() throws Exception {
    Backtest backtest = new Backtest(configuration());
    Logs.read(logs, backtest::accept);
    Replay replay = backtest.finish();
    out.print(format == Format.JSON ? Json.text(Json.of(replay)) : replay.text());
    return Exit.DONE;
  }
}
