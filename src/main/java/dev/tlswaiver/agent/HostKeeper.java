package dev.tlswaiver.agent;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Plan;
import dev.tlswaiver.actuator.Redirect;
import dev.tlswaiver.actuator.RejectedException;
import dev.tlswaiver.actuator.RolledBackException;
import dev.tlswaiver.actuator.postfix.OwnChanges;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.control.StartException;
import dev.tlswaiver.hand.Desired;
import dev.tlswaiver.hand.Done;
import dev.tlswaiver.hand.Hand;
import dev.tlswaiver.hand.HandAwayException;
import dev.tlswaiver.hand.Rules;
import dev.tlswaiver.hand.Sight;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.judge.Effect;
import dev.tlswaiver.judge.Rooms;
import dev.tlswaiver.judge.Surroundings;
import dev.tlswaiver.notify.Notice;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.report.WaiverText;
import dev.tlswaiver.status.Metrics;
import dev.tlswaiver.store.StoreException;
import dev.tlswaiver.waiver.Grant;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Life;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.RedirectWatch;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the host what the ledger says: puts what was decided in force once it has settled and is
 * written down, compares from time to time, and ends what the host itself speaks against. Used by
 * the thinking thread only.
 */
final class HostKeeper implements Effect.Visitor {
  private static final Logger LOG = LoggerFactory.getLogger(HostKeeper.class);
  private static final Duration PAUSE_AFTER_ROLLBACK = Duration.ofHours(1);
  private static final Duration PAUSE_WITHOUT_HAND = Duration.ofSeconds(10);

  private final Configuration configuration;
  private final Mode mode;
  private final Hand hand;
  private final Lookout lookout;
  private final Rooms rooms;
  private final Ledger ledger;
  private final Bookkeeper books;
  private final Settling settling;
  private final Metrics metrics;
  private final InstantSource clock;
  private final PrintStream out;
  private final Surroundings around;
  private final RedirectWatch redirects;
  private final Set<Long> printed = new HashSet<>();
  private Instant lookedAround;
  private Optional<Instant> compared = Optional.empty();
  private Optional<Instant> outOfOrder = Optional.empty();

  /** Why the last plan could not be brought to the hand. */
  private Optional<HandAwayException> away = Optional.empty();

  /** Whether the hand has said what the rungs can do. */
  private boolean isAcquainted;

  /** Whether the hand was told that something comes. */
  private boolean isAwake;

  private Runnable anew = () -> {};

  HostKeeper(
      Configuration configuration,
      Mode mode,
      Hand hand,
      Lookout lookout,
      Surroundings around,
      Rooms rooms,
      Ledger ledger,
      Bookkeeper books,
      Settling settling,
      Metrics metrics,
      InstantSource clock,
      PrintStream out) {
    this.configuration = configuration;
    this.mode = mode;
    this.hand = hand;
    this.lookout = lookout;
    this.around = around;
    this.rooms = rooms;
    this.ledger = ledger;
    this.books = books;
    this.settling = settling;
    this.metrics = metrics;
    this.clock = clock;
    this.out = out;
    this.lookedAround = clock.instant();
    this.redirects = new RedirectWatch(ledger, lookedAround);
  }

  /** What ends this agent, so that another one begins in its place. */
  void startAnewThrough(Runnable beginning) {
    anew = beginning;
  }

  /** Puts the host in order after whatever an earlier run left, before the first line is read. */
  void begin() throws HostException, StoreException {
    Optional<String> doubt = lookout.forgeableLog();
    rooms.forgeableLog().look(doubt);
    doubt.ifPresent(why -> LOG.warn("waivers wait for tlswaiver approve: {}", why));
    if (!hand.isApart()) {
      noteOwnChanges(hand.look().changes());
    }
    if (mode == Mode.PRINT) {
      warnOfWaiversInForce();
      if (hand.isApart()) {
        settling.dueIn(Duration.ZERO);
      } else {
        noteRules(hand.look().rules());
      }
    } else {
      coverWhatIsOnRecord();
      hand.recover()
          .ifPresent(
              what -> {
                LOG.warn("recovered: {}", what);
                metrics.rolledBack("recover");
                books.notice(Notice.rolledBack("recovered: " + what, clock.instant()));
              });
      settling.dueIn(Duration.ZERO);
      if (!hand.isApart()) {
        settleIfDue();
        hand.prepare();
      }
    }
  }

