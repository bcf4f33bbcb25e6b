package dev.tlswaiver.handshake;

import dev.tlswaiver.handshake.Observation.Delivery;
import dev.tlswaiver.handshake.Observation.Ended;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Observation.OwnFault;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Outcome.Unknown;
import dev.tlswaiver.maillog.OpenSslError;
import dev.tlswaiver.maillog.SmtpdRecord.AcceptError;
import dev.tlswaiver.maillog.SmtpdRecord.AcceptedMail;
import dev.tlswaiver.maillog.SmtpdRecord.Disconnect;
import dev.tlswaiver.maillog.SmtpdRecord.Established;
import dev.tlswaiver.peer.Peer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What one process is known to be about. Each method adds to the list what has become certain.
 *
 * <p>It keeps what follows from the lines, not the lines: however many there are, it is of the same
 * few texts, each of which has a bound.
 */
final class Session {
  private static final Peer NOBODY = new Peer(Optional.empty(), Optional.empty());

  /**
   * Postfix writes all lines of one failure without a pause: in the same second, as most logs have
   * it, and with hardly a moment between where a log tells microseconds.
   */
  private static final Duration AT_ONCE = Duration.ofMillis(100);

  private static final String LOST_CAUSE = "the line with the cause is missing";

  private final Service service;
  private Optional<Peer> peer = Optional.empty();
  private Optional<Completed> tls = Optional.empty();
  private boolean hasNegotiated;
  private int messages;
  private final HelloDump dump;

  /** What stands behind {@code SSL_accept error from} the peer, until its cause is known. */
  private Optional<String> failure = Optional.empty();

  /** When the failure was, or what the library said. */
  private Optional<Instant> failedAt = Optional.empty();

  /** When the library last said something that may be the cause. */
  private Optional<Instant> saidAt = Optional.empty();

  /** A line of the library's before any that names a peer. */
  private Optional<OpenSslError> nobodys = Optional.empty();

  /** Of the library's lines since the failure, or since the peer came, the one that counts. */
  private Optional<OpenSslError> cause = Optional.empty();

  /** How many peers a process that serves many has now. */
  private int open;

  /** Whether it has, or had since it was idle, several at once. */
  private boolean isMixed;

  /**
   * Whether a line behind the cause, or behind a failure that has none, named the same peer, so
   * that no lines are missing between.
   */
  private boolean isPeersCause;

  Session(Service service, DumpSpace space) {
    this.service = service;
    this.dump = new HelloDump(space);
  }

  Service service() {
    return service;
  }

  HelloDump dump() {
    return dump;
  }

  /** A peer of a process that serves many has come. */
  void open() {
    dump.clear();
    open++;
    isMixed |= open > 1;
  }

  /** One of them has gone. */
  void close() {
    open = Math.max(0, open - 1);
    isMixed &= open > 0;
    dump.clear();
  }

  /** Whether a dump, which names nobody, can be only one peer's. */
  boolean isAlone() {
    return open == 1 && !isMixed;
  }

  /** A message was accepted. */
  void deliver(AcceptedMail mail, Optional<Instant> time, List<Observation> told) {
    meet(mail.peer(), told);
    messages++;
    told.add(new Delivery(time, service, mail.peer(), mail.queueId(), tls, mail.isLoggedIn()));
  }

  /** A peer has come; nothing that was known of the one before concerns it. */
  void begin(Peer next, List<Observation> told) {
    tellOpenCause(told);
    if (peer.isPresent()) {
      dump.clear(); // Else it may be the dump of this one, whose first line is missing.
    }
    peer = Optional.of(next);
    tls = Optional.empty();
    hasNegotiated = false;
    messages = 0;
  }

  /** A line says that a peer has come: of a dump before it nobody knows whose it is. */
  void connect(Peer next, List<Observation> told) {
    tellOpenCause(told);
    dump.clear();
    begin(next, told);
  }

  /** A line names a peer: the present one, or another, whose first lines are missing. */
  void meet(Peer named, List<Observation> told) {
    if (peer.isPresent() && !isPresent(named)) {
      loseCause();
      begin(named, told);
      return;
    }
    isPeersCause = peer.isPresent() && (cause.isPresent() || failure.isPresent());
    peer = Optional.of(named);
    // A number without a line of the library's waits for the end, which tells Postfix's age.
    if (!isBare()) {
      tellFailure(Optional.empty(), told);
    }
    if (tls.isPresent()) {
      tellLateFailure(named, told);
    }
  }

  private boolean isPresent(Peer named) {
    return peer.filter(named::equals).isPresent();
  }

  /** The library's lines came after a gap: whose they are is not known. */
  private void loseCause() {
    if (cause.isPresent() && !isPeersCause) {
      cause = Optional.empty();
      failure = failure.map(detail -> LOST_CAUSE);
    }
  }

  private boolean isBare() {
    return cause.isEmpty() && failure.filter(Reasons::isNumber).isPresent();
  }

