package dev.tlswaiver.cli;

import dev.tlswaiver.actuator.Plan;
import dev.tlswaiver.agent.Offline;
import dev.tlswaiver.config.Configuration;
import java.io.PrintStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Removes every trace from Postfix and nftables. */
@Command(name = "reset", description = "Remove every trace from Postfix and nftables.")
final class ResetCommand extends OutputCommand {
  @Option(
      names = "--dry-run",
      description = "Only print what would be removed; exit code 3 if anything.")
  private boolean dryRun;

  ResetCommand(PrintStream out) {
    super(out);
  }

  @Override
  public Integer call() throws Exception {
    Configuration configuration = configuration();
    Plan plan = dryRun ? Offline.planReset(configuration) : Offline.reset(configuration);
    if (plan.isEmpty()) {
      out.println("Nothing to remove.");
      return Exit.DONE;
    }
    out.print(plan.render());
    return dryRun ? Exit.DIFFERENCES : Exit.DONE;
  }
}
