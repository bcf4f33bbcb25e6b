package dev.tlswaiver.report;

import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Sessions;
import dev.tlswaiver.maillog.SmtpdRecord;
import dev.tlswaiver.maillog.SyslogMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The lines of a log in which not one has a header, as {@code journalctl -o cat} shows it and
 * people quote it. Which process wrote which is lost, so their order joins them.
 *
 * <p>In a log with headers a line without one is no line of Postfix's: it is the end of another, or
 * somebody's words. So a single header ends it all, and until the log is at its end, or much of it
 * was seen, nothing is told. Used by one thread.
 */
final class LinesWithoutHeader {
  /** So much is told by no excerpt: the log has no headers, and nothing is held back any more. */
  private static final int MOST_HELD_BACK = 10_000;

  private final Sessions sessions = new Sessions();
  private final List<Observation> heldBack = new ArrayList<>();
  private boolean isCertain;
  private boolean isOver;

  /** As if smtpd(8) had written it. */
  static SyslogMessage ofSmtpd(SyslogMessage message) {
    return new SyslogMessage(
        message.time(), Optional.empty(), "postfix", "smtpd", Optional.empty(), message.text());
  }

  /** Takes a line in, and tells what is certain. */
  List<Observation> accept(SyslogMessage message) {
    if (isOver) {
      return List.of();
    }
    List<Observation> seen = sessions.accept(ofSmtpd(message), SmtpdRecord.parse(message.text()));
    if (isCertain) {
      return seen;
    }
    heldBack.addAll(seen);
    isCertain = heldBack.size() >= MOST_HELD_BACK;
    return isCertain ? release() : List.of();
  }

  private List<Observation> release() {
    List<Observation> all = List.copyOf(heldBack);
    heldBack.clear();
    return all;
  }

  /** A line has a header. */
  void forget() {
    isOver = true;
    heldBack.clear();
  }

  /** The log is at its end. */
  List<Observation> finish() {
    if (isOver) {
      return List.of();
    }
    heldBack.addAll(sessions.finish());
    return release();
  }
}
