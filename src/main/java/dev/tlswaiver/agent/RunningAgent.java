package dev.tlswaiver.agent;

import dev.tlswaiver.actuator.Aside;
import dev.tlswaiver.actuator.Component;
import dev.tlswaiver.actuator.Stage;
import dev.tlswaiver.actuator.postfix.Capabilities;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.control.ControlSocket;
import dev.tlswaiver.control.Reply;
import dev.tlswaiver.control.Request;
import dev.tlswaiver.control.StartException;
import dev.tlswaiver.dns.JdkNames;
import dev.tlswaiver.dns.NeighbourLookup;
import dev.tlswaiver.hand.Hand;
import dev.tlswaiver.hand.Hands;
import dev.tlswaiver.judge.Policy;
import dev.tlswaiver.notify.Courier;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.report.Listing;
import dev.tlswaiver.report.Story;
import dev.tlswaiver.source.Cursor;
import dev.tlswaiver.source.Gap;
import dev.tlswaiver.source.Source;
import dev.tlswaiver.status.Metrics;
import dev.tlswaiver.status.StatusServer;
import dev.tlswaiver.store.DamagedLedger;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.store.StoreException;
import dev.tlswaiver.waiver.Lookups;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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
  private final Configuration configuration;

  /** Whether the agent ended only to begin again. */
  private volatile boolean isToStartAnew;

  private RunningAgent(
      Deque<AutoCloseable> parts,
      Service service,
      Agent agent,
      Metrics metrics,
      Configuration configuration) {
    this.parts = parts;
    this.service = service;
    this.agent = agent;
    this.metrics = metrics;
    this.configuration = configuration;
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
    configuration.remarks().forEach(LOG::warn);
    if (Runtime.getRuntime().maxMemory() < MemoryBudget.sum()) {
      LOG.warn(
          "the heap is smaller than what strangers can make the agent keep: give it {} MiB (-Xmx)",
          MemoryBudget.HEAP >> 20);
    }
    // Asked while the ledger is opened and so on: each takes a fifth of a second.
    CompletableFuture<Capabilities> capabilities =
        Aside.begin("capabilities", () -> Host.capabilitiesAtStart(configuration));
    Store store;
    Optional<DamagedLedger> damaged = Optional.empty();
    Optional<StateLock> lock = Optional.empty();
    if (purpose == Purpose.DRY_RUN) {
      store = open(parts, Store.inMemory());
    } else {
      if (AsAgent.isOfAnother(configuration.stateDirectory())) {
        String owner = Files.getOwner(configuration.stateDirectory()).getName();
        throw StartException.lasting(
            "state_directory "
                + configuration.stateDirectory()
                + " belongs to the user "
                + owner
                + ", as whom the agent is to run: systemctl start tlswaiver; one that is root needs"
                + " a directory of root's");
      }
      lock = Optional.of(open(parts, StateLock.take(configuration.stateDirectory())));
      store = open(parts, openOrReplace(configuration.stateDirectory()));
      damaged = DamagedLedger.find(configuration.stateDirectory());
    }
    Mode mode = damaged.isPresent() ? Mode.PRINT : mode(configuration, purpose);
    if (lock.isPresent() && mode != Mode.PRINT && !Hands.isApart(configuration)) {
      lock.get().with(configuration.postfix().configDirectory());
    }
    Metrics metrics = metrics(configuration, version);
    metrics.mode(
        purpose == Purpose.DRY_RUN || damaged.isPresent()
            ? Configuration.Mode.OBSERVE.label()
            : configuration.mode().label());
    if (damaged.isPresent()) {
      metrics.safeMode();
    }
    Hand hand = Host.hand(configuration);
    Lookout lookout = Host.lookout(configuration, mode != Mode.PRINT, hand);
    Agent agent =
        new Agent(
            configuration,
            mode,
            damaged,
            store,
            hand,
            Host.surroundings(capabilities.join(), mode != Mode.PRINT),
            metrics,
            Host.CLOCK,
            lookout,
            out);
    Optional<Cursor> cursor = store.cursor().map(Cursor::new);
    SystemdNotifier systemd = Host.systemd();
    Service service = open(parts, new Service(agent, systemd));
    if (purpose == Purpose.SERVE) {
      // Closed before the service: what it delivered last is still written down.
      Courier courier =
          open(
              parts,
              new Courier(
                  Host.ways(configuration),
                  metrics::notified,
                  id -> service.submit(() -> agent.delivered(id))));
      agent.tellThrough(courier::take);
    }
    NeighbourLookup lookup =
        open(
            parts,
            new NeighbourLookup(
                new JdkNames(),
                found -> {
                  Lookups.Question question = question(found.block());
                  service.submit(() -> agent.lookedUp(question, found.hosts(), found.isComplete()));
                }));
    agent.lookUpThrough(question -> lookup.take(block(question)));
    service.start();
    Source source = open(parts, Host.source(configuration, cursor, service.lines()));
    open(parts, new Clockwork(service, agent, configuration.notices().dailySummary()));
    RunningAgent running = new RunningAgent(parts, service, agent, metrics, configuration);
    agent.startAnewThrough(running::startAnew);
    if (purpose == Purpose.SERVE) {
      open(
          parts,
          new StatusServer(
              new InetSocketAddress(configuration.status().host(), configuration.status().port()),
              metrics,
              agent.board(),
              () -> service.isReconciled() && source.isFollowing(),
              Host.CLOCK));
      open(
          parts,
          new ControlSocket(
              configuration.controlSocket(), request -> request.accept(running.new Answers())));
    }
    String modeName =
        purpose == Purpose.DRY_RUN
            ? "dry run"
            : damaged.isPresent() ? "safe" : configuration.mode().label();
    LOG.info("start version={} mode={} log={}", version, modeName, source);
    // Tasks wait until the host is in order; by then the log is open and the ledger loaded.
    service.submit(() -> systemd.ready("mode " + modeName + ", follows " + source));
    return running;
  }

  /** A pool with a name is its domain. */
  private static NeighbourLookup.Block block(Lookups.Question question) {
    return new NeighbourLookup.Block(new HostName(question.pool().id()), question.block());
  }

  private static Lookups.Question question(NeighbourLookup.Block block) {
    return new Lookups.Question(new Pool(block.domain().text()), block.addresses());
  }

  /** The ledger; a new one in place of one that can't be read, which is kept. */
  static Store openOrReplace(Path stateDirectory) throws IOException {
    try {
      Store store = openVerified(stateDirectory);
      Optional<DamagedLedger> before = DamagedLedger.find(stateDirectory);
      before.ifPresent(damaged -> LOG.warn("safe mode: {}", damaged.words()));
      return store;
    } catch (StoreException failure) {
      if (!failure.isDamage()) {
        throw failure;
      }
      DamagedLedger damaged = DamagedLedger.setAside(stateDirectory, Host.CLOCK.instant());
      LOG.error("safe mode: {} ({})", damaged.words(), failure.getMessage());
      return Store.open(stateDirectory);
    }
  }

  private static Store openVerified(Path stateDirectory) throws IOException {
    Store store = Store.open(stateDirectory);
    try {
      store.verify();
      return store;
    } catch (StoreException damaged) {
      store.close();
      throw damaged;
    }
  }

  private static Metrics metrics(Configuration configuration, String version) {
    return new Metrics(
        version,
        configuration.rules().stream().map(Policy.RuleSettings::name).toList(),
        Stream.concat(Arrays.stream(Stage.values()).map(Stage::label), Stream.of("plan", "recover"))
            .toList(),
        Arrays.stream(Configuration.Mode.values()).map(Configuration.Mode::label).toList(),
        Arrays.stream(Gap.values()).map(Gap::label).toList(),
        Arrays.stream(Component.values()).map(Component::label).toList());
  }

  private static Mode mode(Configuration configuration, Purpose purpose) {
    if (purpose == Purpose.DRY_RUN) {
      return Mode.PRINT;
    }
    return Mode.of(configuration.mode());
  }

  /**
   * The desk, asked by the thinking thread; what others have to be asked for is not asked there.
   */
  private final class Answers implements Request.Visitor<Reply, StartException> {
    private final Desk desk = agent.desk();

    @Override
    public Reply revoke(Request.Revoke request) throws StartException {
      return service.ask(() -> desk.revoke(request.target()));
    }

    @Override
    public Reply approve(Request.Approve request) throws StartException {
      return service.ask(() -> desk.approve(request.target()));
    }

    @Override
    public Reply grant(Request.Grant request) throws StartException {
      return service.ask(() -> desk.grant(request));
    }

    @Override
    public Reply pause(Request.Pause request) throws StartException {
      return service.ask(() -> desk.pause(request.length()));
    }

    @Override
    public Reply resume() throws StartException {
      boolean wasSafe = agent.isSafe();
      Reply reply = service.ask(desk::resume);
      if (wasSafe) {
        startAnew();
      }
      return reply;
    }

    @Override
    public Reply list(Request.Inventory request) throws StartException {
      Listing listing = service.ask(() -> desk.list(request.all()));
      return new Reply(0, listing.in(request.format()));
    }

    @Override
    public Reply show(Request.Show request) throws StartException {
      List<Story> stories = service.ask(() -> desk.show(request.target()));
      return StoryFormat.of(request).reply(stories, configuration);
    }
  }

  /** What closes the parts waits for the thinking thread, and for answers that are on their way. */
  private void startAnew() {
    isToStartAnew = true;
    new Thread(this::close, "anew").start();
  }

  /** Whether the agent ended only to begin again, with the same configuration. */
  public boolean isToStartAnew() {
    return isToStartAnew;
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
      // The host may let us down, which needs no stack trace; a mistake of ours does.
      if (cause instanceof RuntimeException || cause instanceof Error) {
        LOG.error("the agent ends", cause);
      }
      throw new StartException("the agent ended: " + StartException.say(cause), cause);
    }
  }

  /** Shows in the metrics and on the status page that a changed configuration was not taken. */
  public void configurationRefused() {
    metrics.configurationRefused();
    agent.board().refuseConfiguration();
  }

  private static <T extends AutoCloseable> T open(Deque<AutoCloseable> parts, T part) {
    parts.push(part);
    return part;
  }

  /** Stops in the reverse order of the start; each line read before is dealt with. */
  @Override
  public synchronized void close() {
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
