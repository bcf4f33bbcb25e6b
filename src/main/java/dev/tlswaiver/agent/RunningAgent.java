package dev.tlswaiver.agent;

import dev.tlswaiver.actuator.Stage;
import dev.tlswaiver.report.WaiverText;
import dev.tlswaiver.source.Cursor;
import dev.tlswaiver.source.Gap;
import dev.tlswaiver.source.Source;
import dev.tlswaiver.status.Metrics;
import dev.tlswaiver.status.StatusServer;
import dev.tlswaiver.store.Store;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An agent with everything around it: started as a whole, stopped in reverse. */
public final class RunningAgent implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunningAgent.class);

  /** How much of what it finds the agent may act on. */
  public enum Purpose {
    /** As the configuration's mode says. */
    SERVE,
    /** Print and change nothing, not even the ledger. */
    DRY_RUN
  }

  private final Deque<AutoCloseable> parts;
  private final Service service;
  private final Agent agent;
  private final Metrics metrics;

  private RunningAgent(Deque<AutoCloseable> parts, Service service, Agent agent, Metrics metrics) {
    this.parts = parts;
    this.service = service;
    this.agent = agent;
    this.metrics = metrics;
  }

  /**
   * Starts it all, or nothing.
   *
   * @param out where proposals and plans are printed
   * @throws StartException if something that it needs is missing; names it
   */
  public static RunningAgent start(
      Configuration configuration, Purpose purpose, String version, PrintStream out)
      throws StartException {
    Deque<AutoCloseable> parts = new ArrayDeque<>();
    try {
      return start(configuration, purpose, version, out, parts);
    } catch (IOException failure) {
      closeAll(parts);
      throw new StartException(StartException.say(failure), failure);
    } catch (StartException | RuntimeException failure) {
      closeAll(parts);
      throw failure;
    }
  }

  private static RunningAgent start(
      Configuration configuration,
      Purpose purpose,
      String version,
      PrintStream out,
      Deque<AutoCloseable> parts)
      throws StartException, IOException {
    Host.check(configuration, purpose);
    Store store;
    if (purpose == Purpose.DRY_RUN) {
      store = open(parts, Store.inMemory());
    } else {
      open(parts, StateLock.take(configuration.stateDirectory()));
      store = open(parts, Store.open(configuration.stateDirectory()));
    }
    Metrics metrics = metrics(configuration, purpose, version);
    Agent agent =
        new Agent(
            configuration,
            mode(configuration, purpose),
            store,
            Host.actuator(configuration),
            Host.impossibleRungs(),
            metrics,
            InstantSource.system(),
            out);
    Optional<Cursor> cursor = store.cursor().map(Cursor::new);
    Service service = open(parts, new Service(agent));
    service.start();
    Source source = open(parts, Host.source(configuration, cursor, service.lines()));
    open(parts, new Clockwork(service, agent));
    RunningAgent running = new RunningAgent(parts, service, agent, metrics);
    if (purpose == Purpose.SERVE) {
      open(
          parts,
          new StatusServer(
              new InetSocketAddress(configuration.status().host(), configuration.status().port()),
              metrics,
              () -> service.isReconciled() && source.isFollowing()));
      open(parts, new ControlSocket(configuration.controlSocket(), running::answer));
    }
    LOG.info(
        "start version={} mode={} log={}",
        version,
        purpose == Purpose.DRY_RUN ? "dry run" : configuration.mode().label(),
        source);
    return running;
  }

  private static Metrics metrics(Configuration configuration, Purpose purpose, String version) {
    Metrics metrics =
        new Metrics(
            version,
            configuration.rules().stream().map(Configuration.RuleSettings::name).toList(),
            Stream.concat(
                    Arrays.stream(Stage.values()).map(Stage::label), Stream.of("plan", "recover"))
                .toList(),
            Arrays.stream(Configuration.Mode.values()).map(Configuration.Mode::label).toList(),
            Arrays.stream(Gap.values()).map(Gap::label).toList());
    metrics.mode(purpose == Purpose.DRY_RUN ? "observe" : configuration.mode().label());
    return metrics;
  }

  private static Agent.Mode mode(Configuration configuration, Purpose purpose) {
    if (purpose == Purpose.DRY_RUN) {
      return Agent.Mode.PRINT;
    }
    return switch (configuration.mode()) {
      case OBSERVE -> Agent.Mode.PRINT;
      case PROPOSE -> Agent.Mode.WAIT;
      case ENFORCE -> Agent.Mode.APPLY;
    };
  }

  private ControlSocket.Reply answer(ControlSocket.Request request) throws StartException {
    return switch (request.command()) {
      case "revoke" ->
          new ControlSocket.Reply(0, service.ask(() -> agent.revoke(request.target())));
      case "approve" ->
          new ControlSocket.Reply(0, service.ask(() -> agent.approve(request.target())));
      case "list" ->
          new ControlSocket.Reply(0, service.ask(() -> WaiverText.table(agent.waivers())));
      default -> new ControlSocket.Reply(64, "no such command: " + request.command());
    };
  }

  /**
   * Waits until the agent ends.
   *
   * @throws StartException if it ended because something failed
   */
  public void await() throws StartException, InterruptedException {
    try {
      service.ended().get();
    } catch (ExecutionException failure) {
      Throwable cause = failure.getCause() == null ? failure : failure.getCause();
      LOG.error("the agent ends", cause);
      throw new StartException("the agent ended: " + StartException.say(cause), cause);
    }
  }

  /** Shows in the metrics that a changed configuration was not taken. */
  public void configurationRefused() {
    metrics.configurationRefused();
  }

  private static <T extends AutoCloseable> T open(Deque<AutoCloseable> parts, T part) {
    parts.push(part);
    return part;
  }

  /** Stops in the reverse order of the start; each line read before is dealt with. */
  @Override
  public void close() {
    closeAll(parts);
  }

  private static void closeAll(Deque<AutoCloseable> parts) {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception failure) {
        LOG.warn("on the way out: {}", failure.getMessage());
      }
    }
  }
}
