package dev.tlswaiver.guard;

import dev.tlswaiver.handshake.Notes;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Observation.OwnFault;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Says what a person should look at: once a day for each matter, however often it is seen. Used by
 * one thread.
 */
public final class Alarms {
  private static final Duration QUIET = Duration.ofDays(1);
  private static final int REJECTIONS = 3;
  private static final int MOST_MATTERS = 1_000;

  /** Beginnings of the notes' keys. */
  private static final String TOLD = "told ";

  private static final String REJECTED = "rejected ";

  /**
   * One alarm.
   *
   * @param pool whom it is about; empty where it is about ourselves alone
   */
  public record Alarm(Instant at, Optional<Pool> pool, Objection objection) {}

  /** When each matter was told last. */
  private final Map<String, Instant> told = new LinkedHashMap<>();

  /** When our certificate was rejected lately, by the words of it. */
  private final Map<String, List<Instant>> rejections = new LinkedHashMap<>();

  private final Predicate<Waiver> isDowngrade;
  private final BiPredicate<Pool, Instant> isSender;
  private final Notes notes;

  /**
   * @param isDowngrade whether an address of the waiver has met the strict terms itself
   * @param isSender whether a pool is a mail system as far as is known, and no probe
   * @param notes where it is noted what was told
   */
  public Alarms(Predicate<Waiver> isDowngrade, BiPredicate<Pool, Instant> isSender, Notes notes) {
    this.isDowngrade = isDowngrade;
    this.isSender = isSender;
    this.notes = notes;
  }

  /** Takes up what an earlier run noted. */
  public void restore(String key, String noted) {
    notes.restored(key);
    Stream<Instant> times = Arrays.stream(noted.split(" ")).map(Instant::parse);
    if (key.startsWith(REJECTED)) {
      rejections.put(key.substring(REJECTED.length()), new ArrayList<>(times.toList()));
    } else {
      times.forEach(at -> told.put(key.substring(TOLD.length()), at));
    }
  }

  /**
   * The alarm that a refused waiver is, if it is one and was not told yet. What concerns us
   * concerns all who fail, and is told before what concerns one of them; what a probe has met is no
   * news.
   */
  public Optional<Alarm> consider(Waiver waiver) {
    if (waiver.state() != State.REFUSED || objection(waiver, GuardName.PROBE).isPresent()) {
      return Optional.empty();
    }
    Optional<Objection> us = objection(waiver, GuardName.IS_IT_US);
    Optional<Objection> alarming =
        us.or(
            () ->
                objection(waiver, GuardName.STRONG_TLS_MEMORY)
                    .filter(strong -> isDowngrade.test(waiver)));
    String matter = us.isPresent() ? waiver.evidence().reason().label() : waiver.pool().id();
    return alarming.flatMap(
        objection ->
            tell(
                matter,
                new Alarm(waiver.evidence().last(), Optional.of(waiver.pool()), objection)));
  }

  /** Whether it was refused because it is us. */
  public static boolean isAboutUs(Waiver waiver) {
    return waiver.state() == State.REFUSED && objection(waiver, GuardName.IS_IT_US).isPresent();
  }

  private static Optional<Objection> objection(Waiver waiver, GuardName guard) {
    return waiver.objections().stream().filter(objection -> objection.guard() == guard).findFirst();
  }

  /** The alarm that an observation is: our certificate is rejected, or Postfix complains. */
  public Optional<Alarm> observe(Observation observation, Optional<Pool> pool, Instant time) {
    if (observation instanceof OwnFault fault) {
      return tell(
          fault.text(),
          new Alarm(
              time,
              Optional.empty(),
              new Objection(
                  GuardName.IS_IT_US,
                  "Postfix complains about its own configuration: " + fault.text())));
    }
    if (pool.isPresent()
        && observation instanceof Handshake handshake
        && handshake.service().facesMx()
        && handshake.outcome() instanceof Failed failed
        && failed.reason() == Reason.CERTIFICATE_REJECTED
        && isSender.test(pool.get(), time)) {
      return rejected(pool.get(), failed, time);
    }
    return Optional.empty();
  }

  /** Three rejections within a day, of whichever senders: the certificate is the same for all. */
  private Optional<Alarm> rejected(Pool pool, Failed failed, Instant time) {
    List<Instant> times = rejections.computeIfAbsent(failed.text(), words -> new ArrayList<>());
    times.removeIf(earlier -> earlier.plus(QUIET).isBefore(time));
    times.add(time);
    if (rejections.size() > MOST_MATTERS) {
      String eldest = rejections.keySet().iterator().next();
      rejections.remove(eldest);
      notes.remove(REJECTED + eldest);
    }
    if (times.size() < REJECTIONS) {
      notes.put(
          REJECTED + failed.text(),
          () -> times.stream().map(Instant::toString).collect(Collectors.joining(" ")));
      return Optional.empty();
    }
    rejections.remove(failed.text());
    notes.remove(REJECTED + failed.text());
    return tell(
        "certificate " + failed.text(),
        new Alarm(
            time,
            Optional.of(pool),
            new Objection(
                GuardName.IS_IT_US,
                "our certificate was rejected "
                    + REJECTIONS
                    + " times within a day, by "
                    + pool
                    + " last ("
                    + failed.text()
                    + "): no relaxed terms help; look at its date, its chain and its names"
                    + " (smtpd_tls_cert_file, smtpd_tls_chain_files)")));
  }

  private Optional<Alarm> tell(String matter, Alarm alarm) {
    Instant last = told.get(matter);
    if (last != null && last.plus(QUIET).isAfter(alarm.at())) {
      return Optional.empty();
    }
    told.put(matter, alarm.at());
    notes.put(TOLD + matter, alarm.at()::toString);
    if (told.size() > MOST_MATTERS) {
      String eldest = told.keySet().iterator().next();
      told.remove(eldest);
      notes.remove(TOLD + eldest);
    }
    return Optional.of(alarm);
  }
}
