package dev.tlswaiver.agent;

import dev.tlswaiver.guard.Guards;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Delivery;
import dev.tlswaiver.handshake.Observation.Ended;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Observation.OwnFault;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Sessions;
import dev.tlswaiver.maillog.SmtpdRecord;
import dev.tlswaiver.maillog.SyslogMessage;
import dev.tlswaiver.maillog.SyslogParser;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.rule.Finding;
import dev.tlswaiver.rule.Windows;
import dev.tlswaiver.waiver.Life;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.Waiver;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * From a log line to the ledger: parse, join, count, judge. Deterministic: time is the log's, and
 * the reference is only asked for where a header has no year. Used by one thread.
 */
public final class Pipeline {

  /** Hears what was seen and what followed from it. */
  public interface Listener {
    /** A line was read; empty where no SMTP server process wrote it. */
    void parsed(Optional<SmtpdRecord> sentence);

    /** The logger says that it dropped lines here, or left out repeated ones. */
    void linesMissing();

    void observed(Observation observation, Optional<Pool> pool);

    void found(Finding finding);

    /** A waiver was made or changed; not each change is a transition. */
    void changed(Waiver waiver);

    /** A sender whose handshake failed gave us a message in plaintext. */
    void fellBack(Pool pool);
  }

  private static final int MOST_FAILED_POOLS = 20_000;

  private final SyslogParser parser;
  private final Pools pools;
  private final Windows windows;
  private final Guards guards;
  private final Life life;
  private final Listener listener;
  private final Sessions sessions = new Sessions();

  /** Pools with a failed handshake, for spotting those that fall back to plaintext. */
  private final Map<Pool, Instant> failing = new LinkedHashMap<>();

  Pipeline(
      SyslogParser parser,
      Pools pools,
      Windows windows,
      Guards guards,
      Life life,
      Listener listener) {
    this.parser = parser;
    this.pools = pools;
    this.windows = windows;
    this.guards = guards;
    this.life = life;
    this.listener = listener;
  }

  /**
   * Reads one line.
   *
   * @param reference about when it was written, for headers without a year
   */
  public void accept(String line, Instant reference) {
    Optional<SyslogMessage> message = parser.parse(line, reference);
    Optional<SmtpdRecord> sentence =
        message.filter(SyslogMessage::isSmtpServer).map(known -> SmtpdRecord.parse(known.text()));
    listener.parsed(sentence);
    if (message.filter(SyslogMessage::tellsGap).isPresent()) {
      listener.linesMissing();
    }
    if (message.isPresent() && sentence.isPresent()) {
      sessions.accept(message.get(), sentence.get()).forEach(seen -> see(seen, reference));
    }
  }

  /** The log is at its end: what was still open is decided with what there is. */
  public void finish(Instant reference) {
    sessions.finish().forEach(seen -> see(seen, reference));
  }

  /**
   * Takes up evidence that an earlier run of the agent left behind. What it means was said then.
   */
  void recall(Handshake failure) {
    pools.find(failure.peer()).ifPresent(pool -> windows.observe(pool, failure));
  }

  private void see(Observation observation, Instant reference) {
    Optional<Pool> pool = peer(observation).flatMap(pools::find);
    listener.observed(observation, pool);
    if (pool.isEmpty()) {
      return;
    }
    guards.observe(observation, pool.get());
    Instant time = observation.time().orElse(reference);
    Optional<Rung> rung = observation.service().rungLabel().flatMap(Rung::find);
    if (observation instanceof Handshake handshake) {
      if (rung.isPresent()) {
        life.negotiated(rung.get(), handshake, time).ifPresent(listener::changed);
      } else if (observation.service().facesMx()) {
        count(pool.get(), handshake, time);
      }
    }
    if (observation instanceof Delivery delivery) {
      rung.flatMap(on -> life.delivered(on, delivery, time)).ifPresent(listener::changed);
    }
    if (observation instanceof Ended ended && rung.isEmpty() && failing.containsKey(pool.get())) {
      for (int i = 0; i < ended.plaintextMessages(); i++) {
        listener.fellBack(pool.get());
      }
    }
  }

  private void count(Pool pool, Handshake handshake, Instant time) {
    if (!(handshake.outcome() instanceof Failed failed)) {
      return;
    }
    failing.put(pool, time);
    if (failing.size() > MOST_FAILED_POOLS) {
      failing.remove(failing.keySet().iterator().next());
    }
    if (windows.counts(failed)) {
      life.failed(pool, handshake, guards::review).ifPresent(listener::changed);
    }
    for (Finding finding : windows.observe(pool, handshake)) {
      listener.found(finding);
      life.found(finding, guards::review).ifPresent(listener::changed);
    }
  }

  private static Optional<Peer> peer(Observation observation) {
    if (observation instanceof Handshake handshake) {
      return Optional.of(handshake.peer());
    }
    if (observation instanceof Delivery delivery) {
      return Optional.of(delivery.peer());
    }
    if (observation instanceof Ended ended) {
      return Optional.of(ended.peer());
    }
    if (observation instanceof OwnFault) {
      return Optional.empty();
    }
    throw new IllegalStateException("no such observation: " + observation);
  }

  /** How far each pool has come on the way to a finding. */
  public List<Windows.Progress> progress() {
    return windows.progress();
  }
}
