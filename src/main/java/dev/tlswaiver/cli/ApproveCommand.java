package dev.tlswaiver.cli;

import dev.tlswaiver.control.ControlSocket.Request;
import dev.tlswaiver.control.StartException;
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
    return Replies.print(
        this,
        Replies.change(configuration(), new Request("approve", target))
            .orElseThrow(
                () ->
                    new StartException(
                        "an approval needs a running agent, which proves the waiver and ends it; "
                            + Replies.START)));
  }
}
