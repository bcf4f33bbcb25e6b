package dev.tlswaiver.agent;

import dev.tlswaiver.actuator.Actuator;
import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Plan;
import dev.tlswaiver.actuator.Redirect;
import dev.tlswaiver.actuator.RejectedException;
import dev.tlswaiver.actuator.RolledBackException;
import dev.tlswaiver.actuator.postfix.OwnChanges;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.control.ControlSocket.Reply;
import dev.tlswaiver.control.StartException;
import dev.tlswaiver.guard.Alarms;
import dev.tlswaiver.guard.LastSeen;
import dev.tlswaiver.guard.Pause;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Delivery;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Observation.Neighbours;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.judge.Effect;
import dev.tlswaiver.judge.Pipeline;
import dev.tlswaiver.judge.Policy;
import dev.tlswaiver.judge.Rooms;
import dev.tlswaiver.judge.Surroundings;
import dev.tlswaiver.maillog.SmtpdRecord;
import dev.tlswaiver.maillog.SyslogMessage;
import dev.tlswaiver.maillog.UnreadableLineException;
import dev.tlswaiver.notify.Notice;
import dev.tlswaiver.notify.Outbox;
import dev.tlswaiver.notify.Topic;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.report.Listing;
import dev.tlswaiver.report.Situation;
import dev.tlswaiver.report.Story;
import dev.tlswaiver.report.WaiverText;
import dev.tlswaiver.rule.Finding;
import dev.tlswaiver.source.Cursor;
import dev.tlswaiver.source.Gap;
import dev.tlswaiver.source.LogLine;
import dev.tlswaiver.status.Board;
import dev.tlswaiver.status.Metrics;
import dev.tlswaiver.status.Snapshot;
import dev.tlswaiver.status.Trend;
import dev.tlswaiver.store.DamagedLedger;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.store.StoreException;
import dev.tlswaiver.store.Totals;
import dev.tlswaiver.waiver.Grant;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Life;
import dev.tlswaiver.waiver.Lookups;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.RedirectWatch;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Success;
import dev.tlswaiver.waiver.Waiver;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the thinking thread does: feeds lines to the rooms, keeps the ledger on disk, and puts the
 * host in order after a burst of changes has settled. Used by the thinking thread only; {@link
 * Service} owns the threads around it.
 */
final class Agent implements Effect.Visitor {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
  private static final Duration PAUSE_AFTER_ROLLBACK = Duration.ofHours(1);
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(1);

  /** What says something about a failure in the longest window may be so much older. */
  private static final Duration BESIDE = Duration.ofDays(1);

  private final Configuration configuration;
  private final Store store;
  private final Actuator actuator;
  private final Reconciler reconciler;
  private final Metrics metrics;
  private final InstantSource clock;
  private final Lookout lookout;
  private final PrintStream out;
  private final Mode mode;
  private final Optional<DamagedLedger> damaged;

  private final Ledger ledger;
  private final Rooms rooms;
  private final Recorder recorder;
  private final Outbox outbox;
  private final Quarantine quarantine = new Quarantine();
  private final LogClock logClock = new LogClock();
  private final Map<Long, Told> told = new HashMap<>();
  private final Map<Long, Instant> decidedBy = new HashMap<>();
  private final Set<Long> printed = new HashSet<>();
  private final RedirectWatch redirects;
  private final Board board = new Board();
  private final Trend trend;
  private Totals totals;
  private final Surroundings around;
  private Instant lookedAround;
  private Instant lineRead;
  private boolean hasRead;
  private long gaps;
  private Optional<Instant> compared = Optional.empty();
  private Optional<String> trouble = Optional.empty();
  private Optional<Instant> settled = Optional.empty();
  private boolean isReconciled;
  private boolean isUnwritable;

  private Reader reader;

  /** Takes no notice until there is somebody who does. */
  private Predicate<Notice> courier = notice -> false;

  /** Asks nobody until there is somebody to ask. */
  private Predicate<Lookups.Question> resolver = question -> false;

  private boolean isLookingUp;

  private Runnable anew = () -> {};

