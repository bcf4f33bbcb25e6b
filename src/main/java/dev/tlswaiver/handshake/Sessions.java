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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Joins the log lines of each process into observations. Used by one thread.
 *
 * <p>A failed handshake is known at its first line, but its cause comes with the library's lines
 * behind it, or, where a collector turned them round, directly before it: it is told at the next
 * line of the process, which Postfix writes at once. That line must name the same peer, or begin
 * with the next one; else lines are missing between them, and the cause is nobody's. A process that
 * is killed logs no "disconnect"; age, and a bound on their number, are the other ways out of the
 * table.
 *
 * <p>A session that is open is noted, for a restart in the middle of it: {@link SessionNote} has
 * the form.
 */
public final class Sessions {
  /** smtpd's own limit on a process's life, daemon_timeout in postconf(5). */
  private static final Duration MOST_AGE = Duration.ofHours(5);

  static final int MOST_SESSIONS = 2_000;

  /** The longest name of a host; a tag is a few words. What is longer is cut. */
  private static final int MOST_HOST = 255;

  private static final int MOST_IN_TAG = 100;

  /**
   * What one session may take with its note, without a dump: host and tag twice (2 * 455), the
   * peer's name (253) and address, one error of OpenSSL's (five texts of 64), the system's words
   * (100), protocol and cipher (80), and some twenty objects around them. With a name of 253
   * characters and real errors one takes 1.5 KB.
   */
  private static final int MOST_BYTES_EACH = 2_560;

  /** What all sessions together may take, dumps included: 5 MB, and 1 MiB. */
  public static final long MOST_BYTES =
      (long) MOST_SESSIONS * MOST_BYTES_EACH + DumpSpace.MOST_BYTES;

  private record Key(String host, Service service, int pid) {
    static Key of(SyslogMessage message) {
      return new Key(
          cut(message.host().orElse(""), MOST_HOST),
          new Service(cut(message.instance(), MOST_IN_TAG), cut(message.service(), MOST_IN_TAG)),
          message.pid().orElse(-1));
    }

    private static String cut(String text, int most) {
      return text.length() <= most ? text : text.substring(0, most);
    }

    /** Whether the process serves many peers at once. */
    boolean isShared() {
      return service.name().equals(TLSPROXY) || service.name().endsWith("/" + TLSPROXY);
    }
  }

  private static final String TLSPROXY = "tlsproxy";

  private static final class Entry {
    private final Session session;
    private Optional<Instant> last = Optional.empty();

    Entry(Session session) {
      this.session = session;
    }
  }

  private final Optional<Notes> notes;
  private final DumpSpace space = new DumpSpace();
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

  /**
   * Takes up an open session that an earlier run noted. What it told was told then. A note of
   * another form, or a damaged one, is dropped.
   */
  public void restore(String key, String noted) {
    Optional<SessionNote> found = SessionNote.find(noted);
    if (found.isPresent() && sessions.size() < MOST_SESSIONS) {
      SessionNote note = found.get();
      Entry entry = new Entry(new Session(note.service(), space));
      entry.session.restore(note);
      entry.last = note.last();
      sessions.put(new Key(note.host(), note.service(), note.pid()), entry);
    } else {
      LinesOnceNoted.messages(noted).forEach(this::accept);
    }
    notes.ifPresent(kept -> kept.restored(key));
  }

  /** Takes a message in, and tells what it completes. */
  public List<Observation> accept(SyslogMessage message) {
    return message.isSmtpServer() ? accept(message, SmtpdRecord.parse(message.text())) : List.of();
  }

  /** Takes a message of smtpd(8) or tlsproxy(8) in whose sentence was read already. */
  public List<Observation> accept(SyslogMessage message, SmtpdRecord record) {
    Key key = Key.of(message);
    boolean isWhole = false;
    try {
      List<Observation> told = join(key, message, record);
      isWhole = true;
      return told;
    } finally {
      if (!isWhole) {
        drop(key);
      }
    }
  }

  /** What a line left half done tells nothing that can be believed. */
  private void drop(Key key) {
    Entry entry = sessions.get(key);
    if (entry != null) {
      entry.session.dump().clear();
    }
    remove(key);
  }

  private List<Observation> join(Key key, SyslogMessage message, SmtpdRecord record) {
    List<Observation> told = new ArrayList<>();
    Entry entry = entry(key, message, told);
    if (key.isShared()) {
      new TlsproxyLine(entry.session, message.time(), told).accept(record);
    } else {
      accept(entry.session, record, message.time(), told);
    }
    if (record instanceof Disconnect && !key.isShared()) {
      entry.session.finish(told);
      remove(key);
    } else if (notes.isPresent()) {
      notes
          .get()
          .put(
              key.toString(), () -> entry.session.note(key.host(), key.pid(), entry.last).toText());
    }
    return told;
  }

  private void remove(Key key) {
    sessions.remove(key);
    notes.ifPresent(kept -> kept.remove(key.toString()));
  }

  private Entry entry(Key key, SyslogMessage message, List<Observation> told) {
    Entry entry = sessions.get(key);
    if (entry != null && isTooOld(entry, message.time())) {
      entry.session.finish(told);
      entry = null;
    }
    if (entry == null) {
      entry = new Entry(new Session(key.service(), space));
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
    if (record instanceof AcceptError error) {
      session.adopt(error, time, told);
    }
    session.tellNobodys(told);
    if (record instanceof Connect connect) {
      session.connect(connect.peer(), told);
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
   * before the line that names the peer, so they are kept for what follows. A hello's dump names
   * nobody: it counts while the process has one peer alone.
   */
  private record TlsproxyLine(Session session, Optional<Instant> time, List<Observation> told) {
    void accept(SmtpdRecord record) {
      if (record instanceof LibraryProblem problem) {
        session.keepForNext(problem.error(), time, told);
      } else if (record instanceof AcceptError error) {
        session.failWithKept(error, time, told);
      } else if (record instanceof Established established) {
        session.complete(established, time, told);
      } else if (record instanceof SmtpdRecord.OutboundFailure) {
        session.forgetKept();
      } else if (record instanceof Connect) {
        session.open();
      } else if (record instanceof Dump dump) {
        if (session.isAlone()) {
          session.dump().accept(dump);
        }
      } else if (record instanceof DumpRow row) {
        if (session.isAlone()) {
          session.dump().accept(row);
        }
      } else if (record instanceof Disconnect end) {
        // Before Postfix 3.4 this is the only line that names the peer of a failure.
        if (session.hasKept()) {
          session.failWithKept(new AcceptError(end.peer(), "-1"), time, told);
        }
        session.close();
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
