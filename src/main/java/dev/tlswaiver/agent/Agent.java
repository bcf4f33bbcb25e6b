package dev.tlswaiver.agent;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.guard.LastSeen;
import dev.tlswaiver.hand.Hand;
import dev.tlswaiver.handshake.Observation.Neighbours;
import dev.tlswaiver.judge.Effect;
import dev.tlswaiver.judge.Pipeline;
import dev.tlswaiver.judge.Policy;
import dev.tlswaiver.judge.Rooms;
import dev.tlswaiver.judge.Surroundings;
import dev.tlswaiver.maillog.SyslogMessage;
import dev.tlswaiver.maillog.UnreadableLineException;
import dev.tlswaiver.notify.Notice;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.source.Cursor;
import dev.tlswaiver.source.Gap;
import dev.tlswaiver.source.LogLine;
import dev.tlswaiver.status.Board;
import dev.tlswaiver.status.Metrics;
import dev.tlswaiver.status.Snapshot;
import dev.tlswaiver.store.DamagedLedger;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.store.StoreException;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Lookups;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the thinking thread does: leads lines through the rooms that think, and has what follows
 * written down and done. Used by the thinking thread only; {@link Service} owns the threads around
 * it.
 */
final class Agent {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(1);

  /** What says something about a failure in the longest window may be so much older. */
  private static final Duration BESIDE = Duration.ofDays(1);

  private final Configuration configuration;
  private final Optional<DamagedLedger> damaged;
  private final Store store;
  private final Metrics metrics;
  private final InstantSource clock;
  private final Ledger ledger;
  private final Rooms rooms;
  private final Bookkeeper books;
  private final HostKeeper host;
  private final Desk desk;
  private final LogClock logClock = new LogClock();
  private final Board board = new Board();
  private Reader reader;

  /** Asks nobody until there is somebody to ask. */
  private Predicate<Lookups.Question> resolver = question -> false;

  private boolean isLookingUp;

  /** Reads lines, so that they can be judged. */
  @FunctionalInterface
  interface Reader {
    Pipeline.Reading read(String line, Instant reference);
  }

  /**
   * @param damaged the ledger that was set aside, for which the operator is to be asked first
   */
  Agent(
      Configuration configuration,
      Mode mode,
      Optional<DamagedLedger> damaged,
      Store store,
      Hand hand,
      Surroundings around,
      Metrics metrics,
      InstantSource clock,
      Lookout lookout,
      PrintStream out)
      throws StoreException {
    this.configuration = configuration;
    this.damaged = damaged;
    this.store = store;
    this.metrics = metrics;
    this.clock = clock;
    this.ledger = new Ledger(store.waivers());
    this.rooms = Rooms.furnish(configuration.policy(), ledger, around, store.hash());
    this.reader = rooms.pipeline()::read;
    Settling settling = new Settling(configuration.settle(), clock);
    this.books = new Bookkeeper(configuration, store, rooms, ledger, metrics, clock, settling);
    this.host =
        new HostKeeper(
            configuration,
            mode,
            hand,
            lookout,
            around,
            rooms,
            ledger,
            books,
            settling,
            metrics,
            clock,
            out);
    this.desk =
        new Desk(
            configuration,
            mode,
            damaged,
            rooms.paused(),
            () -> rooms,
            ledger,
            store,
            books::totals,
            true,
            clock,
            new Works());
    recall();
  }

  /** What is asked at the desk concerns the host at once. */
  private final class Works implements Desk.Works {
    @Override
    public void changed(Waiver waiver) {
      books.changed(waiver);
    }

    @Override
    public void commit() throws StoreException {
      books.commit();
    }

    @Override
    public void settleNow() throws StoreException {
      host.settleNow();
    }
  }

  private void recall() throws StoreException {
    Instant now = clock.instant();
    Recall.into(
        rooms,
        store,
        now.minus(configuration.guards().strongTlsMemory()),
        now.minus(evidenceKept()),
        failure -> books.recall(failure, now));
  }

  private Duration evidenceKept() {
    return configuration.rules().stream()
        .map(Policy.RuleSettings::within)
        .max(Duration::compareTo)
        .orElse(Duration.ZERO)
        .plus(BESIDE);
  }

  /** Who takes notices; to be said before the first line. */
  void tellThrough(Predicate<Notice> taker) {
    books.tellThrough(taker);
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
    host.startAnewThrough(beginning);
  }