  /** What was said of a waiver last, to see what of it is news. */
  private record Told(State state, int steps) {
    static Told of(Waiver waiver) {
      return new Told(waiver.state(), waiver.history().size());
    }
  }

  /** Reads lines, so that they can be judged. */
  @FunctionalInterface
  interface Reader {
    Pipeline.Reading read(String line, Instant reference);
  }

  /** What happens to a proposal. */
  enum Mode {
    /** It is printed with its plan. */
    PRINT,
    /** It waits for the operator's word. */
    WAIT,
    /** It is applied. */
    APPLY
  }

  /**
   * @param damaged the ledger that was set aside, for which the operator is to be asked first
   */
  Agent(
      Configuration configuration,
      Mode mode,
      Optional<DamagedLedger> damaged,
      Store store,
      Actuator actuator,
      Surroundings around,
      Metrics metrics,
      InstantSource clock,
      Lookout lookout,
      PrintStream out)
      throws StoreException {
    this.configuration = configuration;
    this.mode = mode;
    this.damaged = damaged;
    this.store = store;
    this.actuator = actuator;
    this.reconciler = new Reconciler(actuator, clock);
    this.metrics = metrics;
    this.clock = clock;
    this.lookout = lookout;
    this.out = out;
    this.totals = store.totals();
    this.around = around;
    this.lookedAround = clock.instant();
    this.lineRead = lookedAround;
    this.trend = new Trend(lineRead);
    this.ledger = new Ledger(store.waivers());
    this.rooms = Rooms.furnish(configuration.policy(), ledger, around, store.hash());
    this.reader = rooms.pipeline()::read;
    rooms.forgeableLog().look(lookout.forgeableLog());
    this.redirects = new RedirectWatch(ledger, lookedAround);
    this.outbox =
        new Outbox(configuration.notices().hasWay() ? topics(configuration.notices()) : Set.of());
    Rooms.Noted unsent = new Rooms.Noted("notify", outbox.notes(), outbox::restore);
    Rooms.Noted setAside =
        new Rooms.Noted(Quarantine.NAME, quarantine.notes(), quarantine::restore);
    this.recorder = new Recorder(store, rooms, List.of(unsent, setAside), clock);
    store.eachNote(unsent.whose(), unsent.restore());
    store.eachNote(setAside.whose(), setAside.restore());
    recall();
  }

  private static Set<Topic> topics(Configuration.NotifySettings settings) {
    Set<Topic> topics = new HashSet<>(settings.on());
    if (settings.dailySummary().isPresent()) {
      topics.add(Topic.SUMMARY);
    }
    return topics;
  }

  /** Who takes notices; to be said before the first line. */
  void tellThrough(Predicate<Notice> taker) {
    courier = taker;
  }

  /**
   * Who takes questions about the neighbours of those who failed; to be said before the first line.
   */
  void lookUpThrough(Predicate<Lookups.Question> taker) {
    resolver = taker;
  }

  /** Puts something around the reading of lines, that fails as a test wants it. */
  void readThrough(UnaryOperator<Reader> around) {
    reader = around.apply(reader);
  }

  /** What ends this agent, so that another one begins in its place. */
  void startAnewThrough(Runnable beginning) {
    anew = beginning;
  }

  /** A notice has been delivered: it is not told again, after a restart neither. */
  void delivered(String id) throws StoreException {
    outbox.delivered(id);
    commit();
  }

  private void notice(Notice notice) {
    for (int dropped = outbox.add(notice); dropped > 0; dropped--) {
      metrics.notificationDropped();
    }
  }

  /** Tells how the last day was. */
  void summarize() throws StoreException {
    Instant now = clock.instant();
    notice(Summary.of(ledger.all(), totals, situation(), now));
    commit();
  }

  private void recall() throws StoreException {
    ledger.all().forEach(waiver -> told.put(waiver.id(), Told.of(waiver)));
    Instant now = clock.instant();
    Recall.into(
        rooms,
        store,
        now.minus(configuration.guards().strongTlsMemory()),
        now.minus(evidenceKept()),
        failure -> trend.observe(failure, now));
    metrics.ledger(ledger.all(), configuration.guards().mostWaivers());
  }

