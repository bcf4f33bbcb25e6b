package dev.tlswaiver.handshake;

import dev.tlswaiver.handshake.Observation.OwnFault;
import dev.tlswaiver.maillog.SmtpdRecord;
import dev.tlswaiver.maillog.SmtpdRecord.AcceptError;
import dev.tlswaiver.maillog.SmtpdRecord.AcceptedMail;
import dev.tlswaiver.maillog.SmtpdRecord.Connect;
import dev.tlswaiver.maillog.SmtpdRecord.Disconnect;
import dev.tlswaiver.maillog.SmtpdRecord.Dump;
import dev.tlswaiver.maillog.SmtpdRecord.DumpRow;
import dev.tlswaiver.maillog.SmtpdRecord.Established;
import dev.tlswaiver.maillog.SmtpdRecord.LibraryProblem;
import dev.tlswaiver.maillog.SmtpdRecord.LostConnection;
import dev.tlswaiver.maillog.SmtpdRecord.Reject;
import dev.tlswaiver.maillog.SmtpdRecord.StartTls;
import dev.tlswaiver.maillog.SyslogMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Joins the log lines of each process into observations. Used by one thread.
 *
 * <p>A failed handshake is known at its first line, but its cause comes with the library's lines
 * behind it: it is told at the next line of the process, which Postfix writes at once. That line
 * must name the same peer, or begin with the next one; else lines are missing between them, and the
 * cause is nobody's. A process that is killed logs no "disconnect"; age, and a bound on their
 * number, are the other ways out of the table.
 *
 * <p>A session that is open is noted with its messages, for a restart in the middle of it.
 */
public final class Sessions {
  /** smtpd's own limit on a process's life, daemon_timeout in postconf(5). */
  private static final Duration MOST_AGE = Duration.ofHours(5);

  private static final int MOST_SESSIONS = 10_000;

  /** More than smtpd(8) writes of one session, a dump of the negotiation included. */
  private static final int MOST_NOTED = 500;

  private record Key(String host, Service service, int pid) {}

  private static final class Entry {
    private final Session session;
    private final List<SyslogMessage> noted = new ArrayList<>();
    private Optional<Instant> last = Optional.empty();

    Entry(Session session) {
      this.session = session;
    }
  }

  private final Optional<Notes> notes;

  private final Map<Key, Entry> sessions = new LinkedHashMap<>(16, 0.75f, true);

  /** Sessions that nobody takes up again. */
  public Sessions() {
    this.notes = Optional.empty();
  }

  /**
   * @param notes where each open session is noted
   */
  public Sessions(Notes notes) {
    this.notes = Optional.of(notes);
  }

  /** Takes up an open session that an earlier run noted. What it told was told then. */
  public void restore(String key, String noted) {
    Arrays.stream(noted.split("\n")).map(SyslogMessage::ofText).forEach(this::accept);
    notes.ifPresent(kept -> kept.restored(key));
  }

  /** Takes a message in, and tells what it completes. */
  public List<Observation> accept(SyslogMessage message) {
    return message.isSmtpServer() ? accept(message, SmtpdRecord.parse(message.text())) : List.of();
  }

  /** Takes a message of smtpd(8) or tlsproxy(8) in whose sentence was read already. */
  public List<Observation> accept(SyslogMessage message, SmtpdRecord record) {
    Key key =
        new Key(
            message.host().orElse(""),
            new Service(message.instance(), message.service()),
            message.pid().orElse(-1));
    List<Observation> told = new ArrayList<>();
    Entry entry = entry(key, message, told);
    if (message.process().equals("tlsproxy")) {
      new TlsproxyLine(entry.session, message.time(), told).accept(record);
    } else {
      accept(entry.session, record, message.time(), told);
    }
    if (record instanceof Disconnect && !message.process().equals("tlsproxy")) {
      remove(key);
    } else if (notes.isPresent()) {
      note(notes.get(), key, entry, message, record);
    }
    return told;
  }

  private void remove(Key key) {
    sessions.remove(key);
    notes.ifPresent(kept -> kept.remove(key.toString()));
  }

