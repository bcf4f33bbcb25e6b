package dev.tlswaiver.report;

import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Pool;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who fails and why, and what is in use.
 *
 * @param lines all lines read
 * @param postfixLines those that a program of Postfix wrote
 * @param unrecognized sentences of an SMTP server process that we don't know
 * @param from the earliest time in the log
 * @param to the latest
 * @param failures the most frequent first
 * @param course what happened when, as far as lines have a time
 */
public record Report(
    long lines,
    long postfixLines,
    long unrecognized,
    long gaps,
    Optional<Instant> from,
    Optional<Instant> to,
    List<Failure> failures,
    List<Established> established,
    List<OwnFaults> ownFaults,
    List<PlaintextAfterFailure> plaintextAfterFailure,
    Course course) {

  public Report {
    failures = List.copyOf(failures);
    established = List.copyOf(established);
    ownFaults = List.copyOf(ownFaults);
    plaintextAfterFailure = List.copyOf(plaintextAfterFailure);
  }

  /** Failures of one peer for one reason. */
  public record Failure(
      Optional<HostName> name,
      Optional<IpAddress> address,
      Optional<Pool> pool,
      String service,
      Reason reason,
      Optional<String> openssl,
      boolean late,
      int count,
      Optional<Instant> first,
      Optional<Instant> last) {

    static final Comparator<Failure> MOST_FIRST =
        Comparator.comparingInt(Failure::count)
            .reversed()
            .thenComparing(failure -> failure.pool().map(Pool::id).orElse(""))
            .thenComparing(failure -> failure.address().map(IpAddress::toString).orElse(""))
            .thenComparing(failure -> failure.reason().label())
            .thenComparing(failure -> failure.openssl().orElse(""))
            .thenComparing(Failure::service)
            .thenComparing(failure -> failure.name().map(HostName::text).orElse(""))
            .thenComparing(Failure::late);

    /** What all rows of a group have in common. */
    private Failure heading(Grouping grouping) {
      boolean isByPool = grouping == Grouping.POOL;
      return new Failure(
          Optional.empty(),
          Optional.empty(),
          isByPool ? pool : Optional.empty(),
          service,
          reason,
          isByPool ? openssl : Optional.empty(),
          late,
          0,
          Optional.empty(),
          Optional.empty());
    }

    private static Failure sum(Failure heading, List<Failure> rows) {
      return new Failure(
          heading.name,
          heading.address,
          heading.pool,
          heading.service,
          heading.reason,
          heading.openssl,
          heading.late,
          rows.stream().mapToInt(Failure::count).sum(),
          rows.stream().flatMap(row -> row.first.stream()).min(Comparator.naturalOrder()),
          rows.stream().flatMap(row -> row.last.stream()).max(Comparator.naturalOrder()));
    }
  }

  /** How often a protocol and cipher were negotiated, and by how many peers. */
  public record Established(
      String service, String protocol, String cipher, int bits, int count, int peers) {}

  /** How often our own configuration was at fault. */
  public record OwnFaults(String text, int count) {}

  /** Messages that came in plaintext from a pool whose handshake had failed. */
  public record PlaintextAfterFailure(Pool pool, int messages) {}

  /**
   * What happened on each day or, where the whole log is of less than two days, in each hour, in
   * UTC.
   *
   * @param each how long a slice is
   * @param slices those in which something happened, in their order
   */
  public record Course(Duration each, List<Slice> slices) {
    public Course {
      slices = List.copyOf(slices);
    }
  }

  /** One day's or hour's failures by reason and successes by protocol. */
  public record Slice(
      Instant start, Map<Reason, Integer> failures, Map<String, Integer> protocols) {
    public Slice {
      failures = Map.copyOf(failures);
      protocols = Map.copyOf(protocols);
    }
  }

  /** By what failures are put together. */
  public enum Grouping {
    ADDRESS,
    POOL,
    REASON
  }

  /** The same with failures put together: rows of one pool, or of one reason. */
  public Report by(Grouping grouping) {
    if (grouping == Grouping.ADDRESS) {
      return this;
    }
    Map<Failure, List<Failure>> groups = new LinkedHashMap<>();
    failures.forEach(
        row -> groups.computeIfAbsent(row.heading(grouping), unseen -> new ArrayList<>()).add(row));
    return with(
        groups.entrySet().stream()
            .map(group -> Failure.sum(group.getKey(), group.getValue()))
            .sorted(Failure.MOST_FIRST)
            .toList());
  }

  /** The same with no more failures than that. */
  public Report top(int most) {
    return with(failures.subList(0, Math.min(most, failures.size())));
  }

  private Report with(List<Failure> rows) {
    return new Report(
        lines,
        postfixLines,
        unrecognized,
        gaps,
        from,
        to,
        rows,
        established,
        ownFaults,
        plaintextAfterFailure,
        course);
  }
}