  /** How long the thinking thread may wait for a task before {@link #settleIfDue} has work. */
  Duration untilSettled() {
    return settling.untilDue();
  }

  @Override
  public void observed(Observation observation, Optional<Pool> pool) {
    redirects.observe(observation, observation.time().orElse(books.lineRead()));
  }

  /** Evidence beats what the rules of the packet filter seem to say, also for who comes next. */
  void endBrokenRedirects(Instant now) {
    if (mode == Mode.PRINT || configuration.redirect().backend() == Redirect.NONE) {
      return;
    }
    redirects
        .broken(now)
        .forEach(
            (waiver, why) -> {
              String words = why + "; tlswaiver doctor looks at what may be in its way";
              rooms.reachable().failed(waiver.pool(), now, words);
              books.changed(
                  rooms.life().end(waiver, now, new Objection(GuardName.REACHABLE, words)));
            });
  }

  /** Says once what it means that waivers now cover something else: then it is in the ledger. */
  private void coverWhatIsOnRecord() throws StoreException {
    for (Waiver before : rooms.life().cover()) {
      Waiver after = ledger.find(before.id()).orElseThrow();
      LOG.warn(
          "waiver {} of {} covers {} from now on and no longer {}: its networks are those of the"
              + " addresses that failed, and those that the configuration names (pools)",
          after.id(),
          after.pool(),
          WaiverText.networks(after),
          WaiverText.networks(before));
      books.changed(after);
    }
    books.commit();
  }

  /**
   * What a rung accepts, and which rungs there can be, is asked once. After an upgrade or an edit
   * that changed it, the rooms would calculate with what is no longer so.
   */
  private void lookAround(List<OwnChanges.Change> changes) throws HandAwayException {
    Instant now = clock.instant();
    boolean isChanged =
        changes.stream()
            .map(OwnChanges.Change::at)
            .anyMatch(at -> at.isAfter(lookedAround) && !at.isAfter(now));
    if (!isChanged) {
      return;
    }
    lookedAround = now;
    lookAtSurroundings();
  }

  private void lookAtSurroundings() throws HandAwayException {
    Surroundings found = lookout.surroundings();
    // Nothing found is a tool that is just being replaced.
    if (!found.offers().isEmpty() && !found.equals(around)) {
      LOG.info("what this host's TLS accepts has changed, starting anew with it");
      anew.run();
    }
  }

  private void noteOwnChanges(List<OwnChanges.Change> changes) {
    changes.forEach(change -> rooms.isItUs().changed(change.at(), change.what()));
  }

  /** Takes in what other rules of the packet filter mean now, for what is proposed or in force. */
  private void noteRules(Rules rules) {
    rooms.reachable().look(rules.unreachable());
    rooms.banned().look(rules.banned()::overlap);
    rooms.life().reconsider(this::aboutRules).forEach(books::changed);
    Instant now = clock.instant();
    for (Waiver waiver : ledger.live(State::isOnHost)) {
      rooms
          .banned()
          .objection(waiver)
          .ifPresent(banned -> books.changed(rooms.life().end(waiver, now, banned)));
    }
  }

  private List<Objection> aboutRules(Waiver proposal) {
    return Stream.of(rooms.reachable(), rooms.banned(), rooms.postscreen())
        .flatMap(guard -> guard.objection(proposal).stream())
        .toList();
  }

  private void warnOfWaiversInForce() {
    int inForce = ledger.live(State::isOnHost).size();
    if (inForce > 0) {
      LOG.warn(
          "{} waivers from an earlier run are still in force and end by themselves;"
              + " tlswaiver reset removes them now",
          inForce);
    }
  }

