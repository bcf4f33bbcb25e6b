package dev.tlswaiver.cli;

import dev.tlswaiver.agent.Offline;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.control.ControlSocket;
import dev.tlswaiver.control.Reply;
import dev.tlswaiver.control.Request;
import dev.tlswaiver.control.SilentAgentException;
import dev.tlswaiver.control.StartException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Questions to a running agent, and what it answers. */
final class Replies {
  /** A plan may have to be applied and probed first, behind another one. */
  private static final Duration CHANGED_WITHIN = Duration.ofSeconds(130);

  private static final Duration READ_WITHIN = Duration.ofSeconds(10);

  private Replies() {}

  /**
   * Has the agent change something, or does it in its place where none is running, and says so.
   *
   * @param instead what is done then
   */
  static int change(OutputCommand command, Request request, String instead) throws Exception {
    return change(command, request, () -> command.say("no agent is running; " + instead));
  }

  /** Has something changed that only a running agent changes. */
  static int changeLive(OutputCommand command, Request request) throws Exception {
    return change(command, request, () -> {});
  }

  private static int change(OutputCommand command, Request request, Runnable first)
      throws Exception {
    Configuration configuration = command.configuration();
    Optional<Reply> reply =
        ControlSocket.ask(configuration.controlSocket(), request, CHANGED_WITHIN);
    if (reply.isPresent()) {
      return print(command, reply.get());
    }
    first.run();
    return print(command, request.accept(Offline.answers(configuration)));
  }

  /**
   * Has the agent tell what it knows. Where none is running, it hangs, or this user may not ask it,
   * the ledger must do; says so.
   */
  static Reply read(OutputCommand command, Request request) throws Exception {
    Configuration configuration = command.configuration();
    Optional<Reply> reply = ask(command, configuration, request);
    return reply.isPresent() ? reply.get() : request.accept(Offline.answers(configuration));
  }

  private static Optional<Reply> ask(
      OutputCommand command, Configuration configuration, Request request) throws IOException {
    try {
      Optional<Reply> reply =
          ControlSocket.ask(configuration.controlSocket(), request, READ_WITHIN);
      if (reply.isEmpty()) {
        command.say("no agent is running; this is the ledger as it left it");
      }
      return reply;
    } catch (SilentAgentException | StartException unasked) {
      command.say(unasked.getMessage() + "; reading the ledger as it was written last");
      return Optional.empty();
    }
  }

  /** Prints the reply where it belongs, and returns the exit code it asks for. */
  static int print(OutputCommand command, Reply reply) {
    reply.warnings().forEach(warning -> command.say("warning: " + printable(warning)));
    String text = printable(reply.text());
    if (reply.exit() == Exit.DONE) {
      command.out.print(text.endsWith("\n") ? text : text + "\n");
    } else {
      command.say(text.stripTrailing());
    }
    return reply.exit();
  }

  /** Whatever a stranger got into it: a terminal is not to obey it. */
  static String printable(String text) {
    return text.replaceAll("[\\p{Cc}\\p{Cf}&&[^\n]]", "?");
  }
}
