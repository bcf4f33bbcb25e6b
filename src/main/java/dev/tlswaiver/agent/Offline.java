package dev.tlswaiver.agent;

import dev.tlswaiver.actuator.Actuator;
import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Plan;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.control.ControlSocket;
import dev.tlswaiver.control.StartException;
import dev.tlswaiver.doctor.Checkup;
import dev.tlswaiver.doctor.Doctor;
import dev.tlswaiver.doctor.Patient;
import dev.tlswaiver.guard.KeyedHash;
import dev.tlswaiver.guard.Pause;
import dev.tlswaiver.judge.Rooms;
import dev.tlswaiver.notify.Notice;
import dev.tlswaiver.notify.Topic;
import dev.tlswaiver.notify.Way;
import dev.tlswaiver.report.Listing;
import dev.tlswaiver.report.Situation;
import dev.tlswaiver.report.Story;
import dev.tlswaiver.report.WaiverText;
import dev.tlswaiver.store.Batch;
import dev.tlswaiver.store.DamagedLedger;
import dev.tlswaiver.store.MemoryKey;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.store.Totals;
import dev.tlswaiver.waiver.Grant;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Life;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the commands do to ledger and host when no agent is running. */
public final class Offline {
  private static final InstantSource CLOCK = InstantSource.system();

  private Offline() {}

  /** What apply would change now: waivers in force, and proposals as if they were approved. */
  public static Plan plan(Configuration configuration) throws IOException, HostException {
    Instant now = CLOCK.instant();
    List<Grant> grants = new ArrayList<>();
    if (Files.exists(configuration.stateDirectory().resolve("ledger.db"))) {
      try (Store store = Store.open(configuration.stateDirectory())) {
        Ledger ledger = new Ledger(store.waivers());
        Life life = life(configuration, ledger);
        grants.addAll(ledger.grants());
        ledger
            .live(state -> state == State.PROPOSED)
            .forEach(waiver -> grants.add(life.grant(waiver, now)));
      }
    }
    return Host.actuator(configuration).plan(grants, now);
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
    return Host.actuator(configuration).plan(List.of(), CLOCK.instant());
  }

  /**
   * Removes every trace from the host, and revokes what the ledger holds in force.
   *
   * @return what was removed
   * @throws StartException if an agent is running: it would put everything back
   */
  public static Plan reset(Configuration configuration)
      throws StartException, IOException, HostException {
    try (StateLock lock = StateLock.take(configuration.stateDirectory());
        Store store = RunningAgent.openOrReplace(lock.stateDirectory())) {
      lock.with(configuration.postfix().configDirectory());
      Actuator actuator = Host.actuator(configuration);
      actuator.recover();
      Plan plan = new Reconciler(actuator, CLOCK).reconcile(List.of());
      Ledger ledger = new Ledger(store.waivers());
      Life life = life(configuration, ledger);
      Batch batch = new Batch();
      for (Waiver waiver : ledger.live(State::isOnHost)) {
        batch.add(life.revoke(waiver, CLOCK.instant(), "removed by tlswaiver reset"));
      }
      store.commit(batch);
      return plan;
    }
  }

  /**
   * Takes a waiver back, in the ledger and on the host.
   *
   * @return the transition, as the agent would have logged it
   */
  public static String revoke(Configuration configuration, String target)
      throws StartException, IOException, HostException {
    try (StateLock lock = StateLock.take(configuration.stateDirectory());
        Store store = Store.open(lock.stateDirectory())) {
      Ledger ledger = new Ledger(store.waivers());
      Waiver waiver = Targets.require(ledger, target);
      if (waiver.state().isOnHost()) {
        lock.with(configuration.postfix().configDirectory());
      }
      Waiver ended =
          life(configuration, ledger).revoke(waiver, CLOCK.instant(), "revoked by the operator");
      Batch batch = new Batch();
      batch.add(ended);
      store.commit(batch);
      if (waiver.state().isOnHost()) {
        Actuator actuator = Host.actuator(configuration);
        actuator.recover();
        new Reconciler(actuator, CLOCK).reconcile(ledger.grants());
      }
      return WaiverText.transition(Optional.of(waiver.state()), ended);
    }
  }

