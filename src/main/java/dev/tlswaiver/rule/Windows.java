package dev.tlswaiver.rule;

import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Pool;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The failures of each pool within each rule's window. Used by one thread.
 *
 * <p>Bounded: those that failed only once make no room for themselves among those that came again,
 * nor those without a name among those with one, so that a crowd of probes, each of which comes
 * once, evicts each other and not a sender that comes again. Of each kind those leave first whose
 * network takes most, and of them those that failed longest ago: see {@link FairShare}. A window
 * keeps no more than {@value #MOST_FAILURES} failures, which is more than any sensible rule asks
 * for.
 */
public final class Windows {
  static final int MOST_ONCE = 8_000;
  static final int MOST_AGAIN = 8_000;
  static final int MOST_FAILURES = 1_000;

  /** In the windows of those that failed again, all together. */
  static final int MOST_IN_ALL = 30_000;

  /** What is left of a full table: to make room costs a walk through it. */
  private static final double LEFT = 7.0 / 8;

  private static final FairShare<Failure> ONCE = new FairShare<>(Failure::address, once -> 1);

  private static final FairShare<Deque<Failure>> BY_POOL =
      new FairShare<>(window -> window.getLast().address(), window -> 1);

  private static final FairShare<Deque<Failure>> BY_FAILURE =
      new FairShare<>(window -> window.getLast().address(), Deque::size);

  private static final int MOST_HELLOS = 1_000;
  private static final int MOST_CAUSES = 1_000;

  private record Key(String rule, Pool pool) {}

  private record Failure(Instant time, IpAddress address, Failed failed) {}

  private record Offered(Instant time, ClientHello hello) {}

  /**
   * How far a pool has come on the way to a finding.
   *
   * @param needed what the rule asks for
   */
  public record Progress(
      String rule, Pool pool, int failures, int needed, Duration spread, Duration neededSpread) {}

  private final List<Rule> rules;

  /** The only failure of each pool that is an address; crowds of probes are such. */
  private final Map<Key, Failure> nameless = new LinkedHashMap<>();

  /** The only failure of each pool with a name. */
  private final Map<Key, Failure> named = new LinkedHashMap<>();

  /** The windows of those that failed again. */
  private final Map<Key, Deque<Failure>> again = new LinkedHashMap<>(16, 0.75f, true);

  private int inAll;

  /** The few ways to fail, each kept once for all who do. */
  private final Map<Failed, Failed> causes = new LinkedHashMap<>();

  /** What pools offered last. */
  private final Map<Pool, Offered> hellos = new LinkedHashMap<>(16, 0.75f, true);

  public Windows(List<Rule> rules) {
    this.rules = List.copyOf(rules);
  }

  /** Whether some rule counts this failure. */
  public boolean counts(Failed failed) {
    return rules.stream().anyMatch(rule -> rule.counts(failed));
  }

  /**
   * Adds a handshake. A completed one, and one whose line bore no time or address, changes nothing.
   *
   * @return what the rules find now: again with each further failure, as the evidence grows
   */
  public List<Finding> observe(Pool pool, Handshake handshake) {
    if (!(handshake.outcome() instanceof Failed failed)
        || handshake.time().isEmpty()
        || handshake.peer().address().isEmpty()) {
      return List.of();
    }
    Instant time = handshake.time().get();
    handshake.hello().ifPresent(hello -> remember(pool, new Offered(time, hello)));
    Failure failure = new Failure(time, handshake.peer().address().get(), kept(failed));
    List<Finding> findings = new ArrayList<>();
    for (Rule rule : rules) {
      if (rule.counts(failed)) {
        Deque<Failure> window = slide(rule, pool, failure);
        if (isEnough(rule, window)) {
          findings.add(finding(rule, pool, window));
        }
      }
    }
    return findings;
  }

  /** What the pool failed with before then has had its consequence. */
  public void forgetBefore(Pool pool, Instant then) {
    for (Rule rule : rules) {
      Key key = new Key(rule.name(), pool);
      Failure only = once(pool).get(key);
      if (only != null && only.time().isBefore(then)) {
        once(pool).remove(key);
      }
      Deque<Failure> window = again.get(key);
      if (window != null) {
        int before = window.size();
        window.removeIf(failure -> failure.time().isBefore(then));
        inAll -= before - window.size();
        if (window.size() < 2) {
          again.remove(key);
          inAll -= window.size();
          window.forEach(left -> once(pool).put(key, left));
        }
      }
    }
  }

  private Failed kept(Failed failed) {
    Failed kept = causes.computeIfAbsent(failed, first -> first);
    evictEldest(causes, MOST_CAUSES);
    return kept;
  }

  private Map<Key, Failure> once(Pool pool) {
    return pool.isNamed() ? named : nameless;
  }

  /** A version alone says less than what the pool offered before with the same one. */
  private void remember(Pool pool, Offered offered) {
    hellos.merge(
        pool,
        offered,
        (before, latest) ->
            !latest.hello().hasSuites() && before.hello().version() == latest.hello().version()
                ? new Offered(latest.time(), before.hello())
                : latest);
    evictEldest(hellos, MOST_HELLOS);
  }

  private Deque<Failure> slide(Rule rule, Pool pool, Failure failure) {
    Key key = new Key(rule.name(), pool);
    Deque<Failure> window = again.get(key);
    if (window == null) {
      window = new ArrayDeque<>(4);
      Optional.ofNullable(once(pool).remove(key)).ifPresent(window::addLast);
    }
    int before = again.containsKey(key) ? window.size() : 0;
    add(window, failure);
    Instant start = window.getLast().time().minus(rule.within());
    while (window.getFirst().time().isBefore(start) || window.size() > MOST_FAILURES) {
      window.removeFirst();
    }
    inAll -= before;
    if (window.size() == 1) {
      again.remove(key);
      once(pool).put(key, window.getFirst());
      if (once(pool).size() > MOST_ONCE) {
        ONCE.shrink(once(pool), (int) (MOST_ONCE * LEFT));
      }
    } else {
      again.put(key, window);
      inAll += window.size();
      if (again.size() > MOST_AGAIN) {
        BY_POOL.shrink(again, (int) (MOST_AGAIN * LEFT));
        inAll = again.values().stream().mapToInt(Deque::size).sum();
      }
      if (inAll > MOST_IN_ALL) {
        inAll = BY_FAILURE.shrink(again, (int) (MOST_IN_ALL * LEFT));
      }
    }
    return window;
  }

  /** In the order of their times: lines of several processes may come a little out of it. */
  private static void add(Deque<Failure> window, Failure failure) {
    Deque<Failure> later = new ArrayDeque<>();
    while (!window.isEmpty() && window.getLast().time().isAfter(failure.time())) {
      later.addFirst(window.removeLast());
    }
    window.addLast(failure);
    window.addAll(later);
  }

  private static <K, V> void evictEldest(Map<K, V> map, int most) {
    if (map.size() > most) {
      map.remove(map.keySet().iterator().next());
    }
  }

  private static boolean isEnough(Rule rule, Deque<Failure> window) {
    return window.size() >= rule.failures() && spread(window).compareTo(rule.spread()) >= 0;
  }

  private static Duration spread(Deque<Failure> window) {
    return Duration.between(window.getFirst().time(), window.getLast().time());
  }

  private Finding finding(Rule rule, Pool pool, Deque<Failure> window) {
    Failed latest = window.getLast().failed();
    return new Finding(
        rule.name(),
        pool,
        latest.reason(),
        latest.openssl(),
        window.size(),
        window.getFirst().time(),
        window.getLast().time(),
        window.stream().map(Failure::address).toList(),
        Optional.ofNullable(hellos.get(pool))
            .filter(offered -> !offered.time().isBefore(window.getFirst().time()))
            .map(Offered::hello));
  }

  /** Every pool with failures in a window, with what its rule still asks for. */
  public List<Progress> progress() {
    List<Progress> progress = new ArrayList<>();
    for (Rule rule : rules) {
      Stream.of(named, nameless)
          .flatMap(once -> once.keySet().stream())
          .filter(key -> key.rule().equals(rule.name()))
          .forEach(key -> progress.add(progress(rule, key.pool(), 1, Duration.ZERO)));
      again.forEach(
          (key, window) -> {
            if (key.rule().equals(rule.name())) {
              progress.add(progress(rule, key.pool(), window.size(), spread(window)));
            }
          });
    }
    return progress;
  }

  private static Progress progress(Rule rule, Pool pool, int failures, Duration spread) {
    return new Progress(rule.name(), pool, failures, rule.failures(), spread, rule.spread());
  }
}
