package dev.tlswaiver.cli;

import dev.tlswaiver.control.Request;
import java.io.PrintStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tells all that is known of one sender: why, why not, and what comes next. */
@Command(
    name = "show",
    description = {
      "One sender: its failures, what speaks for and against a waiver, its history, and what comes"
          + " next.",
      "An address that no waiver covers shows the senders that were seen failing from it."
    })
final class ShowCommand extends FormattedCommand {
  @Option(
      names = "--letter",
      description = "A letter to the sender's postmaster, to be read and sent by you.")
  private boolean letter;

  @Parameters(
      paramLabel = "ID|ADDRESS|DOMAIN",
      description = "The sender, by a waiver's id, an address, or its domain.")
  private String target = "";

  ShowCommand(PrintStream out) {
    super(out);
  }

  @Override
  public Integer call() throws Exception {
    if (letter && isJson()) {
      throw usage("--letter is plain text: leave --format out");
    }
    String format = letter ? "letter" : isJson() ? "json" : "text";
    return Replies.print(this, Replies.read(this, new Request.Show(target, format)));
  }
}
