package dev.tlswaiver.cli;

import dev.tlswaiver.agent.Configuration;
import dev.tlswaiver.agent.ControlSocket.Reply;
import dev.tlswaiver.agent.ControlSocket.Request;
import dev.tlswaiver.agent.Offline;
import dev.tlswaiver.report.Listing;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Shows the waivers. A running agent is asked: it knows what it has not written down yet, and
 * whoever may open its socket need not be able to read its files.
 */
@Command(name = "list", description = "Waivers and their state.")
final class ListCommand extends FormattedCommand {
  @Option(names = "--all", description = "Show those that have ended too.")
  private boolean all;

  ListCommand(PrintStream out) {
    super(out);
  }

  @Override
  public Integer call() throws Exception {
    Configuration configuration = configuration();
    Map<String, String> arguments = new HashMap<>();
    arguments.put("format", isJson() ? "json" : "text");
    if (all) {
      arguments.put("all", "true");
    }
    Optional<Reply> reply = Replies.read(this, configuration, new Request("list", "", arguments));
    if (reply.isPresent()) {
      return Replies.print(this, reply.get());
    }
    Listing listing = Offline.list(configuration, all);
    String text = isJson() ? Json.text(listing.json()) : listing.text();
    return Replies.print(this, new Reply(Exit.DONE, text));
  }
}
