package dev.tlswaiver.report;

import dev.tlswaiver.handshake.Reason;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Counts what happened on each day, and in each hour as long as they are few: a log of two days has
 * two columns otherwise. Used by one thread.
 */
final class Slices {
  /** Logs are not older; a header with a wrong clock may say so. */
  private static final int MOST_DAYS = 4_000;

  /** A log of less than two days has no more than 49, if its lines are in order. */
  private static final int MOST_HOURS = 72;

  private static final Duration MOST_BY_HOUR = Duration.ofDays(2);

  private static final class Tally {
    private final Map<Reason, Integer> failures = new EnumMap<>(Reason.class);
    private final Map<String, Integer> protocols = new TreeMap<>();
  }

  private final Map<Instant, Tally> days = new TreeMap<>();
  private final Map<Instant, Tally> hours = new TreeMap<>();
  private boolean isLong;

  void fail(Instant time, Reason reason) {
    add(time, tally -> tally.failures.merge(reason, 1, Integer::sum));
  }

  void complete(Instant time, String protocol, int count) {
    add(time, tally -> tally.protocols.merge(protocol, count, Integer::sum));
  }

  private void add(Instant time, Consumer<Tally> count) {
    Instant day = time.truncatedTo(ChronoUnit.DAYS);
    if (days.size() < MOST_DAYS || days.containsKey(day)) {
      count.accept(days.computeIfAbsent(day, unseen -> new Tally()));
    }
    if (!isLong) {
      count.accept(
          hours.computeIfAbsent(time.truncatedTo(ChronoUnit.HOURS), unseen -> new Tally()));
      isLong = hours.size() > MOST_HOURS;
    }
    if (isLong) {
      hours.clear();
    }
  }

  /**
   * All of them.
   *
   * @param span what the whole log covers
   */
  Report.Course course(Duration span) {
    boolean isByHour = !isLong && span.compareTo(MOST_BY_HOUR) < 0;
    return isByHour
        ? new Report.Course(Duration.ofHours(1), list(hours))
        : new Report.Course(Duration.ofDays(1), list(days));
  }

  private static List<Report.Slice> list(Map<Instant, Tally> tallies) {
    return tallies.entrySet().stream()
        .map(
            entry ->
                new Report.Slice(
                    entry.getKey(), entry.getValue().failures, entry.getValue().protocols))
        .toList();
  }
}
