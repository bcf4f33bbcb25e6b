package dev.tlswaiver.cli;

import dev.tlswaiver.agent.ControlSocket.Reply;
import java.io.PrintStream;

/** What a running agent answered. */
final class Replies {
  private Replies() {}

  /** Prints the reply where it belongs, and returns the exit code it asks for. */
  static int print(Reply reply, PrintStream out) {
    if (reply.exit() == Exit.DONE) {
      out.println(reply.text());
    } else {
      System.err.println("tlswaiver: " + reply.text());
    }
    return reply.exit();
  }
}
