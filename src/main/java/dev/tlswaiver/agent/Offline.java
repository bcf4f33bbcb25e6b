package dev.tlswaiver.agent;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Plan;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.control.Reply;
import dev.tlswaiver.control.Request;
import dev.tlswaiver.control.StartException;
import dev.tlswaiver.doctor.Checkup;
import dev.tlswaiver.doctor.Doctor;
import dev.tlswaiver.doctor.Patient;
import dev.tlswaiver.guard.Paused;
import dev.tlswaiver.hand.Desired;
import dev.tlswaiver.hand.Hand;
import dev.tlswaiver.judge.Rooms;
import dev.tlswaiver.judge.Surroundings;
import dev.tlswaiver.notify.Notice;
import dev.tlswaiver.notify.Topic;
import dev.tlswaiver.notify.Way;
import dev.tlswaiver.report.Listing;
import dev.tlswaiver.report.Story;
import dev.tlswaiver.store.Batch;
import dev.tlswaiver.store.DamagedLedger;
import dev.tlswaiver.store.MemoryKey;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.store.StoreException;
import dev.tlswaiver.store.Totals;
import dev.tlswaiver.waiver.Grant;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Life;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** What the commands do to ledger and host when no agent is running. */
public final class Offline {
  private static final InstantSource CLOCK = InstantSource.system();

  private Offline() {}

  /** What apply would change now: waivers in force, and proposals as if they were approved. */
  public static Plan plan(Configuration configuration) throws IOException, HostException {
    Instant now = CLOCK.instant();
    List<Grant> grants = new ArrayList<>();
    Surroundings around = surroundings(configuration);
    try (AsAgent agent = AsAgent.in(configuration.stateDirectory());
        Store store = forReading(agent)) {
      Ledger ledger = new Ledger(store.waivers());
      Life life =
          Rooms.furnish(configuration.policy(), ledger, around, MemoryKey.forThisRun()).life();
      grants.addAll(ledger.grants());
      ledger
          .live(state -> state == State.PROPOSED)
          .forEach(waiver -> grants.add(life.grant(waiver, now)));
    }
    Plan plan = Host.here(configuration).plan(Desired.of(grants, List.of()));
    if (plan.isEmpty()) {
      Host.refuseTooOld(configuration);
    }
    return plan;
  }

  /** What is wrong on this host, and what mends it. */
  public static Checkup examine(Configuration configuration) {
    return Doctor.examine(Host.patient(configuration));
  }

  /**
   * Tells the operator something on each way that is configured.
   *
   * @return a line for each way: what was done, or why not; empty where no way is configured
   */
  public static List<Told> tell(Configuration configuration) {
    Instant now = CLOCK.instant();
    Notice notice =
        Notice.plain(
            "test-" + now.toEpochMilli(),
            Topic.TEST,
            now,
            "a test",
            "This is what tlswaiver notify --test sends. Nothing has happened.\n");
    List<Told> told = new ArrayList<>();
    for (Way way : Host.ways(configuration)) {
      try {
        way.deliver(notice);
        told.add(new Told(true, way.description() + ": taken, id " + notice.id()));
      } catch (HostException failure) {
        told.add(new Told(false, way.description() + ": failed: " + failure.getMessage()));
      }
    }
    return told;
  }

  /** What became of a notice on one way. */
  public record Told(boolean isTaken, String words) {}

  /** This host as an examination sees it. */
  public static Patient patient(Configuration configuration) {
    return Host.patient(configuration);
  }

  /** What {@link #reset} would remove. */
  public static Plan planReset(Configuration configuration) throws HostException {
    return Host.here(configuration).plan(Desired.of(List.of(), List.of()));
  }

  /**
   * Removes every trace from the host, and revokes what the ledger holds in force.
   *
   * @return what was removed
   * @throws StartException if an agent is running: it would put everything back
   */
  public static Plan reset(Configuration configuration)
      throws StartException, IOException, HostException {
    try (StateLock lock = StateLock.take(configuration.stateDirectory())) {
      Hand hand = Host.handOfRoot(configuration);
      if (!hand.isApart()) {
        lock.with(configuration.postfix().configDirectory());
      }
      // First: an agent that was taken over may have left no ledger that can be opened.
      Plan plan = hand.reset();
      try (AsAgent agent = AsAgent.in(lock.stateDirectory());
          Store store = RunningAgent.openOrReplace(agent.stateDirectory())) {
        Ledger ledger = new Ledger(store.waivers());
        Life life = roomsThatGrantNothing(configuration, ledger).life();
        Batch batch = new Batch();
        for (Waiver waiver : ledger.live(State::isOnHost)) {
          batch.add(life.revoke(waiver, CLOCK.instant(), "removed by tlswaiver reset"));
        }
        store.commit(batch);
      }
      return plan;
    }
  }

  /** Answers what an agent would, from the ledger, where none is running. */
  public static Request.Visitor<Reply, Exception> answers(Configuration configuration) {
    return new Answers(configuration);
  }

  private record Answers(Configuration configuration) implements Request.Visitor<Reply, Exception> {
    private static final String START =
        "start it with: systemctl start tlswaiver, or tlswaiver run";

