package dev.tlswaiver.handshake;

import dev.tlswaiver.handshake.Observation.Delivery;
import dev.tlswaiver.handshake.Observation.Ended;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Observation.OwnFault;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.maillog.OpenSslError;
import dev.tlswaiver.maillog.SmtpdRecord;
import dev.tlswaiver.maillog.SmtpdRecord.AcceptError;
import dev.tlswaiver.maillog.SmtpdRecord.AcceptedMail;
import dev.tlswaiver.maillog.SmtpdRecord.Connect;
import dev.tlswaiver.maillog.SmtpdRecord.Disconnect;
import dev.tlswaiver.maillog.SmtpdRecord.Established;
import dev.tlswaiver.maillog.SmtpdRecord.LibraryProblem;
import dev.tlswaiver.maillog.SyslogMessage;
import dev.tlswaiver.peer.Peer;
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
 * behind it: it is told at the first line of the process that is none of those, which Postfix
 * writes at once. A process that is killed logs no "disconnect"; age, and a bound on their number,
 * are the other ways out of the table.
 *
 * <p>tlsproxy(8) serves many peers at once. It writes the library's lines directly before the line
 * that names the peer, so there they are kept for what follows.
 */
public final class Sessions {
  /** smtpd's own limit on a process's life, daemon_timeout in postconf(5). */
  private static final Duration MOST_AGE = Duration.ofHours(5);

  private static final int MOST_SESSIONS = 10_000;
  private static final int MOST_ERRORS = 20;

  private record Key(String host, Service service, int pid) {}

  private static final class Session {
    private Optional<Peer> peer = Optional.empty();
    private Optional<Completed> tls = Optional.empty();
    private Optional<AcceptError> failure = Optional.empty();
    private Optional<Instant> failedAt = Optional.empty();
    private Optional<Instant> last = Optional.empty();
    private final List<OpenSslError> errors = new ArrayList<>();
  }

  private final Map<Key, Session> sessions = new LinkedHashMap<>(16, 0.75f, true);

  /** Takes a message in, and tells what it completes. */
  public List<Observation> accept(SyslogMessage message) {
    if (!message.isSmtpServer()) {
      return List.of();
    }
    Key key =
        new Key(
            message.host().orElse(""),
            new Service(message.instance(), message.service()),
            message.pid().orElse(-1));
    Session session = session(key, message.time());
    SmtpdRecord record = SmtpdRecord.parse(message.text());
    List<Observation> told = new ArrayList<>();
    if (record instanceof LibraryProblem problem) {
      learn(told, key, session, problem.error(), message.time());
      return told;
    }
    if (!(record instanceof AcceptError && message.process().equals("tlsproxy"))) {
      tellFailure(told, key, session);
    }
    if (record instanceof Connect connect) {
      begin(session, connect.peer());
    } else if (record instanceof AcceptError error) {
      session.peer = Optional.of(error.peer());
      session.failure = Optional.of(error);
      session.failedAt = message.time();
    } else if (record instanceof Established established) {
      complete(told, key, session, established, message.time());
    } else if (record instanceof AcceptedMail mail) {
      told.add(
          new Delivery(
              message.time(),
              key.service(),
              mail.peer(),
              mail.queueId(),
              session.tls.filter(negotiated -> isSame(session, mail.peer()))));
    } else if (record instanceof Disconnect end) {
      told.add(new Ended(message.time(), key.service(), end.peer(), end.commands()));
      sessions.remove(key);
    } else if (record instanceof SmtpdRecord.OwnFault fault) {
      told.add(new OwnFault(message.time(), key.service(), fault.text()));
    }
    if (message.process().equals("tlsproxy")) {
      tellFailure(told, key, session);
    }
    return told;
  }

  private Session session(Key key, Optional<Instant> now) {
    Session session = sessions.get(key);
    if (session == null || isTooOld(session, now)) {
      session = new Session();
      sessions.put(key, session);
      if (sessions.size() > MOST_SESSIONS) {
        sessions.remove(sessions.keySet().iterator().next());
      }
    }
    session.last = now;
    return session;
  }

  private static boolean isTooOld(Session session, Optional<Instant> now) {
    return now.isPresent()
        && session.last.filter(last -> last.plus(MOST_AGE).isBefore(now.get())).isPresent();
  }

  private static boolean isSame(Session session, Peer peer) {
    return session.peer.filter(peer::equals).isPresent();
  }

  private static void begin(Session session, Peer peer) {
    session.peer = Optional.of(peer);
    session.tls = Optional.empty();
    session.errors.clear();
  }

  private static void complete(
      List<Observation> told,
      Key key,
      Session session,
      Established established,
      Optional<Instant> time) {
    Completed completed =
        new Completed(established.protocol(), established.cipher(), established.bits());
    session.peer = Optional.of(established.peer());
    session.tls = Optional.of(completed);
    told.add(new Handshake(time, key.service(), established.peer(), completed));
  }

  /**
   * A library's line: of the failure before it, of a session that was established, or of nobody.
   */
  private static void learn(
      List<Observation> told,
      Key key,
      Session session,
      OpenSslError error,
      Optional<Instant> time) {
    boolean isTlsproxy = key.service().name().endsWith("tlsproxy");
    if (session.failure.isPresent() || isTlsproxy) {
      if (session.errors.size() < MOST_ERRORS) {
        session.errors.add(error);
      }
    } else if (session.tls.isPresent() && session.peer.isPresent()) {
      if (Reasons.isTelling(error)) {
        told.add(
            new Handshake(
                time,
                key.service(),
                session.peer.get(),
                new Failed(Reasons.of(error), Optional.of(error.code()), error.reason(), true)));
      }
    } else if (session.peer.isEmpty()) {
      told.add(new OwnFault(time, key.service(), "TLS library problem: " + error.reason()));
    }
  }

  private static void tellFailure(List<Observation> told, Key key, Session session) {
    if (session.failure.isEmpty()) {
      return;
    }
    AcceptError failure = session.failure.get();
    Optional<OpenSslError> cause =
        session.errors.stream()
            .filter(Reasons::isTelling)
            .findFirst()
            .or(() -> session.errors.stream().findFirst());
    told.add(
        new Handshake(
            session.failedAt,
            key.service(),
            failure.peer(),
            new Failed(
                cause.map(Reasons::of).orElseGet(() -> Reasons.of(failure.detail())),
                cause.map(OpenSslError::code),
                cause.map(OpenSslError::reason).orElse(failure.detail()),
                false)));
    session.failure = Optional.empty();
    session.errors.clear();
  }

  /** No more lines will come: tells the failures whose next line is missing. */
  public List<Observation> finish() {
    List<Observation> told = new ArrayList<>();
    sessions.forEach((key, session) -> tellFailure(told, key, session));
    sessions.clear();
    return told;
  }
}
