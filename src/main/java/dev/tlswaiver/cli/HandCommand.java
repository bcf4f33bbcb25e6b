package dev.tlswaiver.cli;

import dev.tlswaiver.actuator.SteadyClock;
import dev.tlswaiver.actuator.postfix.ProcessPrograms;
import dev.tlswaiver.agent.Adoption;
import dev.tlswaiver.hand.HandServer;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The privileged process behind an agent that has no power. */
@Command(
    name = "hand",
    description = {
      "Change Postfix and nftables for an agent that may not: the privileged one of the two services.",
      "It is started by tlswaiver-hand.socket when it is asked, holds what is asked against the"
          + " configuration, and ends when nothing is in force and nobody asks."
    })
final class HandCommand extends OutputCommand {
  private static final int MOST_SECONDS_TO_STOP = 110;

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description = "Listen there, instead of on the socket that systemd passes on.")
  private @Nullable Path socket;

  @Option(
      names = "--user",
      paramLabel = "NAME",
      description = "Who may ask there besides root: the agent's user.")
  private @Nullable String user;

  @Option(
      names = "--adopt",
      description = {
        "Take over what an agent that was root left: once, after an upgrade, without an agent.",
        "What is left of its state directory is given to the user."
      })
  private boolean adopt;

  HandCommand(PrintStream out) {
    super(out);
  }

  @Override
  public Integer call() throws Exception {
    if (adopt) {
      if (user == null) {
        throw usage("--adopt needs --user NAME: the agent's user");
      }
      int count = Adoption.of(configuration(), user);
      out.println(count + " waivers in force are the hand's now");
      return Exit.DONE;
    }
    HandServer server =
        HandServer.open(
            ConfigurationFile.find(givenFile()),
            Optional.ofNullable(socket)
                .map(path -> new HandServer.Place(path, Optional.ofNullable(user))),
            new ProcessPrograms(),
            SteadyClock.system());
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, ended), "shutdown"));
    try {
      server.serve();
    } finally {
      ended.countDown();
    }
    return Exit.DONE;
  }

  /** A plan that is on its way is brought to its end. */
  private static void stop(HandServer server, CountDownLatch ended) {
    server.close();
    try {
      ended.await(MOST_SECONDS_TO_STOP, TimeUnit.SECONDS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }
}
