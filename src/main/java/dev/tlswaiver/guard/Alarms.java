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
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Says what a person should look at: once a day for each matter, however often it is seen, and few
 * in all. Used by one thread.
 *
 * <p>A matter is a kind from a closed list, or a pool; never a text of the log, which a stranger
 * may have written. What is about pools, and strangers can bring about as often as they have names,
 * has a share of its own, so that it never takes the place of what is about ourselves. What comes
 * beyond a share is held back, and told as a number.
 */
public final class Alarms {
  private static final Duration QUIET = Duration.ofDays(1);
  private static final int REJECTIONS = 3;
  public static final int MOST_MATTERS = 1_000;

  /** In a day, and at once if need be: as many as a person reads. */
  private static final int MOST_ABOUT_US = 10;

  private static final int MOST_ABOUT_POOLS = 8;

  /** What Postfix complains about, by the words that it begins with; the first that fits. */
  private static final List<String> COMPLAINTS =
      List.of(
          "TLS library problem",
          "No server certs",
          "disabling TLS support",
          "cannot get",
          "cannot load",
          "error loading",
          "error opening",
          "Wrapper-mode request",
          "don't know what EHLO",
          "invalid cipher grade",
          "error setting cipher grade",
          "invalid unary",
          "fatal");

  /** Alerts about certificates (RFC 8446), as OpenSSL and its kin name them. */
  private static final List<String> REJECTION_KINDS =
      List.of(
          "unsupported certificate",
          "certificate revoked",
          "certificate expired",
          "certificate unknown",
          "bad certificate",
          "unknown ca");

  /** Of words of the log. */
  private static final int MOST_IN_TEXT = 500;

  private static final String ANOTHER = "another";

  /** Beginnings of the notes' keys. */
  private static final String TOLD = "told ";

  private static final String REJECTED = "rejected ";

  /** A matter of a pool, beside the one that bears its name alone. */
  private static final String FULL = "full ";

  /** The key of a share's note, with whom it is about. */
  private static final String SHARE = "share ";

  private static final String US = SHARE + "us";
  private static final String POOLS = SHARE + "pools";

  /**
   * One alarm.
   *
   * @param pool whom it is about; empty where it is about ourselves alone
   */
  public record Alarm(Instant at, Optional<Pool> pool, Objection objection) {}

  /** When each matter was told, or held back, last. */
  private final Map<String, Instant> told = new LinkedHashMap<>();

  private final Share aboutUs = new Share(MOST_ABOUT_US);
  private final Share aboutPools = new Share(MOST_ABOUT_POOLS);

  /** When our certificate was rejected lately, by the kind of it. */
  private final Map<String, List<Instant>> rejections = new LinkedHashMap<>();

  private final Predicate<Waiver> isDowngrade;
  private final BiPredicate<Pool, Instant> isSender;
  private final Notes notes;
  private final Runnable heldBack;

  /** With nobody who counts what is held back. */
  public Alarms(Predicate<Waiver> isDowngrade, BiPredicate<Pool, Instant> isSender, Notes notes) {
    this(isDowngrade, isSender, notes, () -> {});
  }

  /**
   * @param isDowngrade whether an address of the waiver has met the strict terms itself
   * @param isSender whether a pool is a mail system as far as is known, and no probe
   * @param notes where it is noted what was told
   * @param heldBack is run for each alarm that is held back
   */
  public Alarms(
      Predicate<Waiver> isDowngrade,
      BiPredicate<Pool, Instant> isSender,
      Notes notes,
      Runnable heldBack) {
    this.isDowngrade = isDowngrade;
    this.isSender = isSender;
    this.notes = notes;
    this.heldBack = heldBack;
  }

  /** Takes up what an earlier run noted. */
  public void restore(String key, String noted) {
    notes.restored(key);
    if (key.equals(US) || key.equals(POOLS)) {
      (key.equals(US) ? aboutUs : aboutPools).restore(noted);
      return;
    }
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
    Share share = us.isPresent() ? aboutUs : aboutPools;
    return alarming.flatMap(
        objection ->
            tell(
                share,
                matter,
                new Alarm(waiver.evidence().last(), Optional.of(waiver.pool()), objection)));
  }

