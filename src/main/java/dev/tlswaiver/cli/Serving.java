package dev.tlswaiver.cli;

import dev.tlswaiver.agent.RunningAgent;
import dev.tlswaiver.agent.RunningAgent.Purpose;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.config.ConfigurationException;
import dev.tlswaiver.control.StartException;
import dev.tlswaiver.logging.JournalLogging;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The service: an agent from its start, through reloads, to its end. */
final class Serving {
  private static final Logger LOG = LoggerFactory.getLogger(Serving.class);

  /**
   * What the command line says.
   *
   * @param file the configuration; empty for the default file or, where there is none, the defaults
   */
  record Order(Optional<Path> file, boolean dryRun, boolean debug) {
    /**
     * Reads the command line of a service, {@code run} with any of its three options. It is empty
     * for everything else, which is for the whole parser to understand or to refuse: to start that
     * one takes a fifth of the time until the agent is ready.
     */
    static Optional<Order> plain(List<String> arguments) {
      Deque<String> rest = new ArrayDeque<>(arguments);
      if (!"run".equals(rest.poll())) {
        return Optional.empty();
      }
      Optional<Path> file = Optional.empty();
      boolean dryRun = false;
      boolean debug = false;
      while (!rest.isEmpty()) {
        String option = rest.poll();
        if (option.equals("--dry-run") && !dryRun) {
          dryRun = true;
        } else if (option.equals("--debug") && !debug) {
          debug = true;
        } else if (option.equals("--config") && file.isEmpty() && isName(rest.peek())) {
          file = Optional.of(Path.of(rest.poll()));
        } else {
          return Optional.empty();
        }
      }
      return Optional.of(new Order(file, dryRun, debug));
    }

    /** Not another option, and not one of the parser's files of arguments. */
    private static boolean isName(@Nullable String argument) {
      return argument != null && !argument.isEmpty() && "-@".indexOf(argument.charAt(0)) < 0;
    }
  }

  private final Order order;
  private final PrintStream out;
  private volatile Optional<Configuration> next = Optional.empty();
  private volatile Optional<RunningAgent> running = Optional.empty();

  Serving(Order order, PrintStream out) {
    this.order = order;
    this.out = out;
  }

  /** Serves until it is told to end. */
  int run() throws IOException, ConfigurationException, StartException, InterruptedException {
    if (order.debug()) {
      JournalLogging.debug();
    }
    Purpose purpose = order.dryRun() ? Purpose.DRY_RUN : Purpose.SERVE;
    next = Optional.of(configuration());
    Hangup.whenReceived(this::reload);
    Runtime.getRuntime().addShutdownHook(new Thread(this::shutDown, "shutdown"));
    while (next.isPresent()) {
      Configuration configuration = next.get();
      next = Optional.empty();
      RunningAgent agent = RunningAgent.start(configuration, purpose, Version.text(), out);
      running = Optional.of(agent);
      agent.await();
      agent.close();
      if (agent.isToStartAnew() && next.isEmpty()) {
        next = Optional.of(configuration);
      }
    }
    return Exit.DONE;
  }

  private Configuration configuration() throws IOException, ConfigurationException {
    return ConfigurationFile.read(order.file());
  }

  private void shutDown() {
    running.ifPresent(RunningAgent::close);
    JournalLogging.tellRest();
  }

  /** A bad file leaves the last good one in force; a good one starts the agent anew with it. */
  private void reload() {
    try {
      next = Optional.of(configuration());
      LOG.info("reload: the configuration is good, starting anew with it");
      running.ifPresent(RunningAgent::close);
    } catch (ConfigurationException | IOException refused) {
      LOG.error("reload: the last good configuration stays in force:\n{}", refused.getMessage());
      running.ifPresent(RunningAgent::configurationRefused);
    }
  }
}
