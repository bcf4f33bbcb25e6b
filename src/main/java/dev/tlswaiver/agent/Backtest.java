package dev.tlswaiver.agent;

import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.guard.Alarms;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Observation.Neighbours;
import dev.tlswaiver.handshake.Offer;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.judge.Effect;
import dev.tlswaiver.judge.Rooms;
import dev.tlswaiver.judge.Surroundings;
import dev.tlswaiver.maillog.Headers;
import dev.tlswaiver.maillog.SyslogMessage;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.report.Replay;
import dev.tlswaiver.report.Timeline;
import dev.tlswaiver.store.MemoryKey;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.Waiver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pipeline over past logs, with nobody to act: what it would have proposed is the result. */
public final class Backtest implements Effect.Visitor {
  private static final Logger LOG = LoggerFactory.getLogger(Backtest.class);

  private final Ledger ledger = new Ledger(List.of());
  private final Counted headers;
  private final Rooms rooms;
  private final Timeline timeline = new Timeline();

  /** What DNS said in the time of the logs, as an agent wrote it down; the earliest first. */
  private final Deque<Neighbours> lookups = new ArrayDeque<>();

  private int handshakes;
  private int failed;
  private Instant reference = Instant.EPOCH;

  /**
   * @param offers what each rung accepts; empty where the host can't be asked
   * @param headers reads the headers of the past logs
   */
  public Backtest(Configuration configuration, Map<Rung, Offer> offers, Headers headers) {
    this.headers = new Counted(headers);
    rooms =
        Rooms.furnish(
            configuration.policy(),
            ledger,
            Surroundings.ofPastLogs(offers),
            MemoryKey.forThisRun(),
            this.headers);
  }

  /** Counts the lines of Postfix, and sees how late it is. */
  private static final class Counted implements Headers {
    private final Headers headers;
    private long postfixLines;
    private Optional<Instant> last = Optional.empty();

    Counted(Headers headers) {
      this.headers = headers;
    }

    @Override
    public Optional<SyslogMessage> parse(String line, Instant reference) {
      Optional<SyslogMessage> message = headers.parse(line, reference);
      postfixLines += message.filter(SyslogMessage::isPostfix).isPresent() ? 1 : 0;
      Optional<Instant> time = message.flatMap(SyslogMessage::time);
      last = time.filter(it -> last.filter(it::isBefore).isEmpty()).or(() -> last);
      return message;
    }

    @Override
    public Optional<Instant> time(String line, Instant reference) {
      return headers.time(line, reference);
    }
  }

  /** One that judges by what this host's rungs accept, and knows what its agent looked up. */
  public static Backtest onThisHost(Configuration configuration, Headers headers) {
    Backtest backtest =
        new Backtest(configuration, Host.capabilities(configuration).offers(), headers);
    Path directory = configuration.stateDirectory();
    if (Files.isReadable(directory.resolve("ledger.db"))) {
      try (AsAgent agent = AsAgent.in(directory);
          Store store = Store.openForReading(agent.stateDirectory()).orElseThrow()) {
        store.eachLookup(backtest::remember);
      } catch (IOException unreadable) {
        LOG.warn("replaying without what was looked up: {}", unreadable.getMessage());
      }
    }
    return backtest;
  }

  /** What DNS said once; in the order of the times. */
  void remember(Neighbours seen) {
    lookups.addLast(seen);
  }

  /** Reads one line, written not later than that. */
  public void accept(String line, Instant written) {
    reference = written;
    show(rooms.pipeline().accept(line, written));
    Instant now = headers.last.orElse(Instant.MIN);
    while (!lookups.isEmpty() && !lookups.getFirst().time().orElseThrow().isAfter(now)) {
      show(rooms.pipeline().lookedUp(lookups.removeFirst()));
    }
  }

  private void show(List<Effect> effects) {
    effects.forEach(effect -> effect.accept(this));
  }

  /** How many lines of Postfix there were so far. */
  public long postfixLines() {
    return headers.postfixLines;
  }

  /** The time of the latest line. */
  public Optional<Instant> lastTime() {
    return headers.last;
  }

  /** The logs are at their end. */
  public Replay finish() {
    show(rooms.pipeline().finish(reference));
    return timeline.finish(handshakes, failed, ledger.all(), rooms.pipeline().progress());
  }

  @Override
  public void observed(Observation observation, Optional<Pool> pool) {
    if (observation instanceof Handshake handshake) {
      handshakes++;
      failed += handshake.outcome() instanceof Failed ? 1 : 0;
      pool.ifPresent(known -> timeline.observe(handshake, known, reference));
    }
  }

  @Override
  public void fellBack(Pool pool) {
    timeline.fellBack(pool);
  }

  @Override
  public void changed(Waiver waiver) {
    timeline.changed(waiver);
  }

  @Override
  public void alarmed(Alarms.Alarm alarm) {
    timeline.alarmed(alarm);
  }
}
