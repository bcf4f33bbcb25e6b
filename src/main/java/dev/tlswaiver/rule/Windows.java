package dev.tlswaiver.rule;

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

/**
 * The failures of each pool within each rule's window. Used by one thread.
 *
 * <p>Bounded: the pools that failed longest ago are evicted first, and a window keeps no more than
 * {@value #MOST_FAILURES} failures, which is more than any sensible rule asks for.
 */
public final class Windows {
  static final int MOST_POOLS = 20_000;
  static final int MOST_FAILURES = 1_000;

  private record Key(String rule, Pool pool) {}

  private record Failure(Instant time, IpAddress address, Failed failed) {}

  /**
   * How far a pool has come on the way to a finding.
   *
   * @param needed what the rule asks for
   */
  public record Progress(
      String rule, Pool pool, int failures, int needed, Duration spread, Duration neededSpread) {}

  private final List<Rule> rules;

  private final Map<Key, Deque<Failure>> windows = new LinkedHashMap<>(16, 0.75f, true);

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
    Failure failure = new Failure(handshake.time().get(), handshake.peer().address().get(), failed);
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

  private Deque<Failure> slide(Rule rule, Pool pool, Failure failure) {
    Deque<Failure> window =
        windows.computeIfAbsent(new Key(rule.name(), pool), key -> new ArrayDeque<>());
    window.addLast(failure);
    Instant start = failure.time().minus(rule.within());
    while (window.getFirst().time().isBefore(start) || window.size() > MOST_FAILURES) {
      window.removeFirst();
    }
    if (windows.size() > MOST_POOLS * rules.size()) {
      windows.remove(windows.keySet().iterator().next());
    }
    return window;
  }

  private static boolean isEnough(Rule rule, Deque<Failure> window) {
    return window.size() >= rule.failures() && spread(window).compareTo(rule.spread()) >= 0;
  }

  private static Duration spread(Deque<Failure> window) {
    return Duration.between(window.getFirst().time(), window.getLast().time());
  }

  private static Finding finding(Rule rule, Pool pool, Deque<Failure> window) {
    Failed latest = window.getLast().failed();
    return new Finding(
        rule.name(),
        pool,
        latest.reason(),
        latest.openssl(),
        window.size(),
        window.getFirst().time(),
        window.getLast().time(),
        window.stream().map(Failure::address).toList());
  }

  /** Every pool with failures in a window, with what its rule still asks for. */
  public List<Progress> progress() {
    List<Progress> progress = new ArrayList<>();
    for (Rule rule : rules) {
      windows.forEach(
          (key, window) -> {
            if (key.rule().equals(rule.name())) {
              progress.add(
                  new Progress(
                      rule.name(),
                      key.pool(),
                      window.size(),
                      rule.failures(),
                      spread(window),
                      rule.spread()));
            }
          });
    }
    return progress;
  }
}
