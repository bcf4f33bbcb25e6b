package dev.tlswaiver.judge;

import dev.tlswaiver.guard.Alarms;
import dev.tlswaiver.guard.EvidenceGap;
import dev.tlswaiver.guard.Guards;
import dev.tlswaiver.guard.IsItUs;
import dev.tlswaiver.guard.Postscreen;
import dev.tlswaiver.guard.StrongTlsMemory;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Delivery;
import dev.tlswaiver.handshake.Observation.Ended;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Observation.Neighbours;
import dev.tlswaiver.handshake.Observation.OwnFault;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.handshake.Sessions;
import dev.tlswaiver.maillog.Headers;
import dev.tlswaiver.maillog.SmtpdRecord;
import dev.tlswaiver.maillog.SyslogMessage;
import dev.tlswaiver.maillog.UnreadableLineException;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.rule.Finding;
import dev.tlswaiver.rule.Windows;
import dev.tlswaiver.waiver.Life;
import dev.tlswaiver.waiver.Lookups;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.Success;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * From a log line to the ledger: parse, join, count, judge. Deterministic: time is the log's, and
 * the reference is only asked for where a header has no year. Used by one thread.
 */
public final class Pipeline {

  public static final int MOST_FAILED_POOLS = 8_000;

  private static final Duration AFTERMATH = Duration.ofSeconds(5);

  private final Headers headers;
  private final Sessions sessions;
  private final Pools pools;
  private final Windows windows;
  private final Guards guards;
  private final StrongTlsMemory strong;
  private final IsItUs isItUs;
  private final EvidenceGap evidenceGap;
  private final Postscreen postscreen;
  private final Life life;
  private final Lookups lookups;
  private final Alarms alarms;
  private final List<Effect> effects;

  /** Pools with a failed handshake, for spotting those that fall back to plaintext. */
  private final Map<Pool, Instant> failing = new LinkedHashMap<>();

  private Instant triedFrom = Instant.MAX;
  private Instant triedUntil = Instant.MIN;

  /**
   * @param effects where what follows is put, until it is handed out
   */
  Pipeline(
      Headers headers,
      Sessions sessions,
      Pools pools,
      Windows windows,
      Guards guards,
      StrongTlsMemory strong,
      IsItUs isItUs,
      EvidenceGap evidenceGap,
      Postscreen postscreen,
      Life life,
      Lookups lookups,
      Alarms alarms,
      List<Effect> effects) {
    this.headers = headers;
    this.sessions = sessions;
    this.pools = pools;
    this.windows = windows;
    this.guards = guards;
    this.strong = strong;
    this.isItUs = isItUs;
    this.evidenceGap = evidenceGap;
    this.postscreen = postscreen;
    this.life = life;
    this.lookups = lookups;
    this.alarms = alarms;
    this.effects = effects;
  }

  /**
   * Reads one line, and decides with it.
   *
   * @param reference about when it was written, for headers without a year
   * @throws UnreadableLineException if it can't be read; nothing was decided then
   */
  public List<Effect> accept(String line, Instant reference) {
    return judge(read(line, reference), reference);
  }

  /**
   * What a line tells, before anybody judges it.
   *
   * @param sentence empty where no SMTP server process wrote it
   * @param tellsGap whether lines before it were dropped or left out
   */
  public record Reading(
      Optional<SyslogMessage> message,
      Optional<SmtpdRecord> sentence,
      boolean tellsGap,
      List<Seen> seen) {}

  /** What was seen, and whom it is about. */
  public record Seen(Observation observation, Optional<Pool> pool) {}

  /**
   * Reads a line and joins it with those before: all that strangers' text can make go wrong. The
   * operator's patterns have bounds of their own.
   *
   * @throws UnreadableLineException in place of whatever went wrong
   */
  public Reading read(String line, Instant reference) {
    return UnreadableLineException.reading(() -> reading(line, reference));
  }

  private Reading reading(String line, Instant reference) {
    Optional<SyslogMessage> message = headers.parse(line, reference);
    Optional<SmtpdRecord> sentence =
        message.filter(SyslogMessage::isSmtpServer).map(known -> SmtpdRecord.parse(known.text()));
    boolean tellsGap = message.filter(SyslogMessage::tellsGap).isPresent();
    List<Observation> seen =
        sentence.isPresent() ? sessions.accept(message.orElseThrow(), sentence.get()) : List.of();
    return new Reading(message, sentence, tellsGap, seen.stream().map(this::seen).toList());
  }

