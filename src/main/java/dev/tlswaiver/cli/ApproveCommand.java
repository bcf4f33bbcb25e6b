package dev.tlswaiver.cli;

import dev.tlswaiver.control.Request;
import java.io.PrintStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Puts a proposal in force, in mode propose. */
@Command(name = "approve", description = "Put a proposal in force.")
final class ApproveCommand extends OutputCommand {
  @Parameters(paramLabel = "ID", description = "The proposal.")
  private String target = "";

  ApproveCommand(PrintStream out) {
    super(out);
  }

  @Override
  public Integer call() throws Exception {
    return Replies.changeLive(this, new Request.Approve(target));
  }
}