  /** The handshake failed; the cause is in the lines that follow. */
  void fail(AcceptError error, Optional<Instant> time, List<Observation> told) {
    if (failure.isPresent() || !isPresent(error.peer())) {
      if (!isPresent(error.peer())) {
        loseCause();
      }
      begin(error.peer(), told);
    }
    if (!isCauseBefore(error, time)) {
      forgetKept();
    }
    isPeersCause = cause.isPresent();
    failure = Optional.of(error.detail());
    failedAt = time;
  }

  /**
   * Whether what the library said before is why. A collector may turn the two lines round, which
   * are written at once; what was said at another time, or where Postfix has words of its own, is
   * another matter.
   */
  private boolean isCauseBefore(AcceptError error, Optional<Instant> time) {
    return cause.filter(Reasons::isTelling).isPresent()
        && !hasNegotiated
        && Reasons.isNumber(error.detail())
        && isAtOnce(time);
  }

  /**
   * A handshake failed of a peer whose beginning is not in the log: what the library said at once
   * with it is why.
   */
  void adopt(AcceptError error, Optional<Instant> time, List<Observation> told) {
    if (nobodys.filter(Reasons::isTelling).isPresent()
        && Reasons.isNumber(error.detail())
        && isAtOnce(time)) {
      begin(error.peer(), told);
      cause = nobodys;
      nobodys = Optional.empty();
    }
  }

  /** The handshake succeeded. */
  void complete(Established established, Optional<Instant> time, List<Observation> told) {
    meet(established.peer(), told);
    Completed completed =
        new Completed(established.protocol(), established.cipher(), established.bits());
    tls = Optional.of(completed);
    hasNegotiated = true;
    told.add(new Handshake(time, service, established.peer(), completed, dump.hello()));
  }

  /**
   * A line of the library's: the cause of the failure before it, or of one that is still to come.
   */
  void learn(OpenSslError error, Optional<Instant> time, List<Observation> told) {
    if (peer.isEmpty()) {
      learnOfNobody(error, time, told);
      return;
    }
    boolean isExplained = cause.isPresent() && isPeersCause && !isAtOnce(time);
    if (isExplained || failure.filter(detail -> !Reasons.isNumber(detail)).isPresent()) {
      // Postfix gives words only where the library has nothing to say: this is another's.
      tellFailure(Optional.empty(), told);
    }
    failedAt = failure.isPresent() || cause.isPresent() ? failedAt : time;
    saidAt = time;
    keep(error);
  }

  /**
   * OpenSSL may have several lines for one failure, which Postfix writes at once; of those that
   * were written at other times, as grep(1) picks them, each is a failure.
   */
  private void learnOfNobody(OpenSslError error, Optional<Instant> time, List<Observation> told) {
    boolean isSame = time.isPresent() ? isAtOnce(time) : !Reasons.isTelling(error);
    if (!isSame) {
      tellNobodys(told);
    }
    nobodys = nobodys.map(before -> Reasons.cause(before, error)).or(() -> Optional.of(error));
    failedAt = time;
  }

  /** Whether it is as good as the time of what the library said before, or of the failure. */
  private boolean isAtOnce(Optional<Instant> time) {
    return (time.isPresent() && failedAt.isPresent())
        ? Duration.between(failedAt.get(), time.get()).abs().compareTo(AT_ONCE) < 0
        : time.equals(failedAt);
  }

  /**
   * No line says whose it was: that of a peer who is not known, or our own where no peer is needed
   * for it.
   */
  void tellNobodys(List<Observation> told) {
    nobodys.ifPresent(
        error -> told.add(Reasons.needsPeer(error) ? ofUnknown(error) : ofOurOwn(error)));
    nobodys = Optional.empty();
  }

  private Observation ofUnknown(OpenSslError error) {
    return new Handshake(failedAt, service, NOBODY, Failed.of(error));
  }

  private Observation ofOurOwn(OpenSslError error) {
    return new OwnFault(failedAt, service, "TLS library problem: " + error.reason());
  }

  /**
   * A peer is gone whose beginning is not in the log, as in a quotation of the two lines that say
   * why and who: a handshake's error that was written at the same time is the peer's.
   */
  void leave(Peer named, Optional<Instant> time, List<Observation> told) {
    Optional<OpenSslError> error =
        nobodys.filter(known -> Reasons.isTelling(known) && isAtOnce(time));
    if (error.isPresent()) {
      nobodys = Optional.empty();
      begin(named, told);
      cause = error;
      failWithKept(new AcceptError(named, "-1"), time, told);
    }
  }

  /** Keeps a line of the library's. */
  void keep(OpenSslError error) {
    cause = cause.map(before -> Reasons.cause(before, error)).or(() -> Optional.of(error));
    isPeersCause = false;
  }

  /** Keeps a line of the library's in a process that serves many, for the line behind it. */
  void keepForNext(OpenSslError error, Optional<Instant> time, List<Observation> told) {
    if (cause.isPresent() && !isAtOnce(time)) {
      tellOpenCause(told);
    }
    failedAt = time;
    saidAt = time;
    keep(error);
  }

  boolean hasKept() {
    return cause.isPresent();
  }

  void forgetKept() {
    cause = Optional.empty();
    isPeersCause = false;
  }

