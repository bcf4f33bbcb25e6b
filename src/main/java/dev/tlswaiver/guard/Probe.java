package dev.tlswaiver.guard;

import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Delivery;
import dev.tlswaiver.handshake.Observation.Ended;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Tells scanners from senders by a score of visible parts, 0 to 100. Mail accepted from the pool is
 * the best single proof of a real sender, and outweighs any two other parts. A peer without a name
 * and without mail needs one sign more to be taken for a scanner; a named one needs two.
 *
 * <p>What is done within a minute counts where one address does it: a farm does many things at
 * once. What was done more than a day ago is forgotten: the address may have another owner by then,
 * and no longer ago do the failures reach that are kept over a restart.
 *
 * <p>Only pools that do something suspicious are kept, so that a crowd of probes evicts each other
 * and no sender.
 */
public final class Probe implements Guard {
  static final int MOST_POOLS = 8_000;

  /** More than a busy host completes in a minute. */
  private static final int MOST_COMPLETED = 10_000;

  private static final Duration VISIT = Duration.ofMinutes(1);
  private static final int BURST = 3;

  /** A mail system tries again sooner, at least at first; a scanner comes back after hours. */
  private static final Duration RETRY = Duration.ofMinutes(90);

  private static final Duration SILENCE = Duration.ofDays(1);

  /** Failures that say nothing about what the peer tries: it left, or the line did. */
  private static final Set<Reason> INCONCLUSIVE = EnumSet.of(Reason.DISCONNECTED, Reason.TIMED_OUT);

  /** So many peers without a name or mail, all failing in one hour, are a wave of scanning. */
  private static final int WAVE = 50;

  private static final Duration WAVE_WITHIN = Duration.ofHours(1);
  private static final Duration MEMORY = Duration.ofDays(30);

  private static final Pattern SCANNER =
      Pattern.compile(
          "(^|[.-])(scan|scans|scanner|scanning|census|censys|probe|prober|shodan|shadowserver"
              + "|internet-measurement|binaryedge|researchscan|researchscanner|security-research"
              + "|netscan|portscan|ipscan|netprobe|openportstats|stretchoid|criminalip|onyphe|leakix"
              + "|zmap|masscan)"
              + "[0-9]*([.-]|$)");

  private enum Part {
    NO_VERIFIED_NAME("no verified name of its own", 15),
    SCANNER_NAME("named like a scanner", 50),
    NO_MAIL("no mail accepted yet", 10),
    MIXED_REASONS("different failures within a minute", 30),
    SUCCESS_BESIDE_FAILURE("success and failure within a minute", 25),
    BURST("three failures within a minute", 25),
    NO_RETRY("comes again, but never soon, as mail systems do", 25),
    NOT_TLS("sent something that is not TLS", 25),
    NO_COMMANDS("connected without a command", 25),
    SUBMISSION("tries submission services too", 25),
    WAVE("one of many nameless peers that fail within an hour", 25),
    MAIL_ACCEPTED("mail accepted", -60);

    private final String words;
    private final int points;

    Part(String words, int points) {
      this.words = words;
      this.points = points;
    }
  }

  /** What a pool did. */
  private static final class Sight {
    /** When each was seen last; where it took several failures, when the first of them was. */
    private final Map<Part, Instant> parts = new EnumMap<>(Part.class);

    private Instant returned = Instant.MIN;
    private Instant retried = Instant.MIN;
    private Instant lastFailed = Instant.MIN;
    private Visit visit = new Visit(Optional.empty(), Instant.MIN);
  }

  /** What one address of it does within a minute. */
  private static final class Visit {
    private final Optional<IpAddress> address;
    private final Instant start;
    private Instant last = Instant.MIN;
    private Optional<Reason> reason = Optional.empty();
    private int failures;

    Visit(Optional<IpAddress> address, Instant start) {
      this.address = address;
      this.start = start;
    }
  }

  private final int limit;
  private final LastSeen mail;

  /** Those of whom nothing was seen for longest first; asking about one does not count. */
  private final Map<Pool, Sight> sights = new LinkedHashMap<>();

