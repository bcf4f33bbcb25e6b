package dev.tlswaiver.guard;

import static java.util.Comparator.naturalOrder;
import static java.util.stream.Collectors.joining;

import dev.tlswaiver.handshake.Notes;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Suspects our own configuration when many unrelated senders begin to fail with one reason at about
 * the same time. Those that have failed since long before are old and not news; those of which some
 * hosts succeed meanwhile, and those that neither gave us mail nor met the strict terms before, say
 * nothing about us: names are cheap, and five of them must not stop everybody's waivers. So is
 * mail: those without a name in one network count as one. A provider's customers with names of
 * their own do not: they are what such a failure is seen by.
 *
 * <p>While those senders go on failing, whoever begins within a day after them is taken for one
 * more: the slow ones come hours later.
 */
public final class IsItUs implements Guard {
  public static final int MOST_POOLS = 5_000;
  private static final int MOST_CHANGES = 5;

  /** Keys of notes; those of the pools begin with a reason. */
  private static final String START = "start";

  private static final String CHANGES = "changes";
  private static final String INCIDENT = "incident ";

  private static final String MIXED = "mixed";
  private static final String UNMIXED = "-";

  private static final int IPV4_LENGTH = 24;

  /** Whoever has one /48 can often have more around it. */
  private static final int IPV6_LENGTH = 32;

  /** A pool that is silent for so long begins anew. */
  private static final Duration SILENCE = Duration.ofDays(1);

  /** Changes of ours that are older than this are not what failures begin with. */
  private static final Duration BLAMED = Duration.ofDays(1);

  /** Where our log begins, old senders seem to begin all at once: there it takes more of them. */
  private static final int AT_FIRST = 3;

  /** So long nobody can be told from a newcomer: most senders come within three days. */
  private static final Duration FIRST_DAYS = Duration.ofDays(3);

  /**
   * What is known of senders elsewhere.
   *
   * @param isKnown whether a pool has a name or a past; a crowd that has neither is not kept
   * @param isSender whether a pool is a mail system as far as is known, and no probe
   * @param wasSender whether it gave us mail, or met the strict terms, before this time
   * @param metTerms when a pool met the strict terms last, to the minute
   */
  public record Senders(
      Predicate<Pool> isKnown,
      BiPredicate<Pool, Instant> isSender,
      BiPredicate<Pool, Instant> wasSender,
      Function<Pool, Optional<Instant>> metTerms) {}

  private static final class Onset {
    private final boolean isMixed;

    /** What its owner may have more of; the pool itself where that is not known. */
    private final String network;

    private Instant began;
    private Instant last;

    Onset(Instant began, boolean isMixed, String network) {
      this.began = began;
      this.last = began;
      this.isMixed = isMixed;
      this.network = network;
    }

    String noted() {
      return began + " " + last + " " + (isMixed ? MIXED : UNMIXED) + " " + network;
    }

    /** Earlier releases noted no network, and nothing for one that is not mixed. */
    static Onset ofNoted(String noted, Pool pool) {
      String[] words = noted.split(" ");
      Onset onset =
          new Onset(
              Instant.parse(words[0]),
              words.length > 2 && words[2].equals(MIXED),
              words.length > 3 ? words[3] : pool.id());
      onset.last = Instant.parse(words[1]);
      return onset;
    }
  }

  private record Change(Instant at, String what) {
    String noted() {
      return at + " " + what;
    }

    static Change ofNoted(String line) {
      String[] parts = line.split(" ", 2);
      return new Change(Instant.parse(parts[0]), parts[1]);
    }
  }

  /** From the first to the last sender that began with enough others. */
  private record Incident(Instant first, Instant last) {
    String noted() {
      return first + " " + last;
    }

    Incident with(Incident other) {
      return new Incident(
          first.isBefore(other.first) ? first : other.first,
          last.isAfter(other.last) ? last : other.last);
    }
  }

  private final int pools;
  private final Duration within;
  private final Senders senders;
  private final Notes notes;

  /** Since when each pool fails without a success, those that failed longest ago first. */
  private final Map<Reason, Map<Pool, Onset>> failing = new EnumMap<>(Reason.class);

