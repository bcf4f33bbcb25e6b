package dev.tlswaiver.cli;

import dev.tlswaiver.agent.Offline;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.control.ControlSocket.Reply;
import dev.tlswaiver.control.ControlSocket.Request;
import java.io.PrintStream;
import java.util.Optional;
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
    Configuration configuration = configuration();
    Optional<Reply> reply = Replies.change(configuration, new Request("resume", ""));
    if (reply.isPresent()) {
      return Replies.print(this, reply.get());
    }
    say("no agent is running; it is written down for when one does");
    out.println(Offline.resume(configuration));
    return Exit.DONE;
  }
}