  private static Life life(Configuration configuration, Ledger ledger) {
    return rooms(configuration, ledger, MemoryKey.forThisRun()).life();
  }

  private static Rooms rooms(Configuration configuration, Ledger ledger, KeyedHash hash) {
    return Rooms.furnish(
        configuration.policy(),
        ledger,
        Host.surroundings(
            Host.capabilities(configuration), configuration.mode() != Configuration.Mode.OBSERVE),
        hash);
  }

  /** Grants nothing new for a while, once an agent runs. */
  public static String pause(Configuration configuration, Duration length)
      throws StartException, IOException {
    try (StateLock lock = StateLock.take(configuration.stateDirectory());
        Store store = Store.open(lock.stateDirectory())) {
      Instant until = CLOCK.instant().truncatedTo(ChronoUnit.SECONDS).plus(length);
      store.setPause(Optional.of(new Pause(until, "paused by the operator")));
      return "no new waivers until " + until;
    }
  }

  /** Ends a pause, and the care after a damaged ledger. */
  public static String resume(Configuration configuration) throws StartException, IOException {
    try (StateLock lock = StateLock.take(configuration.stateDirectory());
        Store store = Store.open(lock.stateDirectory())) {
      Optional<Pause> pause = store.pause().filter(known -> known.until().isAfter(CLOCK.instant()));
      boolean wasSafe = DamagedLedger.find(lock.stateDirectory()).isPresent();
      store.setPause(Optional.empty());
      DamagedLedger.forget(lock.stateDirectory());
      return pause.isEmpty() && !wasSafe
          ? "there was nothing to resume"
          : (pause.isPresent() ? "the pause has ended" : "")
              + (pause.isPresent() && wasSafe ? "; " : "")
              + (wasSafe ? "the safe mode has ended" : "");
    }
  }

  /** The ledger as the agent left it. */
  public static Listing list(Configuration configuration, boolean all) throws IOException {
    try (Store store = forReading(configuration)) {
      Totals totals = store.totals();
      return new Listing(
          totals.handshakes(),
          totals.failed(),
          totals.since(),
          Listing.shown(store.waivers(), all),
          situation(configuration, store));
    }
  }

  /** What the ledger tells of whom the operator means. */
  public static ControlSocket.Reply show(
      Configuration configuration, String target, Map<String, String> arguments)
      throws StartException, IOException {
    try (Store store = forReading(configuration)) {
      Instant now = CLOCK.instant();
      Ledger ledger = new Ledger(store.waivers());
      Rooms rooms = rooms(configuration, ledger, store.hash());
      // Failures tell the guards less than the whole log did, and more than nothing.
      Recall.into(
          rooms,
          store,
          now.minus(configuration.guards().strongTlsMemory()),
          Instant.EPOCH,
          failure -> {});
      List<Story> stories =
          new Stories(configuration, rooms, ledger, store, situation(configuration, store))
              .find(target, now);
      return StoryFormat.of(new ControlSocket.Request("show", target, arguments))
          .reply(stories, configuration);
    }
  }

  /** The lines that an agent could not read, as it noted them. */
  public static String quarantine(Configuration configuration) throws IOException {
    StringBuilder text = new StringBuilder();
    try (Store store = forReading(configuration)) {
      store.eachNote(Quarantine.NAME, (kind, noted) -> text.append(Quarantine.text(kind, noted)));
    }
    return text.isEmpty() ? "no line was set aside\n" : text.toString();
  }

  private static Store forReading(Configuration configuration) throws IOException {
    Optional<Store> store = Store.openForReading(configuration.stateDirectory());
    return store.isPresent() ? store.get() : Store.inMemory();
  }

  private static Situation situation(Configuration configuration, Store store) throws IOException {
    Optional<DamagedLedger> damaged = DamagedLedger.find(configuration.stateDirectory());
    return new Situation(
        false,
        damaged.isPresent() ? Configuration.Mode.OBSERVE.label() : configuration.mode().label(),
        store.pause().filter(pause -> pause.until().isAfter(CLOCK.instant())),
        damaged.map(DamagedLedger::words));
  }
}