  /** What tlsproxy(8) has said of one peer is of no use for the next. */
  private static void note(
      Notes notes, Key key, Entry entry, SyslogMessage message, SmtpdRecord record) {
    boolean isAnother =
        record instanceof Connect
            || (message.process().equals("tlsproxy") && !entry.session.hasKept());
    if (isAnother) {
      entry.noted.clear();
    }
    if (entry.noted.size() < MOST_NOTED) {
      entry.noted.add(message);
    }
    notes.put(
        key.toString(),
        () -> entry.noted.stream().map(SyslogMessage::toText).collect(Collectors.joining("\n")));
  }

  private Entry entry(Key key, SyslogMessage message, List<Observation> told) {
    Entry entry = sessions.get(key);
    if (entry != null && isTooOld(entry, message.time())) {
      entry.session.finish(told);
      entry = null;
    }
    if (entry == null) {
      entry = new Entry(new Session(key.service()));
      sessions.put(key, entry);
      if (sessions.size() > MOST_SESSIONS) {
        Key eldest = sessions.keySet().iterator().next();
        Entry retired = sessions.get(eldest);
        if (retired != null) {
          retired.session.finish(told);
        }
        remove(eldest);
      }
    }
    entry.last = message.time();
    return entry;
  }

  private static boolean isTooOld(Entry entry, Optional<Instant> now) {
    return now.isPresent()
        && entry.last.filter(last -> last.plus(MOST_AGE).isBefore(now.get())).isPresent();
  }

  private static void accept(
      Session session, SmtpdRecord record, Optional<Instant> time, List<Observation> told) {
    if (record instanceof LibraryProblem problem) {
      session.learn(problem.error(), time, told);
      return;
    }
    if (record instanceof LostConnection lost) {
      session.leave(lost.peer(), time, told);
    }
    session.tellNobodys(told);
    if (record instanceof Connect connect) {
      session.begin(connect.peer(), told);
    } else if (record instanceof StartTls start) {
      session.meet(start.peer(), told);
    } else if (record instanceof Dump dump) {
      session.dump().accept(dump);
    } else if (record instanceof DumpRow row) {
      session.dump().accept(row);
    } else if (record instanceof AcceptError error) {
      session.fail(error, time, told);
    } else if (record instanceof Established established) {
      session.complete(established, time, told);
    } else if (record instanceof LostConnection lost) {
      session.meet(lost.peer(), told);
    } else if (record instanceof Reject reject) {
      session.meet(reject.peer(), told);
    } else if (record instanceof AcceptedMail mail) {
      session.deliver(mail, time, told);
    } else if (record instanceof Disconnect end) {
      session.end(end, time, told);
    } else if (record instanceof SmtpdRecord.OwnFault fault) {
      told.add(new OwnFault(time, session.service(), fault.text()));
    }
  }

  /**
   * A line of tlsproxy(8), which serves many peers at once: it writes the library's lines directly
   * before the line that names the peer, so they are kept for what follows.
   */
  private record TlsproxyLine(Session session, Optional<Instant> time, List<Observation> told) {
    void accept(SmtpdRecord record) {
      if (record instanceof LibraryProblem problem) {
        session.keep(problem.error());
      } else if (record instanceof AcceptError error) {
        session.failWithKept(error, time, told);
      } else if (record instanceof Established established) {
        session.complete(established, time, told);
      } else if (record instanceof SmtpdRecord.OutboundFailure) {
        session.forgetKept();
      } else if (record instanceof Disconnect end) {
        // Before Postfix 3.4 this is the only line that names the peer of a failure.
        if (session.hasKept()) {
          session.failWithKept(new AcceptError(end.peer(), "-1"), time, told);
        }
      } else if (record instanceof SmtpdRecord.OwnFault fault) {
        told.add(new OwnFault(time, session.service(), fault.text()));
      }
    }
  }

  /** No more lines will come: tells the failures whose next line is missing. */
  public List<Observation> finish() {
    List<Observation> told = new ArrayList<>();
    sessions.values().forEach(entry -> entry.session.finish(told));
    sessions.clear();
    return told;
  }
}