  private Seen seen(Observation observation) {
    return new Seen(observation, peer(observation).flatMap(pools::find));
  }

  /** Decides with what a line told. */
  public List<Effect> judge(Reading reading, Instant reference) {
    reading.message().ifPresent(known -> note(known, reading.tellsGap(), reference));
    reading.seen().forEach(seen -> see(seen, reference));
    return handOut();
  }

  private List<Effect> handOut() {
    if (effects.isEmpty()) {
      return List.of(); // As after nearly every line.
    }
    List<Effect> all = List.copyOf(effects);
    effects.clear();
    return all;
  }

  /** Lines that say something about the log, or about Postfix as a whole. */
  private void note(SyslogMessage message, boolean tellsGap, Instant reference) {
    Instant time = message.time().orElse(reference);
    if (tellsGap && !isOthersRepetition(message)) {
      gap(time);
    }
    if (message.process().equals("postscreen") && !message.instance().equals(message.service())) {
      postscreen.said(message.text(), time);
    }
    if (message.process().equals("master") && !message.instance().equals(message.service())) {
      // master(8): "reload -- version ...", "daemon started -- version ...".
      if (message.text().startsWith("reload ")) {
        isItUs.changed(time, "Postfix was reloaded");
      } else if (message.text().startsWith("daemon started ")) {
        isItUs.changed(time, "Postfix was started");
      }
    }
  }

  /** What another program said again and again was none of our lines. */
  private static boolean isOthersRepetition(SyslogMessage message) {
    return message.text().startsWith("message repeated") && !message.isSmtpServer();
  }

  /** DNS has answered. An answer that tells nothing is not worth writing down. */
  public List<Effect> lookedUp(Neighbours seen) {
    lookups.observe(seen);
    if (seen.isComplete() || !seen.peers().isEmpty()) {
      effects.add(new Effect.Observed(seen, Optional.of(seen.pool())));
      life.lookedUp(seen, guards::review).ifPresent(this::changed);
    }
    return handOut();
  }

  /** Time has passed: tells what was held back. */
  public List<Effect> tick(Instant now) {
    alarms.due(now).ifPresent(this::alarm);
    return handOut();
  }

  /** Lines are missing here. */
  public void gap(Instant time) {
    evidenceGap.gap(time);
  }

  /** The log is at its end: what was still open is decided with what there is. */
  public List<Effect> finish(Instant reference) {
    sessions.finish().forEach(seen -> see(seen(seen), reference));
    alarms.finish(reference).ifPresent(this::alarm);
    return handOut();
  }

  /**
   * Takes up what was seen by an earlier run of the agent. What it means was said then.
   *
   * @param seen with a time; in the order of the times
   */
  public void recall(Observation seen) {
    if (seen instanceof Neighbours neighbours) {
      lookups.observe(neighbours);
      return;
    }
    Optional<Pool> pool = peer(seen).flatMap(pools::find);
    if (pool.isEmpty()) {
      return;
    }
    guards.recall(seen, pool.get());
    if (seen instanceof Handshake handshake && isFailure(handshake)) {
      handshake.time().ifPresent(time -> noteFailing(pool.get(), time));
      windows.observe(pool.get(), handshake);
      life.ended(pool.get()).ifPresent(end -> windows.forgetBefore(pool.get(), end));
    }
  }

  /** Whether it failed at the public service. */
  public static boolean isFailure(Handshake handshake) {
    return handshake.outcome() instanceof Failed && isStrict(handshake);
  }

  /** Whether it met the public service, and its strict terms. */
  static boolean isStrict(Observation observation) {
    return observation.service().facesMx() && observation.service().rungLabel().isEmpty();
  }

