package dev.tlswaiver.cli;

import dev.tlswaiver.agent.Configuration;
import dev.tlswaiver.agent.ConfigurationException;
import dev.tlswaiver.agent.JournalLogging;
import dev.tlswaiver.agent.RunningAgent;
import dev.tlswaiver.agent.RunningAgent.Purpose;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Follows the log and acts: the service. */
@Command(name = "run", description = "Follow the log and act, as the configured mode allows.")
final class RunCommand extends OutputCommand {
  private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

  @Option(
      names = "--dry-run",
      description = "Print proposals and plans, and touch nothing, whatever the mode.")
  private boolean dryRun;

  @Option(
      names = "--debug",
      description = "Log every command that is run, and warnings each time they come.")
  private boolean debug;

  private volatile Optional<Configuration> next = Optional.empty();
  private volatile Optional<RunningAgent> running = Optional.empty();

  RunCommand(PrintStream out) {
    super(out);
  }

  @Override
  public Integer call() throws Exception {
    if (debug) {
      JournalLogging.debug();
    }
    Purpose purpose = dryRun ? Purpose.DRY_RUN : Purpose.SERVE;
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
      String why = String.valueOf(refused.getMessage());
      LOG.error("reload: the last good configuration stays in force:\n{}", why);
      running.ifPresent(agent -> agent.configurationRefused(why));
    }
  }
}