  private final Map<Reason, Incident> incidents = new EnumMap<>(Reason.class);
  private final List<Change> changes = new ArrayList<>();

  /** When the first handshake was seen. */
  private Optional<Instant> start = Optional.empty();

  /**
   * @param pools from how many on it is us
   * @param within how close together they begin
   * @param notes where all that this guard remembers is noted
   */
  public IsItUs(int pools, Duration within, Senders senders, Notes notes) {
    this.pools = pools;
    this.within = within;
    this.senders = senders;
    this.notes = notes;
  }

  @Override
  public GuardName name() {
    return GuardName.IS_IT_US;
  }

  /** Something of ours was changed, or complains about itself. */
  public void changed(Instant at, String what) {
    changes.removeIf(change -> change.what().equals(what));
    changes.add(new Change(at, what));
    if (changes.size() > MOST_CHANGES) {
      changes.remove(0);
    }
    notes.put(CHANGES, () -> changes.stream().map(Change::noted).collect(joining("\n")));
  }

  /** Takes up what an earlier run noted. */
  public void restore(String key, String noted) {
    notes.restored(key);
    String[] words = noted.split(" ");
    if (key.equals(START)) {
      start = Optional.of(Instant.parse(noted));
    } else if (key.equals(CHANGES)) {
      Arrays.stream(noted.split("\n")).map(Change::ofNoted).forEach(changes::add);
    } else if (key.startsWith(INCIDENT)) {
      incidents.put(
          Reason.find(key.substring(INCIDENT.length())).orElseThrow(),
          new Incident(Instant.parse(words[0]), Instant.parse(words[1])));
    } else {
      String[] whose = key.split(" ", 2);
      Pool pool = new Pool(whose[1]);
      alike(Reason.find(whose[0]).orElseThrow()).put(pool, Onset.ofNoted(noted, pool));
    }
  }

  @Override
  public void observe(Observation observation, Pool pool) {
    if (observation instanceof Handshake handshake
        && handshake.time().isPresent()
        && handshake.service().facesMx()) {
      Instant time = handshake.time().get();
      if (start.filter(first -> !time.isBefore(first)).isEmpty()) {
        start = Optional.of(time);
        notes.put(START, time::toString);
      }
      if (handshake.outcome() instanceof Failed failed && senders.isKnown().test(pool)) {
        fail(failed.reason(), pool, network(handshake.peer(), pool), time);
      }
    }
  }

  @Override
  public void recall(Observation observation, Pool pool) {
    // Since when a pool fails is noted: the evidence does not reach back so far.
  }

  private Map<Pool, Onset> alike(Reason reason) {
    return failing.computeIfAbsent(reason, fresh -> new LinkedHashMap<>());
  }

  private static String network(Peer peer, Pool pool) {
    return peer.address()
        .filter(address -> !pool.isNamed())
        .map(address -> address.network(IPV4_LENGTH, IPV6_LENGTH).toString())
        .orElse(pool.id());
  }

  private void fail(Reason reason, Pool pool, String network, Instant time) {
    Map<Pool, Onset> alike = alike(reason);
    Onset known = alike.remove(pool);
    Onset onset;
    if (known == null) {
      onset = new Onset(time, false, network);
    } else if (hasMetTermsSince(pool, known.last)) {
      // Within a day some of its hosts do, and some don't; after longer it is a new trouble.
      onset = new Onset(time, !known.last.isBefore(time.minus(SILENCE)), network);
    } else {
      // However long it was silent: nothing says that it ever worked in between.
      onset = known;
      onset.last = time.isAfter(onset.last) ? time : onset.last;
      onset.began = time.isBefore(onset.began) ? time : onset.began;
    }
    alike.put(pool, onset);
    forgetBeyondBound();
    notes.put(key(reason, pool), onset::noted);
  }

