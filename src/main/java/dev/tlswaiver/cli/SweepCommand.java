package dev.tlswaiver.cli;

import dev.tlswaiver.agent.Sweep;
import java.io.PrintStream;
import java.util.Optional;
import picocli.CommandLine.Command;

/** Ends what is past its time, where no agent does. */
@Command(
    name = "sweep",
    description =
        "Without an agent: end the waivers whose time is over, and remove what they left on the host."
            + " A timer does this, so that every change ends even when the agent is dead.")
final class SweepCommand extends OutputCommand {
  SweepCommand(PrintStream out) {
    super(out);
  }

  @Override
  public Integer call() throws Exception {
    Optional<Sweep> sweep = Sweep.now(configuration());
    if (sweep.isEmpty()) {
      out.println("Nothing to do: an agent is running, which does this itself, or none ever did.");
      return Exit.DONE;
    }
    sweep.get().transitions().forEach(out::println);
    sweep.get().removed().ifPresent(plan -> out.print(plan.render()));
    if (sweep.get().transitions().isEmpty() && sweep.get().removed().isEmpty()) {
      out.println("Nothing is past its time.");
    }
    return Exit.DONE;
  }
}