  /** Whether a person was told lately that this reason is about ourselves. */
  public boolean isTold(Reason reason, Instant now) {
    return isTold(reason.label(), now);
  }

  private boolean isTold(String matter, Instant now) {
    Instant last = told.get(matter);
    return last != null && last.plus(QUIET).isAfter(now);
  }

  /** The alarm that a suspicion against ourselves is, if it was not told yet; it refuses nobody. */
  public Optional<Alarm> suspect(Reason reason, Pool pool, Instant at, Objection objection) {
    return tell(aboutUs, reason.label(), new Alarm(at, Optional.of(pool), objection));
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
          aboutUs,
          "postfix " + complaint(fault.text()),
          new Alarm(
              time,
              Optional.empty(),
              new Objection(
                  GuardName.IS_IT_US,
                  "Postfix complains about its own configuration: " + cut(fault.text()))));
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

  /** The alarm that a waiver without room is. */
  public Optional<Alarm> full(Pool pool, Objection full, Instant time) {
    return tell(aboutPools, FULL + pool, new Alarm(time, Optional.of(pool), full));
  }

  private static String complaint(String text) {
    return COMPLAINTS.stream().filter(text::startsWith).findFirst().orElse(ANOTHER);
  }

  private static String cut(String text) {
    return text.substring(0, Math.min(text.length(), MOST_IN_TEXT));
  }

  private static String rejection(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    return REJECTION_KINDS.stream().filter(lower::contains).findFirst().orElse(ANOTHER);
  }

  /** Three rejections within a day, of whichever senders: the certificate is the same for all. */
  private Optional<Alarm> rejected(Pool pool, Failed failed, Instant time) {
    String kind = rejection(failed.text());
    List<Instant> times = rejections.computeIfAbsent(kind, unseen -> new ArrayList<>());
    times.removeIf(earlier -> earlier.plus(QUIET).isBefore(time));
    times.add(time);
    if (times.size() < REJECTIONS) {
      notes.put(
          REJECTED + kind,
          () -> times.stream().map(Instant::toString).collect(Collectors.joining(" ")));
      return Optional.empty();
    }
    rejections.remove(kind);
    notes.remove(REJECTED + kind);
    return tell(
        aboutUs,
        "certificate " + kind,
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
                    + cut(failed.text())
                    + "): no relaxed terms help; look at its date, its chain and its names"
                    + " (smtpd_tls_cert_file, smtpd_tls_chain_files)")));
  }

  private Optional<Alarm> tell(Share share, String matter, Alarm alarm) {
    if (isTold(matter, alarm.at())) {
      return Optional.empty();
    }
    told.put(matter, alarm.at());
    notes.put(TOLD + matter, alarm.at()::toString);
    if (told.size() > MOST_MATTERS) {
      String eldest = told.keySet().iterator().next();
      told.remove(eldest);
      notes.remove(TOLD + eldest);
    }
    boolean isTold = share.take(alarm.at());
    note();
    if (!isTold) {
      heldBack.run();
    }
    return Optional.of(alarm).filter(known -> isTold);
  }

  private void note() {
    notes.put(US, aboutUs::text);
    notes.put(POOLS, aboutPools::text);
  }

  /** One alarm in the place of all that were held back, some time after the first of them. */
  public Optional<Alarm> due(Instant now) {
    return summary(Stream.of(aboutUs, aboutPools).flatMap(share -> share.due(now).stream()), now);
  }

  /** The same at the end of a log, for all that were held back until then. */
  public Optional<Alarm> finish(Instant now) {
    return summary(Stream.of(aboutUs, aboutPools).flatMap(share -> share.end().stream()), now);
  }

  private Optional<Alarm> summary(Stream<Share.Held> held, Instant now) {
    Optional<Share.Held> all =
        held.reduce(
            (one, other) ->
                new Share.Held(
                    one.count() + other.count(),
                    one.since().isBefore(other.since()) ? one.since() : other.since()));
    if (all.isPresent()) {
      note();
    }
    return all.map(
        known ->
            new Alarm(
                now,
                Optional.empty(),
                new Objection(
                    GuardName.IS_IT_US,
                    known.count()
                        + " more alarms were held back since "
                        + known.since()
                        + ": too many at once; tlswaiver list --all shows what was refused and"
                        + " why")));
  }
}
