package dev.tlswaiver.report;

import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Ended;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Observation.OwnFault;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.handshake.Sessions;
import dev.tlswaiver.maillog.Headers;
import dev.tlswaiver.maillog.SmtpdRecord;
import dev.tlswaiver.maillog.SyslogMessage;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.scan.PeerNumbers;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Builds a report from lines, in bounded memory however many there are. Used by one thread. */
public final class ReportCounter {
  private static final int MOST_CACHED = 20_000;

  /** Rows of failures that are kept apart; the rarest are put together when there are more. */
  private static final int MOST_ROWS = 30_000;

  /** Pools that are remembered as failing; an attack may bring millions. */
  private static final int MOST_FAILING = 50_000;

  private static final int MOST_FAULTS = 1_000;

  private record Cause(
      Optional<HostName> name,
      Optional<IpAddress> address,
      String service,
      Reason reason,
      Optional<String> openssl,
      boolean late) {
    Cause ofAnybody() {
      return new Cause(Optional.empty(), Optional.empty(), service, reason, openssl, late);
    }
  }

  private record Terms(String service, String protocol, String cipher, int bits) {}

  private static final class Tally {
    private int count;
    private Optional<Instant> first = Optional.empty();
    private Optional<Instant> last = Optional.empty();

    void add(int more, Optional<Instant> from, Optional<Instant> to) {
      count += more;
      first = first.isEmpty() || isBefore(from, first) ? from.or(() -> first) : first;
      last = last.isEmpty() || isBefore(last, to) ? to.or(() -> last) : last;
    }

    private static boolean isBefore(Optional<Instant> left, Optional<Instant> right) {
      return left.isPresent() && right.isPresent() && left.get().isBefore(right.get());
    }
  }

  private static final class Use {
    private int count;
    private final DistinctCount peers = new DistinctCount();
  }

  private final Headers headers;
  private final Pools pools;
  private final Optional<Instant> since;
  private final Optional<Instant> until;
  private final OwnProbes own;
  private final Sessions sessions = new Sessions();

  private final Map<Cause, Tally> failures = new HashMap<>();
  private final Map<Terms, Usage> usages = new HashMap<>();
  private final Map<String, Integer> faults = new TreeMap<>();
  private final Slices slices = new Slices();
  private final Set<Pool> failing = new HashSet<>();
  private final LongSet failingNumbers = new LongSet();
  private boolean isAnyNetworkFailing;
  private final Map<Pool, Integer> plaintext = new TreeMap<>();

  /** Of sessions whose end has no sums: at level 0 they may have been encrypted. */
  private final Map<Pool, Integer> plaintextUnsummed = new TreeMap<>();

  private final Map<Peer, Optional<Pool>> poolOf = new HashMap<>();
  private long lines;
  private long postfixLines;
  private long unrecognized;
  private long gaps;
  private Optional<Instant> from = Optional.empty();
  private Optional<Instant> to = Optional.empty();

  /**
   * @param since what was before is left out
   * @param until what was then or later is left out
   */
  public ReportCounter(
      Headers headers,
      Pools pools,
      OwnProbes own,
      Optional<Instant> since,
      Optional<Instant> until) {
    this.headers = headers;
    this.pools = pools;
    this.own = own;
    this.since = since;
    this.until = until;
  }

  /** Counts a line that was written not later than that. */
  public void accept(String line, Instant written) {
    Optional<SyslogMessage> message = headers.parse(line, written);
    if (message.flatMap(SyslogMessage::time).filter(this::isOutside).isEmpty()) {
      lines++;
      message.ifPresent(this::readDoubtful);
    }
  }

  /** Counts lines that are not read, because they say nothing of TLS, or that are read later. */
  void skip(long count, long ofPostfix) {
    lines += count;
    postfixLines += ofPostfix;
  }

  /** Reads a line that was counted already, but not as Postfix's. */
  void readDoubtful(String line, Instant written) {
    headers.parse(line, written).ifPresent(this::readDoubtful);
  }

  private void readDoubtful(SyslogMessage message) {
    postfixLines += message.isPostfix() ? 1 : 0;
    read(message);
  }

  /** How many lines of Postfix there were so far. */
  public long postfixLines() {
    return postfixLines;
  }

  /** Reads a line that was counted already. */
  void read(String line, Instant written) {
    headers.parse(line, written).ifPresent(this::read);
  }

  /** Joins a line whose handshake was counted by {@link #use} with those around it. */
  void join(String line, Instant written) {
    headers.parse(line, written).ifPresent(sessions::accept);
  }

