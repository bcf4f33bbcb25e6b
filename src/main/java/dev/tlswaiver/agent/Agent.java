package dev.tlswaiver.agent;

import dev.tlswaiver.actuator.Actuator;
import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Plan;
import dev.tlswaiver.actuator.RejectedException;
import dev.tlswaiver.actuator.RolledBackException;
import dev.tlswaiver.guard.Guards;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Delivery;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.maillog.SmtpdRecord;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.report.WaiverText;
import dev.tlswaiver.rule.Finding;
import dev.tlswaiver.source.Gap;
import dev.tlswaiver.source.LogLine;
import dev.tlswaiver.status.Metrics;
import dev.tlswaiver.store.Batch;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.store.StoreException;
import dev.tlswaiver.store.Totals;
import dev.tlswaiver.waiver.Grant;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the thinking thread does: feeds lines to the rooms, keeps the ledger on disk, and puts the
 * host in order after a burst of changes has settled. Used by the thinking thread only; {@link
 * Service} owns the threads around it.
 */
final class Agent implements Pipeline.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
  private static final Duration PAUSE_AFTER_ROLLBACK = Duration.ofHours(1);

  private final Configuration configuration;
  private final Store store;
  private final Actuator actuator;
  private final Reconciler reconciler;
  private final Metrics metrics;
  private final InstantSource clock;
  private final PrintStream out;
  private final Mode mode;

  private final Ledger ledger;
  private final Rooms rooms;
  private final Map<Long, State> told = new HashMap<>();
  private final Map<Long, Instant> decidedBy = new HashMap<>();
  private final Set<Long> printed = new HashSet<>();
  private final Set<Long> approved = new HashSet<>();
  private Batch batch = new Batch();
  private Totals totals;
  private Instant lineRead;
  private Optional<Instant> settled = Optional.empty();
  private boolean isReconciled;

  /** What happens to a proposal. */
  enum Mode {
    /** It is printed with its plan. */
    PRINT,
    /** It waits for the operator's word. */
    WAIT,
    /** It is applied. */
    APPLY
  }

  Agent(
      Configuration configuration,
      Mode mode,
      Store store,
      Actuator actuator,
      Map<Rung, String> impossible,
      Metrics metrics,
      InstantSource clock,
      PrintStream out)
      throws StoreException {
    this.configuration = configuration;
    this.mode = mode;
    this.store = store;
    this.actuator = actuator;
    this.reconciler = new Reconciler(actuator, clock);
    this.metrics = metrics;
    this.clock = clock;
    this.out = out;
    this.totals = store.totals();
    this.lineRead = clock.instant();
    this.ledger = new Ledger(store.waivers());
    this.rooms = Rooms.furnish(configuration, ledger, impossible, ZoneId.systemDefault(), this);
    recall();
  }

  private void recall() throws StoreException {
    ledger.all().forEach(waiver -> told.put(waiver.id(), waiver.state()));
    Instant now = clock.instant();
    store.strongSince(
        now.minus(configuration.guards().strongTlsMemory()), rooms.strong()::remember);
    store.failuresSince(now.minus(longestWindow()), rooms.pipeline()::recall);
    metrics.ledger(ledger.all(), configuration.guards().mostWaivers());
  }

  private Duration longestWindow() {
    return configuration.rules().stream()
        .map(Configuration.RuleSettings::within)
        .max(Duration::compareTo)
        .orElse(Duration.ZERO);
  }

  /** Puts the host in order after whatever an earlier run left, before the first line is read. */
  void begin() throws HostException, StoreException {
    if (mode == Mode.PRINT) {
      warnOfWaiversInForce();
    } else {
      actuator
          .recover()
          .ifPresent(
              what -> {
                LOG.warn("recovered: {}", what);
                metrics.rolledBack("recover");
              });
      settled = Optional.of(clock.instant());
      settleIfDue();
      actuator.prepare();
    }
    isReconciled = true;
  }

  private void warnOfWaiversInForce() {
    int inForce = ledger.in(State::isInForce).size();
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

  /** One line of the log. */
  void line(LogLine line) throws StoreException {
    lineRead = line.read();
    rooms.pipeline().accept(line.text(), line.read());
    batch.moveTo(line.cursor().text());
    if (batch.isUrgent()) {
      commit();
    }
  }

  /** Lines may be missing here. */
  void gap(Gap gap) {
    metrics.gap(gap.label());
  }

  /** A second has passed: ends what is due, and writes down what was seen and how far. */
  void tick() throws StoreException {
    rooms.life().due(clock.instant()).forEach(this::changed);
    commit();
  }

  /** Compares the host with what it owes the waivers, and heals what differs. */
  void reconcile() {
    if (mode != Mode.PRINT && settled.isEmpty()) {
      try {
        Plan plan = reconciler.plan(ledger.grants());
        if (!plan.isEmpty()) {
          LOG.warn("the host differs from the ledger, putting it in order:\n{}", plan.render());
          metrics.drift();
          settled = Optional.of(clock.instant());
        }
      } catch (HostException failure) {
        LOG.error("can't compare the host with the ledger: {}", failure.getMessage());
      }
    }
  }

  /** Forgets evidence that nothing reaches any more. */
  void prune() throws StoreException {
    Instant now = clock.instant();
    store.prune(now.minus(longestWindow()), now.minus(configuration.guards().strongTlsMemory()));
  }

  @Override
  public void parsed(Optional<SmtpdRecord> sentence) {
    metrics.line(
        sentence
            .map(
                known ->
                    known instanceof SmtpdRecord.Unrecognized
                        ? Metrics.Line.UNRECOGNIZED
                        : Metrics.Line.RECOGNIZED)
            .orElse(Metrics.Line.FOREIGN),
        lineRead);
  }

  @Override
  public void linesMissing() {
    gap(Gap.SUPPRESSED);
  }

  @Override
  public void observed(Observation observation, Optional<Pool> pool) {
    Instant time = observation.time().orElse(lineRead);
    if (observation instanceof Handshake handshake) {
      metrics.handshake(handshake);
      boolean hasFailed = handshake.outcome() instanceof Failed;
      totals = totals.plus(hasFailed, time);
      batch.count(totals);
      boolean isStrict = handshake.service().facesMx() && handshake.service().rungLabel().isEmpty();
      if (hasFailed && isStrict) {
        batch.addFailure(handshake);
      }
      if (isStrict && handshake.outcome() instanceof Completed) {
        pool.ifPresent(known -> batch.addStrong(known.id(), time));
        handshake.peer().address().ifPresent(ip -> batch.addStrong(ip.toString(), time));
      }
    }
    if (observation instanceof Delivery delivery && delivery.service().rungLabel().isPresent()) {
      metrics.messageRescued();
    }
    if (observation instanceof Observation.OwnFault fault) {
      LOG.warn("Postfix complains about its own configuration: {}", fault.text());
    }
  }

  @Override
  public void found(Finding finding) {
    metrics.finding(finding.rule());
  }

  @Override
  public void fellBack(Pool pool) {
    metrics.plaintextAfterFailure();
  }

  @Override
  public void changed(Waiver waiver) {
    batch.add(waiver);
    Optional<State> before = Optional.ofNullable(told.put(waiver.id(), waiver.state()));
    if (before.filter(state -> state == waiver.state()).isEmpty()) {
      batch.hurry();
      tell(before, waiver);
    }
    // A waiver that grew and one that ended are the host's business as well as a new one.
    boolean concernsHost =
        waiver.state() == State.PROPOSED
            || waiver.state() == State.ACTIVE
            || waiver.state() == State.PROVEN
            || before.filter(State::isInForce).isPresent();
    if (concernsHost && settled.isEmpty()) {
      settled = Optional.of(clock.instant().plus(configuration.settle()));
    }
    metrics.ledger(ledger.all(), configuration.guards().mostWaivers());
  }

  private void tell(Optional<State> before, Waiver waiver) {
    LOG.info(WaiverText.transition(before, waiver));
    metrics.transition(waiver.state());
    waiver.objections().stream()
        .filter(objection -> waiver.state() == State.REFUSED)
        .forEach(
            objection -> {
              metrics.objection(objection.guard());
              if (Guards.isAlarm(objection)) {
                LOG.error(
                    "alarm {} pool={} {}", objection.guard(), waiver.pool(), objection.text());
              }
            });
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
      commit();
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
    List<Waiver> proposals = ledger.in(state -> state == State.PROPOSED);
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

  private List<Grant> grantsWith(List<Waiver> proposals, Instant now) {
    List<Grant> grants = new ArrayList<>(ledger.grants());
    proposals.forEach(waiver -> grants.add(rooms.life().grant(waiver, now)));
    return grants;
  }

  private void apply() {
    Instant start = clock.instant();
    List<Waiver> proposals =
        ledger.in(state -> state == State.PROPOSED).stream()
            .filter(waiver -> mode == Mode.APPLY || approved.contains(waiver.id()))
            .toList();
    try {
      Plan applied = reconciler.reconcile(grantsWith(proposals, start));
      proposals.forEach(waiver -> changed(rooms.life().activate(waiver, start)));
      Instant now = clock.instant();
      if (!applied.isEmpty()) {
        metrics.applied(Duration.between(start, now));
      }
      proposals.forEach(
          waiver ->
              Optional.ofNullable(decidedBy.remove(waiver.id()))
                  .ifPresent(read -> metrics.reacted(Duration.between(read, now))));
    } catch (RejectedException rejected) {
      metrics.applyFailed(rejected.stage().label());
      failed(proposals, "rejected, nothing was changed", rejected);
    } catch (RolledBackException undone) {
      metrics.applyFailed(undone.stage().label());
      metrics.rolledBack(undone.stage().label());
      rooms
          .paused()
          .pauseUntil(
              start.plus(PAUSE_AFTER_ROLLBACK), "a plan was rolled back: " + undone.getMessage());
      failed(proposals, "rolled back", undone);
    } catch (HostException failure) {
      metrics.applyFailed("plan");
      failed(proposals, "no plan could be made", failure);
    }
    settled = Optional.empty();
    try {
      commit();
    } catch (StoreException failure) {
      // The host has what the plan said; elements time out by themselves. Lines go on being read.
      LOG.error("the ledger can't be written: {}", failure.getMessage());
    }
  }

  private void failed(List<Waiver> proposals, String how, HostException failure) {
    LOG.error("plan {}: {}", how, failure.getMessage());
    String why = how + ": " + failure.getMessage();
    Instant now = clock.instant();
    proposals.forEach(waiver -> changed(rooms.life().fail(waiver, now, why)));
  }

  /** Takes back a waiver by its id, its pool's name or one of its addresses. */
  String revoke(String target) throws StoreException, StartException {
    Waiver waiver = Targets.require(ledger, target);
    Waiver ended = rooms.life().revoke(waiver, clock.instant(), "revoked by the operator");
    changed(ended);
    commit();
    if (waiver.state().isInForce()) {
      settled = Optional.of(clock.instant());
      settleIfDue();
    }
    return WaiverText.transition(Optional.of(waiver.state()), ended);
  }

  /** Puts a proposal in force that waits for the operator's word. */
  String approve(String target) throws StoreException, StartException {
    Waiver waiver = Targets.require(ledger, target);
    if (waiver.state() != State.PROPOSED) {
      throw new StartException("waiver " + waiver.id() + " is " + waiver.state() + " already");
    }
    if (mode == Mode.PRINT) {
      throw new StartException("mode is observe: set mode: propose or enforce first");
    }
    approved.add(waiver.id());
    settled = Optional.of(clock.instant());
    settleIfDue();
    return WaiverText.transition(
        Optional.of(State.PROPOSED), ledger.find(waiver.id()).orElseThrow());
  }

  List<Waiver> waivers() {
    return ledger.all();
  }

  Totals totals() {
    return totals;
  }

  private void commit() throws StoreException {
    if (!batch.isEmpty()) {
      store.commit(batch);
      batch = new Batch();
    }
  }

  /** Writes down what is left. */
  void end() throws StoreException {
    commit();
  }
}