  /** Compares the host with what it owes the waivers, and heals what differs. */
  void reconcile() {
    rooms.forgeableLog().look(lookout.forgeableLog());
    if (hand.isApart() && ledger.live(State::isOnHost).isEmpty() && outOfOrder.isEmpty()) {
      return; // It ends where nobody needs it.
    }
    try {
      Sight seen = hand.look();
      List<OwnChanges.Change> changes = seen.changes();
      noteOwnChanges(changes);
      lookAround(changes);
      noteRules(seen.rules());
      compare();
    } catch (HandAwayException away) {
      outOfOrder(StartException.say(away));
    }
  }

  private void compare() throws HandAwayException {
    if (mode != Mode.PRINT && !settling.isWaiting()) {
      try {
        hand.keep();
        Plan plan = hand.plan(desired(ledger.grants()));
        inOrder();
        if (!plan.isEmpty()) {
          LOG.warn("the host differs from the ledger, putting it in order:\n{}", plan.render());
          plan.components().forEach(component -> metrics.drift(component.label()));
          settling.dueIn(Duration.ZERO);
        }
      } catch (HandAwayException away) {
        throw away;
      } catch (HostException failure) {
        outOfOrder("can't compare the host with the ledger: " + failure.getMessage());
      }
    }
  }

  /** Acts on what has settled, once it is written down: prints it, or puts the host in order. */
  void settleIfDue() throws StoreException {
    if (settling.isDue()) {
      if (!books.commit()) {
        settling.dueIn(Duration.ofSeconds(1));
        return;
      }
      settling.end();
      isAwake = false;
      try {
        look();
        if (mode == Mode.PRINT) {
          print();
        } else {
          apply();
        }
      } catch (HandAwayException away) {
        outOfOrder(StartException.say(away));
        settling.dueIn(PAUSE_WITHOUT_HAND);
      }
    } else if (settling.isWaiting() && !isAwake) {
      isAwake = true;
      hand.wake();
    }
  }

  /** What an agent sees of the host with the eyes of another process, it sees when it asks it. */
  private void look() throws HandAwayException {
    Sight seen = hand.look();
    if (hand.isApart()) {
      noteOwnChanges(seen.changes());
      if (!isAcquainted) {
        lookAtSurroundings();
        isAcquainted = true;
      }
    }
    noteRules(seen.rules());
  }

  private Desired desired(Collection<Grant> grants) {
    return desired(ledger, grants);
  }

  /** What a host is to be, by the word of a ledger. */
  static Desired desired(Ledger ledger, Collection<Grant> grants) {
    return Desired.of(
        grants,
        ledger.all().stream()
            .filter(waiver -> waiver.state().isTerminal())
            .map(Waiver::id)
            .toList());
  }

  /** Prints each new proposal, and the plan that would put them all in force. */
  private void print() {
    List<Waiver> proposals = ledger.live(state -> state == State.PROPOSED);
    printed.removeIf(id -> ledger.find(id).isEmpty());
    List<Waiver> unseen = proposals.stream().filter(waiver -> printed.add(waiver.id())).toList();
    if (unseen.isEmpty()) {
      return;
    }
    unseen.forEach(waiver -> out.println(WaiverText.proposal(waiver)));
    Instant now = clock.instant();
    try {
      out.println(hand.plan(desired(grantsWith(proposals, now))).render());
    } catch (HostException failure) {
      LOG.warn("the plan can't be shown: {}", failure.getMessage());
    }
    out.flush();
  }

  /** What the host owes once these proposals are in force, each instead of what it has now. */
  private List<Grant> grantsWith(List<Waiver> proposals, Instant now) {
    Set<Long> replaced = proposals.stream().map(Waiver::id).collect(Collectors.toSet());
    List<Grant> grants =
        ledger.grants().stream()
            .filter(grant -> !replaced.contains(grant.waiver()))
            .collect(Collectors.toCollection(ArrayList::new));
    proposals.forEach(waiver -> grants.add(rooms.life().grant(waiver, now)));
    return grants;
  }

