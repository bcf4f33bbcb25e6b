package dev.tlswaiver.agent;

import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.guard.Alarms;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Delivery;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.judge.Effect;
import dev.tlswaiver.judge.Pipeline;
import dev.tlswaiver.judge.Rooms;
import dev.tlswaiver.maillog.SmtpdRecord;
import dev.tlswaiver.maillog.UnreadableLineException;
import dev.tlswaiver.notify.Notice;
import dev.tlswaiver.notify.Outbox;
import dev.tlswaiver.notify.Topic;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.report.WaiverText;
import dev.tlswaiver.rule.Finding;
import dev.tlswaiver.source.Cursor;
import dev.tlswaiver.source.Gap;
import dev.tlswaiver.source.LogLine;
import dev.tlswaiver.status.Metrics;
import dev.tlswaiver.status.Snapshot;
import dev.tlswaiver.status.Trend;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.store.StoreException;
import dev.tlswaiver.store.Totals;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Success;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down, counts and tells what was seen and what followed from it. What is to be told is told
 * once it is written down: else it would be told again after a kill. Used by the thinking thread
 * only.
 */
final class Bookkeeper implements Effect.Visitor {
  private static final Logger LOG = LoggerFactory.getLogger(Bookkeeper.class);

  private final Configuration configuration;
  private final Ledger ledger;
  private final Metrics metrics;
  private final InstantSource clock;
  private final Settling settling;
  private final Recorder recorder;
  private final Outbox outbox;
  private final Quarantine quarantine = new Quarantine();
  private final Map<Long, Told> told = new HashMap<>();

  /** When the line was read by which a proposal was decided. */
  private final Map<Long, Instant> decidedBy = new HashMap<>();

  private final Trend trend;
  private Totals totals;
  private Instant lineRead;
  private boolean hasRead;
  private long gaps;
  private boolean isUnwritable;

  /** Takes no notice until there is somebody who does. */
  private Predicate<Notice> courier = notice -> false;

  /** What was said of a waiver last, to see what of it is news. */
  private record Told(State state, int steps) {
    static Told of(Waiver waiver) {
      return new Told(waiver.state(), waiver.history().size());
    }
  }

  Bookkeeper(
      Configuration configuration,
      Store store,
      Rooms rooms,
      Ledger ledger,
      Metrics metrics,
      InstantSource clock,
      Settling settling)
      throws StoreException {
    this.configuration = configuration;
    this.ledger = ledger;
    this.metrics = metrics;
    this.clock = clock;
    this.settling = settling;
    this.totals = store.totals();
    this.lineRead = clock.instant();
    this.trend = new Trend(lineRead);
    this.outbox =
        new Outbox(configuration.notices().hasWay() ? topics(configuration.notices()) : Set.of());
    Rooms.Noted unsent = new Rooms.Noted("notify", outbox.notes(), outbox::restore);
    Rooms.Noted setAside =
        new Rooms.Noted(Quarantine.NAME, quarantine.notes(), quarantine::restore);
    this.recorder = new Recorder(store, rooms, List.of(unsent, setAside), clock);
    store.eachNote(unsent.whose(), unsent.restore());
    store.eachNote(setAside.whose(), setAside.restore());
    ledger.all().forEach(waiver -> told.put(waiver.id(), Told.of(waiver)));
    countLedger();
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

  /** A notice has been delivered: it is not told again, after a restart neither. */
  void delivered(String id) throws StoreException {
    outbox.delivered(id);
    commit();
  }

  /** Has the operator told, once what was decided is written down. */
  void notice(Notice notice) {
    for (int dropped = outbox.add(notice); dropped > 0; dropped--) {
      metrics.notificationDropped();
    }
  }

  /** A failure that an earlier run saw. */
  void recall(Handshake failure, Instant now) {
    trend.observe(failure, now);
  }

  /** Everything up to this place in the log has been dealt with. */
  void moveTo(Cursor place) {
    recorder.moveTo(place::text);
  }

  /** The next line is dealt with now. */
  void read(LogLine line) {
    lineRead = line.read();
    hasRead = true;
  }

  /** When the line was read that is dealt with now, or was last. */
  Instant lineRead() {
    return lineRead;
  }

  /** A line was read, whatever it says. */
  void count(Pipeline.Reading reading) {
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
      gap(Gap.SUPPRESSED);
    }
  }

  /** Lines may be missing. */
  void gap(Gap gap) {
    metrics.gap(gap.label());
    gaps++;
  }

  /** Keeps a line that could not be read, and says so once for each kind of it. */
  void setAside(LogLine line, UnreadableLineException unreadable) {
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
  void forgetWithTheLedger() {
    if (told.size() > ledger.size()) {
      Stream.of(told.keySet(), decidedBy.keySet())
          .forEach(ids -> ids.removeIf(id -> ledger.find(id).isEmpty()));
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
    if (waiver.state() == State.PROPOSED
        || waiver.state().isOnHost()
        || before.filter(State::isOnHost).isPresent()) {
      settling.begin();
    }
    countLedger();
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
    } else if (waiver.state().isOnHost()) {
      Optional.ofNullable(decidedBy.remove(waiver.id()))
          .ifPresent(read -> metrics.reacted(Duration.between(read, clock.instant())));
    }
  }

  private void countLedger() {
    metrics.ledger(ledger.all(), configuration.guards().mostWaivers());
  }

  /** Writes down what waits if it should not wait; a line may have changed what is acted on. */
  void commitIfUrgent() throws StoreException {
    if (recorder.isUrgent() && !isUnwritable) {
      commit();
    }
  }

  /** Writes the time down, if that was long ago. */
  void noteTime(Duration atLeastEvery) {
    recorder.noteTime(atLeastEvery);
  }

  /** A second has passed. */
  void tick(Instant now) {
    outbox.tick(now);
  }

  /**
   * Writes down what was seen and decided. A full disk is waited for: nothing is acted on
   * meanwhile, and the place in the log stays behind what could not be written.
   *
   * @return whether it is written
   */
  boolean commit() throws StoreException {
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

  Totals totals() {
    return totals;
  }

  Trend trend() {
    return trend;
  }

  Snapshot.Health health(Optional<Instant> compared, Optional<Instant> outOfOrder) {
    return new Snapshot.Health(
        hasRead ? Optional.of(lineRead) : Optional.empty(),
        gaps,
        compared,
        outOfOrder,
        !isUnwritable);
  }

  /** Of how many waivers it remembers what it said. */
  int told() {
    return told.size();
  }
}