  private void see(Seen seen, Instant reference) {
    Observation observation = seen.observation();
    Optional<Pool> pool = seen.pool();
    effects.add(new Effect.Observed(observation, pool));
    Instant time = observation.time().orElse(reference);
    if (observation instanceof OwnFault fault && isOfOurTrial(fault, time)) {
      return;
    }
    alarms.observe(observation, pool, time).ifPresent(this::alarm);
    if (observation instanceof OwnFault fault) {
      isItUs.changed(time, "Postfix complained: " + fault.text());
    }
    if (pool.isEmpty()) {
      return;
    }
    guards.observe(observation, pool.get());
    Optional<Rung> rung = observation.service().rungLabel().flatMap(Rung::find);
    if (observation instanceof Handshake handshake) {
      if (life.meetsStrictTerms(handshake)) {
        met(pool.get(), handshake, time);
      } else if (rung.isPresent()) {
        life.negotiated(rung.get(), handshake, time, guards::judge).ifPresent(this::changed);
      } else if (isStrict(handshake)) {
        count(pool.get(), handshake, time);
      }
    }
    if (observation instanceof Delivery delivery) {
      rung.flatMap(on -> life.delivered(on, delivery, time)).ifPresent(this::changed);
    }
    if (observation instanceof Ended ended && rung.isEmpty() && failing.containsKey(pool.get())) {
      for (int i = 0; i < ended.plaintextMessages(); i++) {
        effects.add(new Effect.FellBack(pool.get()));
      }
    }
  }

  /** Success outweighs failure: at once, and whatever the pool's other addresses do. */
  private void met(Pool pool, Handshake handshake, Instant time) {
    if (!isStrict(handshake)) {
      strong.met(handshake.peer(), pool, time);
    }
    Success.Effect effect = life.met(handshake, time);
    effect.kept().forEach(waiver -> effects.add(new Effect.Kept(waiver, handshake.peer())));
    effect.changed().forEach(this::changed);
  }

  /** Says when a plan was tried on the host, and undone. */
  public void tried(Instant from, Instant until) {
    // The log tells whole seconds, and a daemon that can't begin is begun again.
    triedFrom = from.truncatedTo(ChronoUnit.SECONDS);
    triedUntil = until.plus(AFTERMATH);
  }

  /** What our own trial makes Postfix complain of is no fault of the operator's. */
  private boolean isOfOurTrial(OwnFault fault, Instant time) {
    return fault.service().rungLabel().isPresent()
        || (!time.isBefore(triedFrom) && time.isBefore(triedUntil));
  }

  private void count(Pool pool, Handshake handshake, Instant time) {
    if (!(handshake.outcome() instanceof Failed failed)) {
      return;
    }
    noteFailing(pool, time);
    if (windows.counts(failed)) {
      life.ended(pool).ifPresent(end -> windows.forgetBefore(pool, end));
      life.failedToo(pool, handshake, guards::judge).ifPresent(this::changed);
      handshake
          .peer()
          .address()
          .flatMap(address -> life.beyondTheCap(pool, address))
          .flatMap(full -> alarms.full(pool, full, time))
          .ifPresent(this::alarm);
    }
    List<Finding> findings = windows.observe(pool, handshake);
    for (Finding finding : findings) {
      effects.add(new Effect.Found(finding));
      life.found(finding, guards::judge).ifPresent(this::changed);
    }
    if (!findings.isEmpty()) {
      suspectUs(pool, failed.reason(), time);
    }
    if (windows.counts(failed) && isItUs.isNews(pool, failed.reason(), time)) {
      // One more that begins to fail: it may be us, for those who were proposed before it too.
      life.reconsider(this::aboutUs).forEach(this::changed);
    }
  }

  /** Looks at ourselves where a pool fails as often as its rule says, and nobody was told yet. */
  private void suspectUs(Pool pool, Reason reason, Instant time) {
    if (!alarms.isTold(reason, time)) {
      isItUs
          .suspicion(pool, reason, time)
          .flatMap(objection -> alarms.suspect(reason, pool, time, objection))
          .ifPresent(this::alarm);
    }
  }

  private void noteFailing(Pool pool, Instant time) {
    failing.put(pool, time);
    if (failing.size() > MOST_FAILED_POOLS) {
      failing.remove(failing.keySet().iterator().next());
    }
  }

  /** What may say no to a proposal after others have failed: it is us, or nothing. */
  private List<Objection> aboutUs(Waiver proposal) {
    return isItUs.objection(proposal).isPresent() ? guards.judge(proposal) : List.of();
  }

  private void alarm(Alarms.Alarm alarm) {
    effects.add(new Effect.Alarmed(alarm));
  }

  private void changed(Waiver waiver) {
    effects.add(new Effect.Changed(waiver));
    alarms.consider(waiver).ifPresent(this::alarm);
    if (Alarms.isAboutUs(waiver)) {
      // It concerns those who were proposed a moment before as well.
      life.reconsider(this::aboutUs).forEach(this::changed);
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
