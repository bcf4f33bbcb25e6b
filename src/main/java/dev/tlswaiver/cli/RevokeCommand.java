package dev.tlswaiver.cli;

import dev.tlswaiver.agent.Offline;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.control.ControlSocket.Reply;
import dev.tlswaiver.control.ControlSocket.Request;
import java.io.PrintStream;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Takes a waiver back for good. */
@Command(name = "revoke", description = "Take a waiver back; it is not granted again by itself.")
final class RevokeCommand extends OutputCommand {
  @Parameters(
      paramLabel = "ID|ADDRESS|DOMAIN",
      description = "The waiver, by its id, an address it covers, or its pool.")
  private String target = "";

  RevokeCommand(PrintStream out) {
    super(out);
  }

  @Override
  public Integer call() throws Exception {
    Configuration configuration = configuration();
    Optional<Reply> reply = Replies.change(configuration, new Request("revoke", target));
    if (reply.isPresent()) {
      return Replies.print(this, reply.get());
    }
    say("no agent is running; changing the ledger and the host");
    out.println(Offline.revoke(configuration, target));
    return Exit.DONE;
  }
}
