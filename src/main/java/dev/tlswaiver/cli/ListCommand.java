package dev.tlswaiver.cli;

import dev.tlswaiver.control.Request;
import java.io.PrintStream;
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
    String format = networks ? "networks" : isJson() ? "json" : "text";
    return Replies.print(this, Replies.read(this, new Request.Inventory(format, all)));
  }
}
