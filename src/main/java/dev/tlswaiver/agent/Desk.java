package dev.tlswaiver.agent;

import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.control.Reply;
import dev.tlswaiver.control.Request;
import dev.tlswaiver.control.StartException;
import dev.tlswaiver.guard.Pause;
import dev.tlswaiver.guard.Paused;
import dev.tlswaiver.judge.Rooms;
import dev.tlswaiver.report.Listing;
import dev.tlswaiver.report.Situation;
import dev.tlswaiver.report.Story;
import dev.tlswaiver.report.WaiverText;
import dev.tlswaiver.store.DamagedLedger;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.store.StoreException;
import dev.tlswaiver.store.Totals;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the operator asks, answered from one ledger: at the desk of a running agent, or at one that
 * a command sets up for itself where none is running.
 */
final class Desk {
  private static final Logger LOG = LoggerFactory.getLogger(Desk.class);

  /** What the desk hands over. */
  interface Works {
    /** A waiver was made or changed. */
    void changed(Waiver waiver);

    /** Writes down what was changed. */
    void commit() throws StoreException;

    /** Makes the host what the ledger says, now. */
    void settleNow() throws StoreException;
  }

  private final Configuration configuration;
  private final Mode mode;
  private final Optional<DamagedLedger> damaged;
  private final Paused paused;
  private final Supplier<Rooms> rooms;
  private final Ledger ledger;
  private final Store store;
  private final Supplier<Totals> totals;
  private final boolean isLive;
  private final InstantSource clock;
  private final Works host;

  /**
   * @param mode what happens to a proposal
   * @param damaged the ledger that was set aside, for which the operator is to be asked first
   * @param paused the pause in force
   * @param rooms around the ledger; asked for by what judges or ends a waiver
   * @param totals what was counted so far
   * @param isLive whether an agent is running
   */
  Desk(
      Configuration configuration,
      Mode mode,
      Optional<DamagedLedger> damaged,
      Paused paused,
      Supplier<Rooms> rooms,
      Ledger ledger,
      Store store,
      Supplier<Totals> totals,
      boolean isLive,
      InstantSource clock,
      Works host) {
    this.configuration = configuration;
    this.mode = mode;
    this.damaged = damaged;
    this.paused = paused;
    this.rooms = rooms;
    this.ledger = ledger;
    this.store = store;
    this.totals = totals;
    this.isLive = isLive;
    this.clock = clock;
    this.host = host;
  }

  /** Takes back a waiver by its id, its pool's name or one of its addresses. */
  Reply revoke(String target) throws StoreException, StartException {
    Waiver waiver = Targets.require(ledger, target);
    Waiver ended = rooms.get().life().revoke(waiver, clock.instant(), "revoked by the operator");
    host.changed(ended);
    host.commit();
    if (waiver.state().isOnHost()) {
      host.settleNow();
    }
    return new Reply(0, WaiverText.transition(Optional.of(waiver.state()), ended));
  }

  /** Puts a proposal in force that waits for the operator's word. */
  Reply approve(String target) throws StoreException, StartException {
    Waiver waiver = Targets.require(ledger, target);
    if (waiver.state() != State.PROPOSED) {
      throw new StartException(
          "waiver "
              + waiver.id()
              + " is "
              + waiver.state()
              + " already"
              + (waiver.state() == State.DIAGNOSING
                  ? ": its next handshake decides the rung, without asking you again"
                  : ""));
    }
    requireActing();
    Waiver said = rooms.get().life().approve(waiver, clock.instant());
    host.changed(said);
    return putInForce(said);
  }

  /** Grants what the operator wishes, if no guard objects that he does not, or can't, overrule. */
  Reply grant(Request.Grant wish) throws StoreException, StartException {
    requireActing();
    host.commit();
    Instant now = clock.instant();
    Rooms all = rooms.get();
    Grants.Admitted admitted;
    try {
      admitted = new Grants(configuration, all, ledger, store).judge(wish, now);
    } catch (RefusedException refused) {
      return new Reply(1, StartException.say(refused), words(refused.objections()));
    }
    for (Waiver old : admitted.replaced()) {
      host.changed(all.life().revoke(old, now, "the operator's grant takes its place"));
    }
    Waiver waiver = all.life().propose(admitted.draft(), admitted.objections());
    host.changed(waiver);
    Reply reply = putInForce(waiver);
    return new Reply(reply.exit(), reply.text(), words(admitted.objections()));
  }

  private static List<String> words(List<Objection> objections) {
    return objections.stream()
        .map(objection -> objection.guard().label() + ": " + objection.text())
        .toList();
  }

  private void requireActing() throws StartException {
    if (mode == Mode.PRINT) {
      throw new StartException(
          damaged
              .map(DamagedLedger::words)
              .orElse(
                  "mode is observe, which changes nothing: set mode: propose or mode: enforce in the"
                      + " configuration, and systemctl reload tlswaiver"));
    }
  }

  private Reply putInForce(Waiver waiver) throws StoreException {
    host.settleNow();
    Waiver after = ledger.find(waiver.id()).orElseThrow();
    if (after.state() == State.PROPOSED) {
      return new Reply(
          1,
          "waiver "
              + after.id()
              + " waits, since the host can't be changed now; it is tried again by itself:"
              + " journalctl -u tlswaiver says why");
    }
    return new Reply(
        after.state().isOnHost() ? 0 : 1,
        WaiverText.transition(Optional.of(State.PROPOSED), after));
  }

  /** Grants nothing new for a while, over restarts too. */
  Reply pause(Duration length) throws StoreException {
    Instant until = clock.instant().truncatedTo(ChronoUnit.SECONDS).plus(length);
    Pause pause = new Pause(until, "paused by the operator");
    store.setPause(Optional.of(pause));
    paused.pause(pause);
    LOG.info("pause until={}", until);
    return new Reply(0, "no new waivers until " + until + "; those in force stay");
  }

  /** Ends a pause, and the care after a damaged ledger. */
  Reply resume() throws IOException {
    List<String> ended = new ArrayList<>();
    paused
        .pause(clock.instant())
        .ifPresent(pause -> ended.add("the pause until " + pause.until() + " has ended"));
    paused.resume();
    store.setPause(Optional.empty());
    if (damaged.isPresent()) {
      DamagedLedger.forget(configuration.stateDirectory());
      ended.add(
          "the safe mode has ended: the agent starts anew in mode " + configuration.mode().label());
    }
    ended.forEach(what -> LOG.info("resume: {}", what));
    return new Reply(0, ended.isEmpty() ? "there was nothing to resume" : String.join("; ", ended));
  }

  /** All that is known of whom the operator means. */
  List<Story> show(String target) throws StoreException, StartException {
    host.commit();
    return new Stories(configuration, rooms.get(), ledger, store, situation())
        .find(target, clock.instant());
  }

  /** The ledger at a glance. */
  Listing list(boolean all) {
    Totals counted = totals.get();
    return new Listing(
        counted.handshakes(),
        counted.failed(),
        counted.since(),
        Listing.shown(ledger.all(), all),
        situation());
  }

  /** How far the agent goes, and what holds it back. */
  Situation situation() {
    return new Situation(
        isLive,
        mode == Mode.PRINT ? Configuration.Mode.OBSERVE.label() : configuration.mode().label(),
        paused.pause(clock.instant()),
        damaged.map(DamagedLedger::words));
  }
}