  /** Where they are most: a crowd that fails with one reason pushes out its own. */
  private void forgetBeyondBound() {
    int all = failing.values().stream().mapToInt(Map::size).sum();
    if (all > MOST_POOLS) {
      Map.Entry<Reason, Map<Pool, Onset>> largest =
          Collections.max(
              failing.entrySet(), Comparator.comparing(alike -> alike.getValue().size()));
      Pool eldest = largest.getValue().keySet().iterator().next();
      largest.getValue().remove(eldest);
      notes.remove(key(largest.getKey(), eldest));
    }
  }

  private static String key(Reason reason, Pool pool) {
    return reason.label() + " " + pool.id();
  }

  /** What is remembered to the minute is compared so. */
  private boolean hasMetTermsSince(Pool pool, Instant time) {
    return senders
        .metTerms()
        .apply(pool)
        .filter(met -> !met.isBefore(time.truncatedTo(ChronoUnit.MINUTES)))
        .isPresent();
  }

  /** Whether the pool began to fail like this lately, so that it may be one more of many. */
  public boolean isNews(Pool pool, Reason reason, Instant now) {
    Onset onset = failing.getOrDefault(reason, Map.of()).get(pool);
    return onset != null && !onset.began.plus(within).isBefore(now);
  }

  @Override
  public Optional<String> review(Waiver proposal) {
    List<Onset> together = together(proposal);
    return isEnough(together)
        ? Optional.of(words(proposal.evidence().reason(), began(proposal), together))
        : late(proposal);
  }

  @Override
  public Optional<String> judge(Waiver proposal) {
    List<Onset> together = together(proposal);
    if (!isEnough(together)) {
      return late(proposal);
    }
    Reason reason = proposal.evidence().reason();
    Incident incident = incidents.merge(reason, incident(together), Incident::with);
    notes.put(INCIDENT + reason.label(), incident::noted);
    return Optional.of(words(reason, began(proposal), together));
  }

  /** Those that began about when the proposal's pool did, itself among them. */
  private List<Onset> together(Waiver proposal) {
    Instant began = began(proposal);
    return victims(
        alike(proposal),
        began.minus(within),
        began.plus(within),
        proposal.evidence().last(),
        this::wasSender);
  }

  private boolean wasSender(Pool pool, Onset onset) {
    return senders.wasSender().test(pool, onset.began);
  }

  /**
   * What one more failure makes look like us in the first days of a log, when hardly anybody has
   * given us mail yet: those with a name count as well, so that a person looks. Names are cheap,
   * and whoever has five of them must not stop all waivers: it says no to nobody.
   */
  public Optional<Objection> suspicion(Pool pool, Reason reason, Instant now) {
    Map<Pool, Onset> alike = failing.getOrDefault(reason, Map.of());
    Onset own = alike.get(pool);
    boolean isEarly = start.filter(first -> now.isBefore(first.plus(FIRST_DAYS))).isPresent();
    BiPredicate<Pool, Onset> counts =
        (other, onset) -> senders.isSender().test(other, now) || wasSender(other, onset);
    if (!isEarly || own == null || !counts.test(pool, own)) {
      return Optional.empty();
    }
    List<Onset> together =
        victims(alike, own.began.minus(within), own.began.plus(within), now, counts);
    return isEnough(together)
        ? Optional.of(new Objection(name(), words(reason, own.began, together)))
        : Optional.empty();
  }

  private Map<Pool, Onset> alike(Waiver proposal) {
    return failing.getOrDefault(proposal.evidence().reason(), Map.of());
  }

  private Instant began(Waiver proposal) {
    return Optional.ofNullable(alike(proposal).get(proposal.pool()))
        .map(onset -> onset.began)
        .orElse(proposal.evidence().first());
  }

  private String words(Reason reason, Instant began, List<Onset> together) {
    return together.size()
        + " unrelated senders began to fail with "
        + reason.label()
        + " within "
        + within.toMinutes()
        + " minutes of "
        + began
        + whatToDo(reason, began);
  }

