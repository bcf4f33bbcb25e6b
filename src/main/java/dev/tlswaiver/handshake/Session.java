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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What one process is known to be about. Each method adds to the list what has become certain. */
final class Session {
  private static final Pattern NUMBER = Pattern.compile("-?[0-9]+");

  /** More than OpenSSL's queue holds (ERR_NUM_ERRORS in err.h). */
  private static final int MOST_ERRORS = 20;

  private final Service service;
  private Optional<Peer> peer = Optional.empty();
  private Optional<Completed> tls = Optional.empty();
  private boolean hasNegotiated;
  private int messages;
  private HelloDump dump = new HelloDump();

  /** The failure that waits for its cause, and the library's lines since. */
  private Optional<AcceptError> failure = Optional.empty();

  private Optional<Instant> failedAt = Optional.empty();

  /** A line of the library's before any that names a peer. */
  private Optional<OpenSslError> nobodys = Optional.empty();

  private final List<OpenSslError> errors = new ArrayList<>();

  Session(Service service) {
    this.service = service;
  }

  Service service() {
    return service;
  }

  HelloDump dump() {
    return dump;
  }

  /** A message was accepted. */
  void deliver(AcceptedMail mail, Optional<Instant> time, List<Observation> told) {
    meet(mail.peer(), told);
    messages++;
    told.add(new Delivery(time, service, mail.peer(), mail.queueId(), tls));
  }

  /** A peer has come; nothing that was known of the one before concerns it. */
  void begin(Peer next, List<Observation> told) {
    tellFailure(Optional.empty(), told);
    errors.clear(); // Those of nobody: the lines that would say whose they were are missing.
    peer = Optional.of(next);
    tls = Optional.empty();
    hasNegotiated = false;
    messages = 0;
    dump = new HelloDump();
  }

  /** A line names a peer: the present one, or another, whose first lines are missing. */
  void meet(Peer named, List<Observation> told) {
    if (peer.isPresent() && !isPresent(named)) {
      loseCause();
      begin(named, told);
      return;
    }
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
    if (!errors.isEmpty()) {
      errors.clear();
      failure =
          failure.map(error -> new AcceptError(error.peer(), "the line with the cause is missing"));
    }
  }

  private boolean isBare() {
    return errors.isEmpty()
        && failure.filter(error -> NUMBER.matcher(error.detail()).matches()).isPresent();
  }

  /** The handshake failed; the cause is in the lines that follow. */
  void fail(AcceptError error, Optional<Instant> time, List<Observation> told) {
    if (failure.isPresent() || !isPresent(error.peer())) {
      HelloDump seen = peer.isEmpty() ? dump : new HelloDump();
      if (!isPresent(error.peer())) {
        loseCause();
      }
      begin(error.peer(), told);
      dump = seen;
    }
    errors.clear(); // The cause of a failure follows it; what came before is another matter.
    failure = Optional.of(error);
    failedAt = time;
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
      tellNobodys(told);
      nobodys = Optional.of(error);
      failedAt = time;
      return;
    }
    if (failure.filter(begun -> !NUMBER.matcher(begun.detail()).matches()).isPresent()) {
      // Postfix gives words only where the library has nothing to say: this is another's.
      tellFailure(Optional.empty(), told);
    }
    failedAt = failure.isPresent() || !errors.isEmpty() ? failedAt : time;
    keep(error);
  }

  /** No line says whose it was: our own. */
  void tellNobodys(List<Observation> told) {
    nobodys.ifPresent(
        error ->
            told.add(new OwnFault(failedAt, service, "TLS library problem: " + error.reason())));
    nobodys = Optional.empty();
  }

  /**
   * A peer is gone whose beginning is not in the log, as in a quotation of the two lines that say
   * why and who: a handshake's error that was written at the same time is the peer's.
   */
  void leave(Peer named, Optional<Instant> time, List<Observation> told) {
    Optional<OpenSslError> cause =
        nobodys.filter(error -> Reasons.isTelling(error) && time.equals(failedAt));
    if (cause.isPresent()) {
      nobodys = Optional.empty();
      begin(named, told);
      errors.add(cause.get());
      failWithKept(new AcceptError(named, "-1"), time, told);
    }
  }

  /** Keeps a line of the library's. */
  void keep(OpenSslError error) {
    if (errors.size() < MOST_ERRORS) {
      errors.add(error);
    }
  }

  boolean hasKept() {
    return !errors.isEmpty();
  }

  void forgetKept() {
    errors.clear();
  }

  /** A failure whose cause was kept before. */
  void failWithKept(AcceptError error, Optional<Instant> time, List<Observation> told) {
    failure = Optional.of(error);
    failedAt = time;
    tellFailure(Optional.empty(), told);
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
      tellOwnFault(told);
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
    tellFailure(Optional.empty(), told);
  }

  private void tellFailure(Optional<Disconnect> end, List<Observation> told) {
    if (failure.isPresent()) {
      AcceptError error = failure.get();
      told.add(new Handshake(failedAt, service, error.peer(), failed(error, end), dump.hello()));
      hasNegotiated = true;
      failure = Optional.empty();
      errors.clear();
    }
  }

  private Failed failed(AcceptError error, Optional<Disconnect> end) {
    Optional<OpenSslError> cause = Reasons.cause(errors);
    if (cause.isPresent()) {
      return Failed.of(cause.get());
    }
    // Since 2.9 a number is never alone, so that its line was lost; sums at the end came with 3.0.
    boolean isLost = isBare() && end.flatMap(Disconnect::commands).isPresent();
    return isLost
        ? new Failed(Reason.OTHER, Optional.empty(), error.detail(), false)
        : Failed.of(error.detail());
  }

  /** Lines of the library's without a failure: the peer gave up after the server was done. */
  private void tellLateFailure(Peer whose, List<Observation> told) {
    Reasons.cause(errors)
        .filter(Reasons::isTelling)
        .ifPresent(
            cause -> {
              told.add(
                  new Handshake(
                      failedAt, service, whose, Failed.of(cause).noticedLate(), dump.hello()));
              hasNegotiated = true;
            });
    errors.clear();
  }

  /** Lines of the library's in a session that had no handshake. */
  private void tellOwnFault(List<Observation> told) {
    Reasons.cause(errors)
        .filter(cause -> Reasons.of(cause) == Reason.OWN_FAULT)
        .ifPresent(
            cause ->
                told.add(
                    new OwnFault(failedAt, service, "TLS library problem: " + cause.reason())));
    errors.clear();
  }
}
