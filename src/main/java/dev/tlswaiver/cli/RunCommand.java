package dev.tlswaiver.cli;

import java.io.PrintStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Follows the log and acts: the service. */
@Command(name = "run", description = "Follow the log and act, as the configured mode allows.")
final class RunCommand extends OutputCommand {
  @Option(
      names = "--dry-run",
      description = "Print proposals and plans, and touch nothing, whatever the mode.")
  private boolean dryRun;

  @Option(
      names = "--debug",
      description = "Log every command that is run, and warnings each time they come.")
  private boolean debug;

  RunCommand(PrintStream out) {
    super(out);
  }

  @Override
  public Integer call() throws Exception {
    return new Serving(order(), out).run();
  }

  Serving.Order order() {
    return new Serving.Order(givenFile(), dryRun, debug);
  }
}