  /** One that began after an incident which goes on is taken for a part of it. */
  private Optional<String> late(Waiver proposal) {
    Reason reason = proposal.evidence().reason();
    Instant now = proposal.evidence().last();
    return Optional.ofNullable(incidents.get(reason))
        .filter(incident -> isPartOf(incident, began(proposal)))
        .filter(
            incident ->
                isEnough(
                    victims(
                        alike(proposal), incident.first(), incident.last(), now, this::wasSender)))
        .map(
            incident ->
                proposal.pool()
                    + " began to fail after many others did with "
                    + reason.label()
                    + " from "
                    + incident.first()
                    + " on"
                    + whatToDo(reason, incident.first()));
  }

  /** Those of whom it counts that began in this time, and go on without a success. */
  private List<Onset> victims(
      Map<Pool, Onset> alike,
      Instant from,
      Instant to,
      Instant now,
      BiPredicate<Pool, Onset> counts) {
    return alike.entrySet().stream()
        .filter(entry -> isBetween(entry.getValue().began, from, to))
        .filter(entry -> !entry.getValue().isMixed)
        .filter(entry -> !entry.getValue().last.isBefore(now.minus(SILENCE)))
        .filter(entry -> !hasMetTermsSince(entry.getKey(), entry.getValue().began))
        .filter(entry -> counts.test(entry.getKey(), entry.getValue()))
        .map(Map.Entry::getValue)
        .toList();
  }

  private static boolean isBetween(Instant time, Instant from, Instant to) {
    return !time.isBefore(from) && !time.isAfter(to);
  }

  private boolean isEnough(List<Onset> victims) {
    long dated = networks(victims.stream().filter(onset -> !isAtFirst(onset.began)));
    return dated >= pools || networks(victims.stream()) >= (long) pools * AT_FIRST;
  }

  /** How many owners there are at least, as far as addresses tell. */
  private static long networks(Stream<Onset> victims) {
    return victims.map(onset -> onset.network).distinct().count();
  }

  /** Whether nobody can tell if it had failed before, because our log begins there. */
  private boolean isAtFirst(Instant time) {
    return start.filter(first -> !time.isAfter(first.plus(within))).isPresent()
        && changes.stream().noneMatch(change -> !change.at().isAfter(time));
  }

  private Incident incident(List<Onset> victims) {
    Instant first = victims.stream().map(onset -> onset.began).min(naturalOrder()).orElseThrow();
    Instant last = victims.stream().map(onset -> onset.began).max(naturalOrder()).orElseThrow();
    return new Incident(isAtFirst(first) ? start.orElse(first) : first, last);
  }

  private static boolean isPartOf(Incident incident, Instant began) {
    return isBetween(began, incident.first(), incident.last().plus(BLAMED));
  }

  private String whatToDo(Reason reason, Instant began) {
    return ": look at our own " + suspects(reason) + " first" + changesBefore(began);
  }

  private static String suspects(Reason reason) {
    return switch (reason) {
      case NO_SHARED_CIPHER, HANDSHAKE_FAILURE_ALERT, INSUFFICIENT_SECURITY_ALERT ->
          "certificate (an ECDSA one alone serves no RSA sender) and cipher settings"
              + " (smtpd_tls_ciphers, smtpd_tls_exclude_ciphers, tls_high_cipherlist)";
      case UNKNOWN_PROTOCOL,
          UNSUPPORTED_PROTOCOL,
          VERSION_TOO_LOW,
          PROTOCOL_VERSION_ALERT,
          TLS13_TROUBLE,
          INAPPROPRIATE_FALLBACK ->
          "protocol settings (smtpd_tls_protocols, openssl.cnf)";
      case CERTIFICATE_REJECTED -> "certificate: its date, its chain, its names";
      case NO_SIGNATURE_ALGORITHM,
          DH_KEY_TOO_SMALL,
          NOT_TLS,
          CORRUPTED,
          DISCONNECTED,
          TIMED_OUT,
          OWN_FAULT,
          OTHER ->
          "TLS settings, certificate and network";
    };
  }

  private String changesBefore(Instant began) {
    List<String> before =
        changes.stream()
            .filter(
                change ->
                    !change.at().isAfter(began.plus(within))
                        && change.at().isAfter(began.minus(BLAMED)))
            .map(change -> change.what() + " at " + change.at())
            .toList();
    return before.isEmpty() ? "" : "; shortly before: " + String.join("; ", before);
  }
}