  /** A failure whose cause was kept before, unless that was said at another time. */
  void failWithKept(AcceptError error, Optional<Instant> time, List<Observation> told) {
    if (!isAtOnce(time)) {
      tellOpenCause(told);
    }
    failedAt = time;
    tellFailure(error.peer(), error.detail(), Optional.empty(), told);
  }

  /** The peer has gone. */
  void end(Disconnect disconnect, Optional<Instant> time, List<Observation> told) {
    if (peer.isPresent() && !isPresent(disconnect.peer())) {
      loseCause();
      begin(disconnect.peer(), told);
    }
    tellFailure(Optional.of(disconnect), told);
    boolean isAccepted = disconnect.starttls().filter(count -> count > 0).isPresent();
    if (isAccepted || tls.isPresent()) {
      tellLateFailure(disconnect.peer(), told);
    } else {
      isPeersCause = true;
      tellOpenCause(told);
    }
    if (isAccepted && !hasNegotiated) {
      // Level 0 has no line for a success.
      told.add(new Handshake(time, service, disconnect.peer(), new Unknown(), dump.hello()));
    }
    boolean isPlaintext = tls.isEmpty() && !isAccepted;
    told.add(
        new Ended(
            time, service, disconnect.peer(), disconnect.commands(), isPlaintext ? messages : 0));
  }

  /** No more lines will come. */
  void finish(List<Observation> told) {
    tellNobodys(told);
    tellOpenCause(told);
    dump.clear();
  }

  private void tellFailure(Optional<Disconnect> end, List<Observation> told) {
    if (failure.isPresent() && peer.isPresent()) {
      tellFailure(peer.get(), failure.get(), end, told);
    }
  }

  private void tellFailure(
      Peer whose, String detail, Optional<Disconnect> end, List<Observation> told) {
    told.add(new Handshake(failedAt, service, whose, failed(detail, end), dump.hello()));
    hasNegotiated = true;
    failure = Optional.empty();
    forgetKept();
  }

  private Failed failed(String detail, Optional<Disconnect> end) {
    if (cause.isPresent()) {
      return Failed.of(cause.get());
    }
    // Since 2.9 a number is never alone, so that its line was lost; sums at the end came with 3.0.
    boolean isLost = Reasons.isNumber(detail) && end.flatMap(Disconnect::commands).isPresent();
    return isLost ? new Failed(Reason.OTHER, Optional.empty(), detail, false) : Failed.of(detail);
  }

  /** Lines of the library's without a failure: the peer gave up after the server was done. */
  private void tellLateFailure(Peer whose, List<Observation> told) {
    cause
        .filter(Reasons::isTelling)
        .ifPresent(
            error -> {
              told.add(
                  new Handshake(
                      failedAt, service, whose, Failed.of(error).noticedLate(), dump.hello()));
              hasNegotiated = true;
            });
    forgetKept();
  }

  /**
   * The session is over as far as anybody knows. A failure is told; so is what the library said
   * without one: it is the peer's if another line shows that, and else somebody's.
   */
  private void tellOpenCause(List<Observation> told) {
    if (isBare() && !isPeersCause) {
      failure = Optional.of(LOST_CAUSE);
    }
    if (failure.isPresent() && cause.isPresent() && !isPeersCause && !isAtOnce(saidAt)) {
      tellApart(told);
    }
    tellFailure(Optional.empty(), told);
    cause.ifPresent(
        error -> {
          if (Reasons.needsPeer(error)) {
            boolean isPeers = isPeersCause && peer.isPresent() && !hasNegotiated;
            told.add(
                isPeers
                    ? new Handshake(failedAt, service, peer.get(), Failed.of(error), dump.hello())
                    : ofUnknown(error));
            hasNegotiated = true;
          } else if (Reasons.of(error) == Reason.OWN_FAULT) {
            told.add(ofOurOwn(error));
          }
        });
    forgetKept();
  }

  /** Nothing shows that what the library said at another time is the cause of the failure. */
  private void tellApart(List<Observation> told) {
    Optional<OpenSslError> said = cause;
    cause = Optional.empty();
    failure = Optional.of(LOST_CAUSE);
    tellFailure(Optional.empty(), told);
    cause = said;
    failedAt = saidAt;
  }

  /** What an unfinished session must be taken up with, as {@link SessionNote} shows it. */
  SessionNote note(String host, int pid, Optional<Instant> last) {
    return new SessionNote(
        host,
        service,
        pid,
        last,
        peer,
        tls,
        hasNegotiated,
        messages,
        failure,
        failedAt,
        saidAt.filter(at -> cause.isPresent() && !failedAt.equals(Optional.of(at))),
        nobodys,
        cause,
        isPeersCause,
        dump.toText());
  }

  /** Takes a session up that an earlier run noted. */
  void restore(SessionNote note) {
    peer = note.peer();
    tls = note.tls();
    hasNegotiated = note.hasNegotiated();
    messages = note.messages();
    failure = note.failure();
    failedAt = note.failedAt();
    saidAt = note.saidAt().or(note::failedAt);
    nobodys = note.nobodys();
    cause = note.cause();
    isPeersCause = note.isPeersCause();
    dump.restore(note.dump());
  }
}
