package dev.tlswaiver.report;

import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Delivery;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Observation.OwnFault;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.handshake.Sessions;
import dev.tlswaiver.maillog.SmtpdRecord;
import dev.tlswaiver.maillog.SyslogMessage;
import dev.tlswaiver.maillog.SyslogParser;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.peer.Pools;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Who fails and why, and what is in use.
 *
 * @param lines all lines read
 * @param unrecognized sentences of an SMTP server process that we don't know
 * @param from the earliest time in the log
 * @param to the latest
 */
public record Report(
    long lines,
    long unrecognized,
    long gaps,
    Optional<Instant> from,
    Optional<Instant> to,
    List<Failure> failures,
    List<Established> established,
    List<OwnFaults> ownFaults,
    List<PlaintextAfterFailure> plaintextAfterFailure) {

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
      Optional<Instant> last) {}

  /** How often a protocol and cipher were negotiated, and by how many peers. */
  public record Established(
      String service, String protocol, String cipher, int bits, int count, int peers) {}

  /** How often our own configuration was at fault. */
  public record OwnFaults(String text, int count) {}

  /** Messages that came in plaintext from a pool whose handshake had failed. */
  public record PlaintextAfterFailure(Pool pool, int messages) {}

  /** Builds a report from lines. Used by one thread. */
  public static final class Counter {
    private record Cause(
        Optional<HostName> name,
        Optional<IpAddress> address,
        String service,
        Reason reason,
        Optional<String> openssl,
        boolean late) {}

    private record Terms(String service, String protocol, String cipher, int bits) {}

    private static final class Tally {
      private int count;
      private Optional<Instant> first = Optional.empty();
      private Optional<Instant> last = Optional.empty();
      private final Set<Peer> peers = new HashSet<>();
    }

    private final SyslogParser parser;
    private final Pools pools;
    private final Optional<Instant> since;
    private final Optional<Instant> until;
    private final Sessions sessions = new Sessions();

    private final Map<Cause, Tally> failures = new HashMap<>();
    private final Map<Terms, Tally> established = new HashMap<>();
    private final Map<String, Integer> faults = new TreeMap<>();
    private final Set<Pool> failing = new HashSet<>();
    private final Map<Pool, Integer> plaintext = new TreeMap<>();
    private long lines;
    private long unrecognized;
    private Optional<Instant> from = Optional.empty();
    private Optional<Instant> to = Optional.empty();

    /**
     * @param since what was before is left out
     * @param until what was then or later is left out
     */
    public Counter(
        SyslogParser parser, Pools pools, Optional<Instant> since, Optional<Instant> until) {
      this.parser = parser;
      this.pools = pools;
      this.since = since;
      this.until = until;
    }

    /** Counts a line that was written not later than that. */
    public void accept(String line, Instant written) {
      Optional<SyslogMessage> parsed = parser.parse(line, written);
      if (parsed.flatMap(SyslogMessage::time).filter(this::isOutside).isPresent()) {
        return;
      }
      lines++;
      if (parsed.isEmpty()) {
        return;
      }
      SyslogMessage message = parsed.get();
      if (message.isSmtpServer()
          && SmtpdRecord.parse(message.text()) instanceof SmtpdRecord.Unrecognized) {
        unrecognized++;
      }
      from = earlier(from, message.time());
      to = later(to, message.time());
      sessions.accept(message).forEach(this::count);
    }

    private boolean isOutside(Instant time) {
      return since.filter(time::isBefore).isPresent()
          || until.filter(end -> !time.isBefore(end)).isPresent();
    }

    private void count(Observation observation) {
      if (observation instanceof Handshake handshake) {
        count(handshake);
      }
      if (observation instanceof OwnFault fault) {
        faults.merge(fault.text(), 1, Integer::sum);
      }
      if (observation instanceof Delivery delivery && delivery.tls().isEmpty()) {
        pools
            .find(delivery.peer())
            .filter(failing::contains)
            .ifPresent(pool -> plaintext.merge(pool, 1, Integer::sum));
      }
    }

    private void count(Handshake handshake) {
      String service = handshake.service().name();
      Peer peer = handshake.peer();
      if (handshake.outcome() instanceof Failed failed) {
        pools.find(peer).ifPresent(failing::add);
        Cause cause =
            new Cause(
                peer.name(),
                peer.address(),
                service,
                failed.reason(),
                failed.openssl(),
                failed.late());
        add(failures.computeIfAbsent(cause, unseen -> new Tally()), handshake);
      }
      if (handshake.outcome() instanceof Completed completed) {
        Terms terms =
            new Terms(service, completed.protocol(), completed.cipher(), completed.bits());
        add(established.computeIfAbsent(terms, unseen -> new Tally()), handshake);
      }
    }

    private static void add(Tally tally, Handshake handshake) {
      tally.count++;
      tally.first = earlier(tally.first, handshake.time());
      tally.last = later(tally.last, handshake.time());
      tally.peers.add(new Peer(Optional.empty(), handshake.peer().address()));
    }

    private static Optional<Instant> earlier(Optional<Instant> left, Optional<Instant> right) {
      return left.isPresent() && (right.isEmpty() || left.get().isBefore(right.get()))
          ? left
          : right;
    }

    private static Optional<Instant> later(Optional<Instant> left, Optional<Instant> right) {
      return left.isPresent() && (right.isEmpty() || left.get().isAfter(right.get()))
          ? left
          : right;
    }

    /** The log is at its end. */
    public Report finish() {
      sessions.finish().forEach(this::count);
      return new Report(
          lines,
          unrecognized,
          0,
          from,
          to,
          failures.entrySet().stream()
              .map(entry -> failure(entry.getKey(), entry.getValue()))
              .sorted(
                  Comparator.comparingInt(Failure::count)
                      .reversed()
                      .thenComparing(failure -> failure.pool().map(Pool::id).orElse(""))
                      .thenComparing(
                          failure -> failure.address().map(IpAddress::toString).orElse(""))
                      .thenComparing(failure -> failure.reason().label()))
              .toList(),
          established.entrySet().stream()
              .map(
                  entry ->
                      new Established(
                          entry.getKey().service(),
                          entry.getKey().protocol(),
                          entry.getKey().cipher(),
                          entry.getKey().bits(),
                          entry.getValue().count,
                          entry.getValue().peers.size()))
              .sorted(
                  Comparator.comparingInt(Established::count)
                      .reversed()
                      .thenComparing(Established::protocol)
                      .thenComparing(Established::cipher)
                      .thenComparing(Established::service))
              .toList(),
          faults.entrySet().stream()
              .map(entry -> new OwnFaults(entry.getKey(), entry.getValue()))
              .toList(),
          plaintext.entrySet().stream()
              .map(entry -> new PlaintextAfterFailure(entry.getKey(), entry.getValue()))
              .toList());
    }

    private Failure failure(Cause cause, Tally tally) {
      return new Failure(
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
  }
}