  private Duration evidenceKept() {
    return configuration.rules().stream()
        .map(Policy.RuleSettings::within)
        .max(Duration::compareTo)
        .orElse(Duration.ZERO)
        .plus(BESIDE);
  }

  /** Puts the host in order after whatever an earlier run left, before the first line is read. */
  void begin() throws HostException, StoreException {
    endAllIfClockWentBack();
    noteOwnChanges(lookout.ownChanges());
    lookout
        .forgeableLog()
        .ifPresent(why -> LOG.warn("waivers wait for tlswaiver approve: {}", why));
    if (mode == Mode.PRINT) {
      noteRules();
      warnOfWaiversInForce();
    } else {
      coverWhatIsOnRecord();
      actuator
          .recover()
          .ifPresent(
              what -> {
                LOG.warn("recovered: {}", what);
                metrics.rolledBack("recover");
                notice(Notice.rolledBack("recovered: " + what, clock.instant()));
              });
      settled = Optional.of(clock.instant());
      settleIfDue();
      actuator.prepare();
    }
    isReconciled = true;
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
      changed(after);
    }
    commit();
  }

  private void endAllIfClockWentBack() throws StoreException {
    Instant now = clock.instant();
    Optional<Instant> later = store.clock().filter(then -> then.isAfter(now.plus(CLOCK_SKEW)));
    if (later.isPresent()) {
      String why = "the clock went back from " + later.get() + " to " + now;
      LOG.warn("{}: what is in force ends, since nobody knows how long it has been", why);
      rooms.life().endAll(now, why).forEach(this::changed);
      commit();
    }
  }

  /**
   * What a rung accepts, and which rungs there can be, is asked once. After an upgrade or an edit
   * that changed it, the rooms would calculate with what is no longer so.
   */
  private void lookAround(List<OwnChanges.Change> changes) {
    Instant now = clock.instant();
    boolean isChanged =
        changes.stream()
            .map(OwnChanges.Change::at)
            .anyMatch(at -> at.isAfter(lookedAround) && !at.isAfter(now));
    if (!isChanged) {
      return;
    }
    lookedAround = now;
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
  private void noteRules() {
    Lookout.Rules rules = lookout.rules();
    rooms.reachable().look(rules.unreachable());
    rooms.banned().look(rules.isBanned());
    rooms.life().reconsider(this::aboutRules).forEach(this::changed);
    Instant now = clock.instant();
    for (Waiver waiver : ledger.live(State::isOnHost)) {
      rooms
          .banned()
          .objection(waiver)
          .ifPresent(banned -> changed(rooms.life().end(waiver, now, banned)));
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

  boolean isReconciled() {
    return isReconciled;
  }

  /** A log that was not followed before is followed from this place on. */
  void begun(Cursor place) throws StoreException {
    recorder.moveTo(place::text);
    commit();
  }

  /** One line of the log. */
  void line(LogLine line) throws StoreException {
    // Before anything can go wrong: a restart must not meet a line again that ended the agent.
    recorder.moveTo(line.cursor()::text);
    forgetWithTheLedger();
    lineRead = line.read();
    hasRead = true;
    try {
      Pipeline.Reading reading = reader.read(line.text(), line.read());
      reading
          .message()
          .flatMap(SyslogMessage::time)
          .flatMap(time -> logClock.see(time, line.read()))
          .ifPresent(Agent::sayClocksDiffer);
      count(reading);
      act(rooms.pipeline().judge(reading, line.read()));
    } catch (UnreadableLineException unreadable) {
      setAside(line, unreadable);
    }
    if (recorder.isUrgent() && !isUnwritable) {
      commit();
    }
  }

  private static void sayClocksDiffer(Duration ahead) {
    LOG.warn(
        "the lines of the log are {} minutes {} of the clock: its time zone is not this machine's,"
            + " or one of the clocks is wrong",
        ahead.abs().toMinutes(),
        ahead.isNegative() ? "behind" : "ahead");
  }

  private void setAside(LogLine line, UnreadableLineException unreadable) {
    metrics.line(Metrics.Line.QUARANTINED, lineRead);
    if (quarantine.setAside(unreadable.kind(), line.text(), line.read())) {
      LOG.warn(
          "a line of the log can't be read ({}) and is set aside, reading goes on behind it; others"
              + " of this kind are only counted; tlswaiver support has the last of them",
          unreadable.kind());
      recorder.hurry();
    }
    if (unreadable.getCause() instanceof LinkageError broken) {
      // A class that could not be made ready when it was needed is never made ready again.
      throw broken;
    }
  }

  /**
   * What the ledger forgot does not change again. Between two lines: what a line has changed may be
   * told when the ledger has forgotten it already.
   */
  private void forgetWithTheLedger() {
    if (told.size() > ledger.size()) {
      Stream.of(told.keySet(), decidedBy.keySet(), printed)
          .forEach(ids -> ids.removeIf(id -> ledger.find(id).isEmpty()));
    }
  }

  /** Lines may be missing here. */
  void gap(Gap gap) {
    countGap(gap);
    rooms.pipeline().gap(clock.instant());
  }

  private void countGap(Gap gap) {
    metrics.gap(gap.label());
    gaps++;
  }

  /** A second has passed: ends what is due, and writes down what was seen and how far. */
  void tick() throws StoreException {
    Instant now = clock.instant();
    rooms.life().due(now).forEach(this::changed);
    endBrokenRedirects(now);
    act(rooms.pipeline().tick(now));
    outbox.tick(now);
    boolean isWatched = !ledger.live(State::isOnHost).isEmpty();
    if (isWatched) {
      recorder.noteTime(CLOCK_SKEW);
    }
    if (commit() && !isLookingUp) {
      isLookingUp = rooms.lookups().next(now).filter(resolver).isPresent();
    }
    countMemories(now);
    board.post(snapshot(now));
    metrics.ticked(now);
  }

  private void countMemories(Instant now) {
    Instant start = now.minus(configuration.guards().strongTlsMemory());
    rooms
        .memories()
        .forEach(
            (memory, seen) ->
                metrics.memory(
                    memory,
                    seen.size(),
                    seen.loss().map(LastSeen.Loss::count).orElse(0L),
                    seen.lossSince(start).map(LastSeen.Loss::since)));
  }

  /** A question that was taken is answered. */
  void lookedUp(Lookups.Question question, List<Peer> peers, boolean isComplete) {
    isLookingUp = false;
    metrics.lookedUp(isComplete);
    act(
        rooms
            .pipeline()
            .lookedUp(
                new Neighbours(
                    Optional.of(clock.instant()),
                    question.pool(),
                    question.block(),
                    peers,
                    isComplete)));
  }

  /** Evidence beats what the rules of the packet filter seem to say, also for who comes next. */
  private void endBrokenRedirects(Instant now) {
    if (mode == Mode.PRINT || configuration.redirect().backend() == Redirect.NONE) {
      return;
    }
    redirects
        .broken(now)
        .forEach(
            (waiver, why) -> {
              String words = why + "; tlswaiver doctor looks at what may be in its way";
              rooms.reachable().failed(waiver.pool(), now, words);
              changed(rooms.life().end(waiver, now, new Objection(GuardName.REACHABLE, words)));
            });
  }

  /** Compares the host with what it owes the waivers, and heals what differs. */
  void reconcile() {
    List<OwnChanges.Change> changes = lookout.ownChanges();
    noteOwnChanges(changes);
    rooms.forgeableLog().look(lookout.forgeableLog());
    lookAround(changes);
    noteRules();
    if (mode != Mode.PRINT && settled.isEmpty()) {
      try {
        actuator.keep();
        Plan plan = reconciler.plan(ledger.grants());
        inOrder();
        if (!plan.isEmpty()) {
          LOG.warn("the host differs from the ledger, putting it in order:\n{}", plan.render());
          plan.components().forEach(component -> metrics.drift(component.label()));
          settled = Optional.of(clock.instant());
        }
      } catch (HostException failure) {
        outOfOrder("can't compare the host with the ledger: " + failure.getMessage());
      }
    }
  }

  /** Forgets evidence that nothing reaches any more. */
  void prune() throws StoreException {
    Instant now = clock.instant();
    store.prune(
        now.minus(evidenceKept()), now.minus(configuration.guards().strongTlsMemory()), now);
  }

  private void act(List<Effect> effects) {
    effects.forEach(effect -> effect.accept(this));
  }

  private void count(Pipeline.Reading reading) {
    metrics.line(
        reading
            .sentence()
            .map(
                known ->
                    known instanceof SmtpdRecord.Unrecognized
                        ? Metrics.Line.UNRECOGNIZED
                        : Metrics.Line.RECOGNIZED)
            .orElse(Metrics.Line.FOREIGN),
        lineRead);
    if (reading.tellsGap()) {
      countGap(Gap.SUPPRESSED);
    }
  }

  @Override
  public void observed(Observation observation, Optional<Pool> pool) {
    Instant time = observation.time().orElse(lineRead);
    if (observation instanceof Handshake handshake) {
      metrics.handshake(handshake);
      trend.observe(handshake, lineRead);
      boolean hasFailed = handshake.outcome() instanceof Failed;
      totals = totals.plus(hasFailed, time);
      recorder.count(totals);
    }
    pool.ifPresent(known -> recorder.observed(observation, known));
    redirects.observe(observation, time);
    if (observation instanceof Delivery delivery && delivery.service().rungLabel().isPresent()) {
      metrics.messageRescued();
    }
  }

  @Override
  public void alarmed(Alarms.Alarm alarm) {
    LOG.error(
        "alarm {} {}{}",
        alarm.objection().guard().label(),
        alarm.pool().map(pool -> "pool=" + pool + " ").orElse(""),
        alarm.objection().text());
    metrics.alarm(true);
    notice(Notice.of(alarm));
  }

  @Override
  public void heldBack() {
    metrics.alarm(false);
  }

  @Override
  public void found(Finding finding) {
    metrics.finding(finding.rule());
  }

  @Override
  public void kept(Waiver waiver, Peer peer) {
    metrics.strictSuccessKept();
    if (!Success.isMarked(waiver)) {
      LOG.warn(
          "waiver {} pool={}: {} meets the strict terms now, and stays since you granted it"
              + " knowingly; tlswaiver revoke {} ends it; others like this are only counted",
          waiver.id(),
          waiver.pool(),
          peer.address().map(IpAddress::toString).orElse("a host"),
          waiver.id());
    }
  }

  @Override
  public void fellBack(Pool pool) {
    metrics.plaintextAfterFailure();
  }

  @Override
  public void changed(Waiver waiver) {
    recorder.changed(waiver);
    Told now = Told.of(waiver);
    Optional<Told> known = Optional.ofNullable(told.put(waiver.id(), now));
    Optional<State> before = known.map(Told::state);
    if (before.filter(state -> state == waiver.state()).isEmpty()) {
      recorder.hurry();
      tell(before, waiver);
    } else if (known.filter(last -> last.steps() != now.steps()).isPresent()) {
      LOG.info(WaiverText.transition(before, waiver));
    }
    // A waiver that grew and one that ended are the host's business as well as a new one.
    boolean concernsHost =
        waiver.state() == State.PROPOSED
            || waiver.state().isOnHost()
            || before.filter(State::isOnHost).isPresent();
    if (concernsHost && settled.isEmpty()) {
      settled = Optional.of(clock.instant().plus(configuration.settle()));
    }
    metrics.ledger(ledger.all(), configuration.guards().mostWaivers());
  }

  private void tell(Optional<State> before, Waiver waiver) {
    LOG.info(WaiverText.transition(before, waiver));
    metrics.transition(waiver.state());
    Topic.of(waiver.state())
        .ifPresent(topic -> notice(Notice.of(topic, before, waiver, clock.instant())));
    if (waiver.state() == State.REFUSED) {
      waiver.objections().stream().map(Objection::guard).forEach(metrics::objection);
    }
    if (waiver.state() == State.PROPOSED) {
      decidedBy.put(waiver.id(), lineRead);
    }
  }

  /** How long the thinking thread may wait for a task before {@link #settleIfDue} has work. */
  Duration untilSettled() {
    return settled
        .map(time -> Duration.between(clock.instant(), time))
        .filter(wait -> wait.compareTo(Duration.ofSeconds(1)) < 0)
        .orElse(Duration.ofSeconds(1));
  }

  /** Acts on what has settled, once it is written down: prints it, or puts the host in order. */
  void settleIfDue() throws StoreException {
    if (settled.filter(time -> !time.isAfter(clock.instant())).isPresent()) {
      if (!commit()) {
        settled = Optional.of(clock.instant().plusSeconds(1));
        return;
      }
      settled = Optional.empty();
      if (mode == Mode.PRINT) {
        print();
      } else {
        apply();
      }
    }
  }

  /** Prints each new proposal, and the plan that would put them all in force. */
  private void print() {
    List<Waiver> proposals = ledger.live(state -> state == State.PROPOSED);
    List<Waiver> unseen = proposals.stream().filter(waiver -> printed.add(waiver.id())).toList();
    if (unseen.isEmpty()) {
      return;
    }
    unseen.forEach(waiver -> out.println(WaiverText.proposal(waiver)));
    Instant now = clock.instant();
    try {
      out.println(reconciler.plan(grantsWith(proposals, now)).render());
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

  private void apply() throws StoreException {
    noteRules();
    List<Waiver> proposals =
        ledger.all().stream().filter(Life::awaitsPlan).filter(this::isWanted).toList();
    boolean isAskedStill = new Trials(this::tryInForce).putInForce(proposals);
    if (isAskedStill) {
      // It was sent where it was asked, and has failed: it goes back to the public service.
      tryInForce(List.of());
    }
    settled = Optional.empty();
    // If this fails, the host has what the plan said, and elements time out by themselves.
    commit();
  }

  /** Puts proposals in force in one plan. */
  private Trials.Outcome tryInForce(List<Waiver> proposals) {
    Instant start = clock.instant();
    try {
      Plan applied = reconciler.reconcile(grantsWith(proposals, start));
      proposals.forEach(waiver -> changed(rooms.life().activate(waiver, start)));
      Instant now = clock.instant();
      inOrder();
      if (!applied.isEmpty()) {
        metrics.applied(Duration.between(start, now));
      }
      proposals.forEach(
          waiver ->
              Optional.ofNullable(decidedBy.remove(waiver.id()))
                  .ifPresent(read -> metrics.reacted(Duration.between(read, now))));
      return Trials.Outcome.DONE;
    } catch (RejectedException rejected) {
      metrics.applyFailed(rejected.stage().label());
      return failed(Trials.REJECTED, "rejected, nothing was changed", rejected);
    } catch (RolledBackException undone) {
      metrics.applyFailed(undone.stage().label());
      metrics.rolledBack(undone.stage().label());
      notice(Notice.rolledBack("rolled back: " + undone.getMessage(), start));
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
        cost, waiver -> changed(rooms.life().fail(waiver, clock.instant(), why)));
  }

  /** Takes back a waiver by its id, its pool's name or one of its addresses. */
  Reply revoke(String target) throws StoreException, StartException {
    Waiver waiver = Targets.require(ledger, target);
    Waiver ended = rooms.life().revoke(waiver, clock.instant(), "revoked by the operator");
    changed(ended);
    commit();
    if (waiver.state().isOnHost()) {
      settleNow();
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
    Waiver said = rooms.life().approve(waiver, clock.instant());
    changed(said);
    return putInForce(said);
  }

  /** Grants what the operator wishes, if no guard objects that he does not, or can't, overrule. */
  Reply grant(Grants.Wish wish) throws StoreException, StartException {
    requireActing();
    commit();
    Instant now = clock.instant();
    Grants.Admitted admitted;
    try {
      admitted = new Grants(configuration, rooms, ledger, store).judge(wish, now);
    } catch (RefusedException refused) {
      return new Reply(1, StartException.say(refused), words(refused.objections()));
    }
    for (Waiver old : admitted.replaced()) {
      changed(rooms.life().revoke(old, now, "the operator's grant takes its place"));
    }
    Waiver waiver = rooms.life().propose(admitted.draft(), admitted.objections());
    changed(waiver);
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
    settleNow();
    Waiver after = ledger.find(waiver.id()).orElseThrow();
    return new Reply(
        after.state().isOnHost() ? 0 : 1,
        WaiverText.transition(Optional.of(State.PROPOSED), after));
  }

  private void settleNow() throws StoreException {
    settled = Optional.of(clock.instant());
    settleIfDue();
  }

  /** Grants nothing new for a while, over restarts too. */
  Reply pause(Duration length) throws StoreException {
    Instant until = clock.instant().truncatedTo(ChronoUnit.SECONDS).plus(length);
    Pause pause = new Pause(until, "paused by the operator");
    store.setPause(Optional.of(pause));
    rooms.paused().pause(pause);
    LOG.info("pause until={}", until);
    return new Reply(0, "no new waivers until " + until + "; those in force stay");
  }

  /** Ends a pause, and the care after a damaged ledger. */
  Reply resume() throws IOException {
    List<String> ended = new ArrayList<>();
    rooms
        .paused()
        .pause(clock.instant())
        .ifPresent(pause -> ended.add("the pause until " + pause.until() + " has ended"));
    rooms.paused().resume();
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
    commit();
    return new Stories(configuration, rooms, ledger, store, situation())
        .find(target, clock.instant());
  }

  /** The ledger at a glance. */
  Listing list(boolean all) {
    return new Listing(
        totals.handshakes(),
        totals.failed(),
        totals.since(),
        Listing.shown(ledger.all(), all),
        situation());
  }

  /** Where others may see how things are. */
  Board board() {
    return board;
  }

  private Snapshot snapshot(Instant now) {
    return Snapshot.of(
        now,
        situation(),
        ledger.all(),
        configuration.guards().mostWaivers(),
        trend.counts(now),
        new Snapshot.Health(
            hasRead ? Optional.of(lineRead) : Optional.empty(),
            gaps,
            compared,
            trouble,
            !isUnwritable));
  }

  private void inOrder() {
    compared = Optional.of(clock.instant());
    trouble = Optional.empty();
    metrics.compared(clock.instant());
  }

  private void outOfOrder(String what) {
    LOG.error(what);
    trouble = Optional.of(clock.instant().truncatedTo(ChronoUnit.SECONDS) + ": " + what);
  }

  /** Of how many waivers it remembers what it said. */
  int told() {
    return told.size();
  }

  /** Whether it changes nothing because a ledger was damaged. */
  boolean isSafe() {
    return damaged.isPresent();
  }

  private Situation situation() {
    return new Situation(
        true,
        mode == Mode.PRINT ? "observe" : configuration.mode().label(),
        rooms.paused().pause(clock.instant()),
        damaged.map(DamagedLedger::words));
  }

  /**
   * Writes down what was seen and decided. A full disk is waited for: nothing is acted on
   * meanwhile, and the place in the log stays behind what could not be written.
   *
   * @return whether it is written
   */
  private boolean commit() throws StoreException {
    try {
      recorder.commit();
    } catch (StoreException failure) {
      if (recorder.isFull()) {
        throw failure;
      }
      if (!isUnwritable) {
        LOG.error("{}; nothing is acted on until it can be written", failure.getMessage());
      }
      isUnwritable = true;
      metrics.ledgerWritable(false);
      return false;
    }
    if (isUnwritable) {
      LOG.info("the ledger is written again");
      isUnwritable = false;
    }
    metrics.ledgerWritable(true);
    // What is not written down yet would be told again after a kill.
    outbox.handOver(courier);
    return true;
  }

  /**
   * Writes down what can be, when something failed that ends the agent: each row is whole, and the
   * place is behind the line that was read last.
   */
  void salvage() throws StoreException {
    if (!isUnwritable) {
      recorder.commit();
    }
  }

  /** Writes down what is left. */
  void end() throws StoreException {
    commit();
  }
}