  /** Who completed a handshake lately: most of them never fail, and are not kept for long. */
  private final Map<IpAddress, Instant> completed = new LinkedHashMap<>();

  /** When the latest nameless peers failed for the first time. */
  private final Deque<Instant> nameless = new ArrayDeque<>();

  /**
   * @param limit the score from which on this guard objects
   * @param mail which pools gave us mail, and when
   */
  public Probe(int limit, LastSeen mail) {
    this.limit = limit;
    this.mail = mail;
  }

  @Override
  public GuardName name() {
    return GuardName.PROBE;
  }

  /** Whether an observation says that a pool gave us mail, as other mail systems do. */
  public static boolean isMail(Observation observation) {
    return observation instanceof Delivery && observation.service().facesMx();
  }

  /** Whether a peer came and went without a word to the public service. */
  public static boolean isWithoutCommands(Ended ended) {
    return ended.service().facesMx() && ended.commands().filter(count -> count == 0).isPresent();
  }

  @Override
  public void observe(Observation observation, Pool pool) {
    if (isMail(observation)) {
      observation.time().ifPresent(time -> mail.see(pool, time));
    } else if (observation instanceof Ended ended && isWithoutCommands(ended)) {
      observation.time().ifPresent(time -> sight(pool).parts.put(Part.NO_COMMANDS, time));
    } else if (observation instanceof Handshake handshake && handshake.time().isPresent()) {
      see(pool, handshake, handshake.time().get());
    }
  }

  private Sight sight(Pool pool) {
    Sight known = sights.remove(pool);
    Sight sight = known == null ? new Sight() : known;
    sights.put(pool, sight);
    if (sights.size() > MOST_POOLS) {
      sights.remove(sights.keySet().iterator().next());
    }
    return sight;
  }

  private void see(Pool pool, Handshake handshake, Instant time) {
    if (handshake.outcome() instanceof Failed failed) {
      Sight sight = sight(pool);
      if (!handshake.service().facesMx()) {
        sight.parts.put(Part.SUBMISSION, time);
        return;
      }
      boolean isFirst = !isWithin(SILENCE, sight.lastFailed, time);
      name(sight, handshake.peer(), time);
      if (isFirst && !Pools.hasNameOfItsOwn(handshake.peer()) && !hasMail(pool, time)) {
        nameless.addLast(time);
        if (nameless.size() > WAVE) {
          nameless.removeFirst();
        }
      }
      fail(sight, visit(sight, handshake.peer(), time), failed.reason(), time);
    } else if (handshake.outcome() instanceof Completed) {
      handshake.peer().address().ifPresent(address -> complete(address, time));
      if (sights.containsKey(pool)) {
        Sight sight = sight(pool);
        if (visit(sight, handshake.peer(), time).failures > 0) {
          sight.parts.put(Part.SUCCESS_BESIDE_FAILURE, sight.visit.start);
        }
      }
    }
  }

  private void complete(IpAddress address, Instant time) {
    completed.remove(address);
    completed.put(address, time);
    if (completed.size() > MOST_COMPLETED) {
      completed.remove(completed.keySet().iterator().next());
    }
  }

  /** The visit that this is part of: the same address, within a minute of what it did last. */
  private static Visit visit(Sight sight, Peer peer, Instant time) {
    Visit visit = sight.visit;
    boolean isSame = visit.address.equals(peer.address()) && isWithin(VISIT, visit.last, time);
    if (!isSame) {
      visit = new Visit(peer.address(), time);
      sight.visit = visit;
    }
    visit.last = time;
    return visit;
  }

  private boolean hasCompleted(Optional<IpAddress> address, Instant time) {
    return address
        .flatMap(known -> Optional.ofNullable(completed.get(known)))
        .filter(last -> isWithin(VISIT, last, time))
        .isPresent();
  }

