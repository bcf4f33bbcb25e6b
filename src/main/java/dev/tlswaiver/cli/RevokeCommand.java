package dev.tlswaiver.cli;

import dev.tlswaiver.control.Request;
import java.io.PrintStream;
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
    return Replies.change(this, new Request.Revoke(target), "changing the ledger and the host");
  }
}
