package dev.tlswaiver.maillog;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Puts lines together again that a mail program broke at its margin. Only a sentence of smtpd(8)
 * that is not whole waits for more, and only for lines that have no header of their own, so that
 * nothing is joined in a log as it was written. Used by one thread.
 */
public final class Excerpt {
  /** Lines that one may have been broken into. */
  private static final int MOST_LINES = 5;

  /** How the sentences begin that say something about TLS; a break may come at any blank. */
  private static final List<String> BEGINNINGS =
      List.of(
          "SSL_accept error from ",
          "warning: TLS library problem: ",
          "TLS library problem: ",
          "connect from ",
          "disconnect from ",
          "lost connection after ",
          "setting up TLS connection from ",
          "TLS handshake failed for ",
          "Anonymous TLS connection established from ",
          "Untrusted TLS connection established from ",
          "Trusted TLS connection established from ");

  /** The file and line of a whole line of OpenSSL's. */
  private static final Pattern PLACE = Pattern.compile(".*:[0-9]+(?::.*|$)");

  private final SyslogParser parser;
  private final Instant written;
  private final Consumer<String> lines;
  private final List<String> waiting = new ArrayList<>();

  /**
   * @param lines hears the lines, in their order
   */
  public Excerpt(SyslogParser parser, Instant written, Consumer<String> lines) {
    this.parser = parser;
    this.written = written;
    this.lines = lines;
  }

  /** Takes the next line in. */
  public void accept(String line) {
    if (!waiting.isEmpty() && (hasHeader(line) || waiting.size() == MOST_LINES)) {
      finish();
    }
    if (!waiting.isEmpty() || isBroken(line)) {
      waiting.add(line);
    } else {
      lines.accept(line);
    }
  }

  /** No more lines will come, or none that belong to those before. */
  public void finish() {
    int used = 1;
    String whole = waiting.isEmpty() ? "" : waiting.get(0);
    String joined = whole;
    for (int i = 1; i < waiting.size() && !isWhole(whole); i++) {
      joined = joined + " " + Markup.removed(waiting.get(i)).replaceFirst("^[ >|*]+", "");
      if (isKnown(joined)) {
        whole = joined;
        used = i + 1;
      }
    }
    if (!waiting.isEmpty()) {
      lines.accept(whole);
    }
    waiting.subList(Math.min(used, waiting.size()), waiting.size()).forEach(lines);
    waiting.clear();
  }

  private Optional<SyslogMessage> message(String line) {
    return parser.parse(line, written);
  }

  private boolean hasHeader(String line) {
    return message(line)
        .filter(it -> it.time().isPresent() || it.pid().isPresent() || it.isSmtpServer())
        .isPresent();
  }

  private boolean isBroken(String line) {
    Optional<SyslogMessage> message = message(line);
    boolean isBeginning =
        message.filter(SyslogMessage::isSmtpServer).map(SyslogMessage::text).stream()
            .anyMatch(
                text ->
                    BEGINNINGS.stream()
                        .anyMatch(
                            words -> (text + " ").startsWith(words) || words.startsWith(text)));
    boolean isHeaderAlone =
        message.filter(it -> it.time().isPresent() && it.service().isEmpty()).isPresent();
    return (isBeginning && !isWhole(line)) || isHeaderAlone;
  }

  /** Whether it is a sentence about TLS, perhaps without its end. */
  private boolean isKnown(String line) {
    return message(line)
        .filter(SyslogMessage::isSmtpServer)
        .map(it -> SmtpdRecord.parse(it.text()))
        .filter(record -> !(record instanceof SmtpdRecord.Other))
        .filter(record -> !(record instanceof SmtpdRecord.Unrecognized))
        .isPresent();
  }

  private boolean isWhole(String line) {
    boolean isProblem = line.contains("TLS library problem:");
    return isKnown(line) && (!isProblem || PLACE.matcher(afterCode(line)).matches());
  }

  private static String afterCode(String line) {
    int error = line.indexOf("error:");
    return error < 0 ? "" : line.substring(error + "error:".length());
  }
}
