package dev.tlswaiver.cli;

import dev.tlswaiver.control.Request;
import java.io.PrintStream;
import picocli.CommandLine.Command;

/** Ends a pause, or the safe mode. */
@Command(
    name = "resume",
    description = "End a pause, or the safe mode in which a damaged ledger leaves the agent.")
final class ResumeCommand extends OutputCommand {
  ResumeCommand(PrintStream out) {
    super(out);
  }

  @Override
  public Integer call() throws Exception {
    return Replies.change(this, new Request.Resume(), "it is written down for when one does");
  }
}
