package dev.tlswaiver.cli;

import dev.tlswaiver.agent.Offline;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.control.ControlSocket.Reply;
import dev.tlswaiver.control.ControlSocket.Request;
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

  @Option(
      names = "--networks",
      description =
          "Only the networks that are redirected now, one a line: for tools that are not to ban them.")
  private boolean networks;

  ListCommand(PrintStream out) {
    super(out);
  }

  @Override
  public Integer call() throws Exception {
    Configuration configuration = configuration();
    Map<String, String> arguments = new HashMap<>();
    String format = networks ? "networks" : isJson() ? "json" : "text";
    arguments.put("format", format);
    if (all) {
      arguments.put("all", "true");
    }
    Optional<Reply> reply = Replies.read(this, configuration, new Request("list", "", arguments));
    if (reply.isPresent()) {
      return Replies.print(this, reply.get());
    }
    Listing listing = Offline.list(configuration, all);
    return Replies.print(this, new Reply(Exit.DONE, listing.in(format)));
  }
}