  /** The service of a line. */
  Optional<String> service(String line, Instant written) {
    return headers.parse(line, written).map(SyslogMessage::service);
  }

  /** What a line of OpenSSL's says of a failure. */
  Optional<Failed> cause(String line, Instant written) {
    return headers
        .parse(line, written)
        .map(message -> SmtpdRecord.parse(message.text()))
        .filter(SmtpdRecord.LibraryProblem.class::isInstance)
        .map(record -> Failed.of(((SmtpdRecord.LibraryProblem) record).error()));
  }

  /** The time of a line that is not read; it is noted. */
  Optional<Instant> time(String line, Instant written) {
    Optional<Instant> time = headers.time(line, written);
    time.ifPresent(this::note);
    return time;
  }

  private void note(Instant time) {
    if (from.isEmpty() || time.isBefore(from.get())) {
      from = Optional.of(time);
    }
    if (to.isEmpty() || time.isAfter(to.get())) {
      to = Optional.of(time);
    }
  }

  private void read(SyslogMessage message) {
    message.time().ifPresent(this::note);
    if (message.tellsGap()) {
      gaps++;
    }
    if (message.isSmtpServer()) {
      SmtpdRecord record = SmtpdRecord.parse(message.text());
      if (record instanceof SmtpdRecord.Unrecognized) {
        unrecognized++;
      }
      own.without(message, record, sessions.accept(message, record)).forEach(this::count);
    }
  }

  private boolean isOutside(Instant time) {
    return since.filter(time::isBefore).isPresent()
        || until.filter(end -> !time.isBefore(end)).isPresent();
  }

  /** Whether a peer with this number of {@link PeerNumbers} may be in a pool that failed. */
  boolean mayBeFailing(long number) {
    return isAnyNetworkFailing || failingNumbers.contains(number);
  }

  private Optional<Pool> pool(Peer peer) {
    if (poolOf.size() >= MOST_CACHED) {
      poolOf.clear();
    }
    return poolOf.computeIfAbsent(peer, pools::find);
  }

  private void fail(Pool pool) {
    if (failing.size() < MOST_FAILING && failing.add(pool)) {
      failingNumbers.add(PeerNumbers.of(pool.id()));
      isAnyNetworkFailing |= pool.id().indexOf('/') >= 0;
    }
  }

  /** Counts the messages of a session that said nothing of TLS, with its last line. */
  void end(String line, Instant written, int messages) {
    Optional<SyslogMessage> message = headers.parse(line, written);
    if (message.isPresent()
        && SmtpdRecord.parse(message.get().text()) instanceof SmtpdRecord.Disconnect end
        && end.starttls().filter(count -> count > 0).isEmpty()) {
      fallBack(end.peer(), end.commands().isPresent(), messages);
    }
  }

  private void fallBack(Peer peer, boolean isSummed, int count) {
    Map<Pool, Integer> messages = isSummed ? plaintext : plaintextUnsummed;
    pool(peer)
        .filter(failing::contains)
        .ifPresent(pool -> messages.merge(pool, count, Integer::sum));
  }

  private void count(Observation observation) {
    if (observation instanceof Handshake handshake) {
      count(handshake);
    }
    if (observation instanceof OwnFault fault
        && (faults.size() < MOST_FAULTS || faults.containsKey(fault.text()))) {
      faults.merge(fault.text(), 1, Integer::sum);
    }
    if (observation instanceof Ended ended && ended.plaintextMessages() > 0) {
      fallBack(ended.peer(), ended.commands().isPresent(), ended.plaintextMessages());
    }
  }

  private void count(Handshake handshake) {
    String service = handshake.service().name();
    if (handshake.outcome() instanceof Failed failed) {
      count(handshake.time(), service, handshake.peer(), failed);
    }
    if (handshake.outcome() instanceof Completed completed) {
      use(service, completed)
          .add(
              PeerNumbers.of(handshake.peer().address().map(IpAddress::toString).orElse("")),
              handshake.time());
    }
  }

  /** Counts a failure. */
  void count(Optional<Instant> time, String service, Peer peer, Failed failed) {
    pool(peer).ifPresent(this::fail);
    Cause cause =
        new Cause(
            peer.name(), peer.address(), service, failed.reason(), failed.openssl(), failed.late());
    failures.computeIfAbsent(cause, unseen -> new Tally()).add(1, time, time);
    if (failures.size() > MOST_ROWS) {
      foldRarest();
    }
    time.ifPresent(known -> slices.fail(known, failed.reason()));
  }

