package dev.tlswaiver.report;

import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.maillog.SmtpdRecord;
import dev.tlswaiver.maillog.SyslogMessage;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.scan.PeerNumbers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Leaves out the sessions by which the agent sees, after each change, that a listener still
 * negotiates: they come from this machine, complete a handshake, and end.
 *
 * <pre>
 * connect from localhost[127.0.0.1]
 * Anonymous TLS connection established from localhost[127.0.0.1]: TLSv1.3 with cipher ...
 * disconnect from localhost[127.0.0.1] ehlo=1 starttls=1 quit=1 commands=3
 * </pre>
 *
 * <p>Nobody else can have such an address. Of what a proxy on this machine brings, only who leaves
 * after the handshake is taken for a probe; a failure never is. Used by one thread.
 */
public final class OwnProbes {
  /** Sessions from this machine at once; of more, each is counted. */
  private static final int MOST_OPEN = 1_000;

  private static final String SUMS = " ehlo=1 starttls=1 quit=1 commands=3";

  /** What the agent speaks from where Postfix listens everywhere. */
  private static final Set<IpAddress> LOOPBACK =
      Set.of(IpAddress.parse("127.0.0.1"), IpAddress.parse("::1"));

  private record Smtpd(String host, String instance, String service, int pid) {
    static Smtpd of(SyslogMessage message) {
      return new Smtpd(
          message.host().orElse(""),
          message.instance(),
          message.service(),
          message.pid().orElse(-1));
    }
  }

  private final Set<IpAddress> more;
  private final LongSet numbers = new LongSet();
  private final Map<Smtpd, Observation> open = new HashMap<>();

  /**
   * @param more the addresses of this machine besides the loopback ones
   */
  public OwnProbes(Set<IpAddress> more) {
    this.more = Set.copyOf(more);
    LOOPBACK.forEach(address -> numbers.add(PeerNumbers.of(address.toString())));
    more.forEach(address -> numbers.add(PeerNumbers.of(address.toString())));
  }

  /** Whether a client with this number of {@link PeerNumbers} may be this machine. */
  public boolean mayBe(long address) {
    return numbers.contains(address);
  }

  /** What is to be counted of what a line completed. */
  List<Observation> without(SyslogMessage message, SmtpdRecord record, List<Observation> seen) {
    if (record instanceof SmtpdRecord.Established established
        && established.peer().address().filter(this::isOwn).isPresent()) {
      return hold(Smtpd.of(message), seen);
    }
    if (open.isEmpty() || saysNothing(record)) {
      return seen;
    }
    Optional<Observation> held = Optional.ofNullable(open.remove(Smtpd.of(message)));
    boolean isProbe = record instanceof SmtpdRecord.Disconnect end && isEndOfProbe(message, end);
    if (held.isEmpty() || isProbe) {
      return seen;
    }
    List<Observation> all = new ArrayList<>();
    all.add(held.get());
    all.addAll(seen);
    return all;
  }

  private boolean isOwn(IpAddress address) {
    return LOOPBACK.contains(address) || more.contains(address);
  }

  private List<Observation> hold(Smtpd process, List<Observation> seen) {
    List<Observation> told = new ArrayList<>();
    for (Observation observation : seen) {
      boolean isCompleted =
          observation instanceof Handshake handshake && handshake.outcome() instanceof Completed;
      if (!isCompleted || open.size() >= MOST_OPEN) {
        told.add(observation);
      } else {
        Optional.ofNullable(open.put(process, observation)).ifPresent(told::add);
      }
    }
    return told;
  }

  /** What higher log levels write within a session. */
  private static boolean saysNothing(SmtpdRecord record) {
    return record instanceof SmtpdRecord.Other
        || record instanceof SmtpdRecord.Dump
        || record instanceof SmtpdRecord.DumpRow;
  }

  /** Before Postfix 3.0 there are no sums; that no mail came is known all the same. */
  private static boolean isEndOfProbe(SyslogMessage message, SmtpdRecord.Disconnect end) {
    return end.commands().isEmpty() || message.text().endsWith(SUMS);
  }

  /** The log is at its end: who has not left is no probe. */
  List<Observation> finish() {
    List<Observation> told = List.copyOf(open.values());
    open.clear();
    return told;
  }
}