  private void apply() throws StoreException, HandAwayException {
    List<Waiver> proposals =
        ledger.all().stream().filter(Life::awaitsPlan).filter(this::isWanted).toList();
    away = Optional.empty();
    boolean isAskedStill = new Trials(this::tryInForce).putInForce(proposals);
    if (away.isPresent()) {
      throw away.get(); // Nothing is wrong with any of them; they are tried again.
    }
    if (isAskedStill) {
      // It was sent where it was asked, and has failed: it goes back to the public service.
      tryInForce(List.of());
    }
    settling.end();
    // If this fails, the host has what the plan said, and elements time out by themselves.
    books.commit();
  }

  /** Puts proposals in force in one plan. */
  private Trials.Outcome tryInForce(List<Waiver> proposals) {
    Instant start = clock.instant();
    try {
      Done done = hand.apply(desired(grantsWith(proposals, start)));
      proposals.stream()
          .filter(waiver -> !done.refused().containsKey(waiver.id()))
          .forEach(waiver -> books.changed(rooms.life().activate(waiver, start)));
      done.refused().forEach(this::refused);
      Instant now = clock.instant();
      inOrder();
      if (!done.plan().isEmpty()) {
        metrics.applied(Duration.between(start, now));
      }
      return Trials.Outcome.DONE;
    } catch (HandAwayException gone) {
      away = Optional.of(gone);
      return new Trials.Outcome(Trials.MOST_COST, waiver -> {});
    } catch (RejectedException rejected) {
      metrics.applyFailed(rejected.stage().label());
      return failed(Trials.REJECTED, "rejected, nothing was changed", rejected);
    } catch (RolledBackException undone) {
      metrics.applyFailed(undone.stage().label());
      metrics.rolledBack(undone.stage().label());
      books.notice(Notice.rolledBack("rolled back: " + undone.getMessage(), start));
      rooms
          .paused()
          .pauseUntil(
              start.plus(PAUSE_AFTER_ROLLBACK), "a plan was rolled back: " + undone.getMessage());
      rooms.pipeline().tried(start, clock.instant());
      return failed(Trials.UNDONE, "rolled back", undone);
    } catch (HostException failure) {
      metrics.applyFailed("plan");
      return failed(Trials.REJECTED, "no plan could be made", failure);
    }
  }

  /** It is not on the host, whatever it was before. */
  private void refused(long id, String why) {
    ledger
        .find(id)
        .filter(waiver -> !waiver.state().isTerminal())
        .ifPresent(
            waiver ->
                books.changed(
                    rooms
                        .life()
                        .end(waiver, clock.instant(), new Objection(GuardName.LIMITS, why))));
  }

  /** A peer that was asked was approved before. */
  private boolean isWanted(Waiver waiver) {
    boolean isBelieved = rooms.forgeableLog().objection(waiver).isEmpty();
    return (mode == Mode.APPLY && isBelieved)
        || waiver.state() == State.DIAGNOSING
        || rooms.approvals().hold(waiver);
  }

  private Trials.Outcome failed(int cost, String how, HostException failure) {
    String why = how + ": " + failure.getMessage();
    outOfOrder("plan " + why);
    return new Trials.Outcome(
        cost, waiver -> books.changed(rooms.life().fail(waiver, clock.instant(), why)));
  }

  /** Acts at once. */
  void settleNow() throws StoreException {
    settling.dueIn(Duration.ZERO);
    settleIfDue();
  }

  private void inOrder() {
    compared = Optional.of(clock.instant());
    outOfOrder = Optional.empty();
    metrics.compared(clock.instant());
  }

  private void outOfOrder(String what) {
    LOG.error(what);
    outOfOrder = Optional.of(clock.instant());
  }

  /** Since when the host is known to be what the ledger says. */
  Optional<Instant> compared() {
    return compared;
  }

  /** When it could not be made so; the log has what kept it. */
  Optional<Instant> outOfOrderAt() {
    return outOfOrder;
  }
}