  /** Rows of a single failure, then of two, and so on, become one row of nobody for each reason. */
  private void foldRarest() {
    for (int rare = 1; failures.size() > MOST_ROWS / 2; rare++) {
      Map<Cause, Tally> folded = new HashMap<>();
      int most = rare;
      failures
          .entrySet()
          .removeIf(
              row -> {
                boolean isRare = row.getValue().count <= most && row.getKey().address().isPresent();
                if (isRare) {
                  Tally tally = row.getValue();
                  folded
                      .computeIfAbsent(row.getKey().ofAnybody(), unseen -> new Tally())
                      .add(tally.count, tally.first, tally.last);
                }
                return isRare;
              });
      folded.forEach(
          (cause, tally) ->
              failures
                  .computeIfAbsent(cause, unseen -> new Tally())
                  .add(tally.count, tally.first, tally.last));
    }
  }

  /** Counts handshakes that were completed on the same terms. */
  final class Usage {
    private final String protocol;
    private final Use use;
    private Optional<Instant> hour = Optional.empty();
    private int since;

    private Usage(String protocol, Use use) {
      this.protocol = protocol;
      this.use = use;
    }

    /** One more, by a peer with this number of {@link PeerNumbers}. */
    void add(long peer, Optional<Instant> time) {
      use.count++;
      use.peers.add(peer);
      if (!time.equals(hour)) {
        flush();
        hour = time;
      }
      since++;
    }

    /** Gives what was counted in an hour to that hour. */
    private void flush() {
      int count = since;
      if (count > 0) {
        hour.ifPresent(known -> slices.complete(known, protocol, count));
      }
      since = 0;
    }
  }

  /** The terms that a line of a completed handshake tells; empty where it is none. */
  Optional<Usage> use(String line, Instant written) {
    Optional<SyslogMessage> message = headers.parse(line, written);
    if (message.isPresent()
        && SmtpdRecord.parse(message.get().text()) instanceof SmtpdRecord.Established terms) {
      return Optional.of(
          use(
              message.get().service(),
              new Completed(terms.protocol(), terms.cipher(), terms.bits())));
    }
    return Optional.empty();
  }

  private Usage use(String service, Completed completed) {
    return usages.computeIfAbsent(
        new Terms(service, completed.protocol(), completed.cipher(), completed.bits()),
        unseen -> new Usage(completed.protocol(), new Use()));
  }

  /** The log is at its end. */
  public Report finish() {
    own.finish().forEach(this::count);
    sessions.finish().forEach(this::count);
    usages.values().forEach(Usage::flush);
    if (!usages.isEmpty()) {
      plaintextUnsummed.forEach((pool, count) -> plaintext.merge(pool, count, Integer::sum));
    }
    return new Report(
        lines,
        postfixLines,
        unrecognized,
        gaps,
        from,
        to,
        failures.entrySet().stream()
            .map(entry -> failure(entry.getKey(), entry.getValue()))
            .sorted(Report.Failure.MOST_FIRST)
            .toList(),
        usages.entrySet().stream()
            .map(entry -> established(entry.getKey(), entry.getValue().use))
            .sorted(
                Comparator.comparingInt(Report.Established::count)
                    .reversed()
                    .thenComparing(Report.Established::protocol)
                    .thenComparing(Report.Established::cipher)
                    .thenComparing(Report.Established::service))
            .toList(),
        faults.entrySet().stream()
            .map(entry -> new Report.OwnFaults(entry.getKey(), entry.getValue()))
            .toList(),
        plaintext.entrySet().stream()
            .map(entry -> new Report.PlaintextAfterFailure(entry.getKey(), entry.getValue()))
            .toList(),
        slices.course(
            from.flatMap(begin -> to.map(end -> Duration.between(begin, end)))
                .orElse(Duration.ZERO)));
  }

  private Report.Failure failure(Cause cause, Tally tally) {
    return new Report.Failure(
        cause.name(),
        cause.address(),
        pools.find(new Peer(cause.name(), cause.address())),
        cause.service(),
        cause.reason(),
        cause.openssl(),
        cause.late(),
        tally.count,
        tally.first,
        tally.last);
  }

  private static Report.Established established(Terms terms, Use use) {
    return new Report.Established(
        terms.service(),
        terms.protocol(),
        terms.cipher(),
        terms.bits(),
        use.count,
        use.peers.count());
  }
}