  /** Puts the host in order after whatever an earlier run left, before the first line is read. */
  void begin() throws HostException, StoreException {
    endAllIfClockWentBack();
    host.begin();
  }

  private void endAllIfClockWentBack() throws StoreException {
    Instant now = clock.instant();
    Optional<Instant> later = store.clock().filter(then -> then.isAfter(now.plus(CLOCK_SKEW)));
    if (later.isPresent()) {
      String why = "the clock went back from " + later.get() + " to " + now;
      LOG.warn("{}: what is in force ends, since nobody knows how long it has been", why);
      rooms.life().endAll(now, why).forEach(books::changed);
      books.commit();
    }
  }

  /** A log that was not followed before is followed from this place on. */
  void begun(Cursor place) throws StoreException {
    books.moveTo(place);
    books.commit();
  }

  /** One line of the log. */
  void line(LogLine line) throws StoreException {
    // Before anything can go wrong: a restart must not meet a line again that ended the agent.
    books.moveTo(line.cursor());
    books.forgetWithTheLedger();
    books.read(line);
    try {
      Pipeline.Reading reading = reader.read(line.text(), line.read());
      reading
          .message()
          .flatMap(SyslogMessage::time)
          .flatMap(time -> logClock.see(time, line.read()))
          .ifPresent(Agent::sayClocksDiffer);
      books.count(reading);
      act(rooms.pipeline().judge(reading, line.read()));
    } catch (UnreadableLineException unreadable) {
      books.setAside(line, unreadable);
    }
    books.commitIfUrgent();
  }

  private void act(List<Effect> effects) {
    for (Effect effect : effects) {
      effect.accept(books);
      effect.accept(host);
    }
  }

  private static void sayClocksDiffer(Duration ahead) {
    LOG.warn(
        "the lines of the log are {} minutes {} of the clock: its time zone is not this machine's,"
            + " or one of the clocks is wrong",
        ahead.abs().toMinutes(),
        ahead.isNegative() ? "behind" : "ahead");
  }

  /** Lines may be missing here. */
  void gap(Gap gap) {
    books.gap(gap);
    rooms.pipeline().gap(clock.instant());
  }

  /** A second has passed: ends what is due, and writes down what was seen and how far. */
  void tick() throws StoreException {
    Instant now = clock.instant();
    rooms.life().due(now).forEach(books::changed);
    host.endBrokenRedirects(now);
    act(rooms.pipeline().tick(now));
    books.tick(now);
    if (!ledger.live(State::isOnHost).isEmpty()) {
      books.noteTime(CLOCK_SKEW);
    }
    if (books.commit() && !isLookingUp) {
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

  /** Compares the host with what it owes the waivers, and heals what differs. */
  void reconcile() {
    host.reconcile();
  }

  /** How long the thinking thread may wait for a task before {@link #settleIfDue} has work. */
  Duration untilSettled() {
    return host.untilSettled();
  }

  /** Acts on what has settled. */
  void settleIfDue() throws StoreException {
    host.settleIfDue();
  }

  /** Forgets evidence that nothing reaches any more. */
  void prune() throws StoreException {
    Instant now = clock.instant();
    store.prune(
        now.minus(evidenceKept()), now.minus(configuration.guards().strongTlsMemory()), now);
  }

  /** Tells how the last day was. */
  void summarize() throws StoreException {
    books.notice(Summary.of(ledger.all(), books.totals(), desk.situation(), clock.instant()));
    books.commit();
  }

  /** A notice has been delivered: it is not told again, after a restart neither. */
  void delivered(String id) throws StoreException {
    books.delivered(id);
  }

  /** Where the operator's questions are answered. */
  Desk desk() {
    return desk;
  }

  /** Where others may see how things are. */
  Board board() {
    return board;
  }

  private Snapshot snapshot(Instant now) {
    return Snapshot.of(
        now,
        desk.situation(),
        ledger.all(),
        configuration.guards().mostWaivers(),
        books.trend().counts(now),
        books.health(host.compared(), host.outOfOrderAt()));
  }

  /** Whether it changes nothing because a ledger was damaged. */
  boolean isSafe() {
    return damaged.isPresent();
  }

  /** Of how many waivers it remembers what it said. */
  int told() {
    return books.told();
  }

  /** Writes down what can be, when something failed that ends the agent. */
  void salvage() throws StoreException {
    books.salvage();
  }

  /** Writes down what is left. */
  void end() throws StoreException {
    books.commit();
  }
}