    /** In the ledger and on the host. */
    @Override
    public Reply revoke(Request.Revoke request) throws Exception {
      try (StateLock lock = StateLock.take(configuration.stateDirectory())) {
        Reply reply;
        Optional<Desired> owed;
        Hand hand = Host.handOfRoot(configuration);
        try (AsAgent agent = AsAgent.in(lock.stateDirectory());
            Store store = Store.open(agent.stateDirectory())) {
          Ledger ledger = new Ledger(store.waivers());
          boolean isOnHost = Targets.require(ledger, request.target()).state().isOnHost();
          if (isOnHost && !hand.isApart()) {
            lock.with(configuration.postfix().configDirectory());
          }
          reply = desk(configuration, store, ledger).revoke(request.target());
          owed =
              isOnHost
                  ? Optional.of(HostKeeper.desired(ledger, ledger.grants()))
                  : Optional.empty();
        }
        if (owed.isPresent()) {
          hand.recover();
          hand.apply(owed.get());
        }
        return reply;
      }
    }

    @Override
    public Reply approve(Request.Approve request) throws StartException {
      throw new StartException(
          "an approval needs a running agent, which proves the waiver and ends it; " + START);
    }

    @Override
    public Reply grant(Request.Grant request) throws StartException {
      throw new StartException(
          "a grant needs a running agent, which proves it and ends it; " + START);
    }

    @Override
    public Reply pause(Request.Pause request) throws Exception {
      try (StateLock lock = StateLock.take(configuration.stateDirectory());
          AsAgent agent = AsAgent.in(lock.stateDirectory());
          Store store = Store.open(agent.stateDirectory())) {
        return desk(configuration, store, new Ledger(store.waivers())).pause(request.length());
      }
    }

    @Override
    public Reply resume() throws Exception {
      try (StateLock lock = StateLock.take(configuration.stateDirectory());
          AsAgent agent = AsAgent.in(lock.stateDirectory());
          Store store = Store.open(agent.stateDirectory())) {
        return desk(configuration, store, new Ledger(store.waivers())).resume();
      }
    }

    /** The ledger as the agent left it. */
    @Override
    public Reply list(Request.Inventory request) throws Exception {
      try (AsAgent agent = AsAgent.in(configuration.stateDirectory());
          Store store = forReading(agent)) {
        Listing listing =
            desk(configuration, store, new Ledger(store.waivers())).list(request.all());
        return new Reply(0, listing.in(request.format()));
      }
    }

    /** What the ledger tells of whom the operator means. */
    @Override
    public Reply show(Request.Show request) throws Exception {
      Surroundings around = surroundings(configuration);
      try (AsAgent agent = AsAgent.in(configuration.stateDirectory());
          Store store = forReading(agent)) {
        Ledger ledger = new Ledger(store.waivers());
        Rooms rooms = Rooms.furnish(configuration.policy(), ledger, around, store.hash());
        // Failures tell the guards less than the whole log did, and more than nothing.
        Recall.into(
            rooms,
            store,
            CLOCK.instant().minus(configuration.guards().strongTlsMemory()),
            Instant.EPOCH,
            failure -> {});
        List<Story> stories =
            desk(configuration, store, ledger, () -> rooms).show(request.target());
        return StoryFormat.of(request).reply(stories, configuration);
      }
    }
  }

  private static Desk desk(Configuration configuration, Store store, Ledger ledger)
      throws IOException {
    return desk(configuration, store, ledger, () -> roomsThatGrantNothing(configuration, ledger));
  }

  private static Desk desk(
      Configuration configuration, Store store, Ledger ledger, Supplier<Rooms> rooms)
      throws IOException {
    Paused paused = new Paused();
    store.pause().ifPresent(paused::pause);
    Optional<DamagedLedger> damaged = DamagedLedger.find(configuration.stateDirectory());
    Totals totals = store.totals();
    return new Desk(
        configuration,
        damaged.isPresent() ? Mode.PRINT : Mode.of(configuration.mode()),
        damaged,
        paused,
        rooms,
        ledger,
        store,
        () -> totals,
        false,
        CLOCK,
        new WrittenAtOnce(store));
  }

  /** What is changed at the desk is written down; the host is whoever asked's to put in order. */
  private record WrittenAtOnce(Store store, List<Waiver> changed) implements Desk.Works {
    WrittenAtOnce(Store store) {
      this(store, new ArrayList<>());
    }

    @Override
    public void changed(Waiver waiver) {
      changed.add(waiver);
    }

    @Override
    public void commit() throws StoreException {
      if (!changed.isEmpty()) {
        Batch batch = new Batch();
        changed.forEach(batch::add);
        store.commit(batch);
        changed.clear();
      }
    }

    @Override
    public void settleNow() {}
  }

  /** Rooms in which waivers end at most: nobody need ask the host what its rungs accept. */
  static Rooms roomsThatGrantNothing(Configuration configuration, Ledger ledger) {
    return Rooms.furnish(
        configuration.policy(), ledger, Surroundings.ofPastLogs(Map.of()), MemoryKey.forThisRun());
  }

  private static Surroundings surroundings(Configuration configuration) {
    return Host.surroundings(
        Host.capabilities(configuration), configuration.mode() != Configuration.Mode.OBSERVE);
  }

  /** The lines that an agent could not read, as it noted them. */
  public static String quarantine(Configuration configuration) throws IOException {
    StringBuilder text = new StringBuilder();
    try (AsAgent agent = AsAgent.in(configuration.stateDirectory());
        Store store = forReading(agent)) {
      store.eachNote(Quarantine.NAME, (kind, noted) -> text.append(Quarantine.text(kind, noted)));
    }
    return text.isEmpty() ? "no line was set aside\n" : text.toString();
  }

  private static Store forReading(AsAgent agent) throws IOException {
    Optional<Store> store = Store.openForReading(agent.stateDirectory());
    return store.isPresent() ? store.get() : Store.inMemory();
  }
}