  private void fail(Sight sight, Visit visit, Reason reason, Instant time) {
    if (sight.lastFailed.isAfter(Instant.MIN) && !isWithin(VISIT, sight.lastFailed, time)) {
      sight.returned = sight.lastFailed;
    }
    if (!isWithin(VISIT, sight.lastFailed, time) && isWithin(RETRY, sight.lastFailed, time)) {
      sight.retried = sight.lastFailed;
    }
    sight.lastFailed = time;
    if (hasCompleted(visit.address, time)) {
      sight.parts.put(Part.SUCCESS_BESIDE_FAILURE, visit.start);
    }
    if (reason == Reason.NOT_TLS) {
      sight.parts.put(Part.NOT_TLS, time);
    }
    if (++visit.failures >= BURST) {
      sight.parts.put(Part.BURST, visit.start);
    }
    if (!INCONCLUSIVE.contains(reason)) {
      if (visit.reason.filter(last -> last != reason).isPresent()) {
        sight.parts.put(Part.MIXED_REASONS, visit.start);
      }
      visit.reason = Optional.of(reason);
    }
  }

  private static void name(Sight sight, Peer peer, Instant time) {
    if (!Pools.hasNameOfItsOwn(peer)) {
      sight.parts.put(Part.NO_VERIFIED_NAME, time);
    }
    peer.name()
        .map(HostName::text)
        .filter(name -> SCANNER.matcher(name).find())
        .ifPresent(scanner -> sight.parts.put(Part.SCANNER_NAME, time));
  }

  private static boolean isWithin(Duration span, Instant before, Instant after) {
    return before.isAfter(Instant.MIN)
        && Duration.between(before, after).abs().compareTo(span) <= 0;
  }

  private boolean hasMail(Pool pool, Instant now) {
    return mail.since(pool, now.minus(MEMORY));
  }

  @Override
  public Optional<String> review(Waiver proposal) {
    Instant now = proposal.evidence().last();
    return !isProbe(proposal.pool(), now)
        ? Optional.empty()
        : Optional.of(
            proposal.pool()
                + " looks like a probe, score "
                + score(proposal.pool(), now)
                + " with a limit of "
                + limit
                + ": "
                + String.join(", ", words(proposal.pool(), now))
                + "; if it is a sender that you know, tlswaiver grant lets it in");
  }

  /** Whether the pool is taken for a scanner. */
  public boolean isProbe(Pool pool, Instant now) {
    return score(pool, now) >= limit;
  }

  /** Whether the pool has failed again soon after a failure, as a mail system does. */
  public boolean hasRetried(Pool pool, Instant now) {
    Sight sight = sights.get(pool);
    return sight != null && isRecent(sight.retried, now);
  }

  private static boolean isRecent(Instant time, Instant now) {
    return !time.isBefore(now.minus(SILENCE));
  }

  /** The pool's score, 0 to 100. */
  public int score(Pool pool, Instant now) {
    int sum = parts(pool, now).stream().mapToInt(part -> part.points).sum();
    return Math.max(0, Math.min(100, sum));
  }

  /** The parts of the score, each with its points. */
  public List<String> words(Pool pool, Instant now) {
    return parts(pool, now).stream().map(part -> part.words + " " + part.points).toList();
  }

  private Set<Part> parts(Pool pool, Instant now) {
    Sight sight = sights.get(pool);
    Set<Part> parts = EnumSet.noneOf(Part.class);
    if (sight != null) {
      sight.parts.forEach(
          (part, time) -> {
            if (isRecent(time, now)) {
              parts.add(part);
            }
          });
      // Of one visit alone nobody can tell.
      if (isRecent(sight.returned, now) && !isRecent(sight.retried, now)) {
        parts.add(Part.NO_RETRY);
      }
    }
    boolean hasMail = hasMail(pool, now);
    parts.add(hasMail ? Part.MAIL_ACCEPTED : Part.NO_MAIL);
    if (!hasMail && parts.contains(Part.NO_VERIFIED_NAME) && isInWave(now)) {
      parts.add(Part.WAVE);
    }
    return parts;
  }

  private boolean isInWave(Instant now) {
    return nameless.size() >= WAVE && nameless.getFirst().isAfter(now.minus(WAVE_WITHIN));
  }
}
