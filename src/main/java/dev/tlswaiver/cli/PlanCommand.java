package dev.tlswaiver.cli;

import dev.tlswaiver.actuator.Plan;
import dev.tlswaiver.agent.Offline;
import java.io.PrintStream;
import picocli.CommandLine.Command;

/** Prints what apply would change now. */
@Command(
    name = "plan",
    description = "What apply would change now, as diffs; exit code 3 if anything.")
final class PlanCommand extends OutputCommand {
  PlanCommand(PrintStream out) {
    super(out);
  }

  @Override
  public Integer call() throws Exception {
    Plan plan = Offline.plan(configuration());
    if (plan.isEmpty()) {
      out.println("Nothing to change.");
      return Exit.DONE;
    }
    out.print(plan.render());
    return Exit.DIFFERENCES;
  }
}
