package dev.tlswaiver.excerpt;

import dev.tlswaiver.maillog.SyslogMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Takes lines apart that a page shows as one. A line ends where a sentence ends that can have
 * nothing behind it, so that no client can say what would become a line: all that it says in such a
 * sentence is its name.
 */
final class RunOn {
  private static final int MOST_LINES = 1_000;
  private static final String PROBLEM = "warning: TLS library problem: ";
  private static final String ALERT = "SSL alert number ";

  private static final List<String> ABOUT_CLIENTS =
      List.of(
          "connect from ",
          "disconnect from ",
          "SSL_accept error from ",
          "setting up TLS connection from ",
          "lost connection after ");

  private RunOn() {}

  /** The lines; the line alone where it is one. */
  static List<String> apart(String line, Function<String, Optional<SyslogMessage>> reader) {
    List<String> lines = new ArrayList<>();
    String rest = line;
    while (lines.size() < MOST_LINES && hasTwo(rest)) {
      int start = beginning(rest);
      int end = start < 0 ? -1 : end(rest, start);
      if (end < 0 || !isSentence(rest, start, end, reader)) {
        break;
      }
      String behind = rest.substring(afterBreaks(rest, end));
      boolean isLine =
          reader
              .apply(behind)
              .filter(SyslogMessage::isPostfix)
              .filter(next -> next.pid().isPresent())
              .isPresent();
      if (!isLine) {
        break;
      }
      lines.add(rest.substring(0, end));
      rest = behind;
    }
    lines.add(rest);
    return lines;
  }

  private static boolean hasTwo(String line) {
    int tag = line.indexOf("smtpd[");
    return tag >= 0 && line.indexOf("postfix", tag) > 0;
  }

  /** Where behind a tag the first sentence begins. */
  private static int beginning(String line) {
    int colon = line.indexOf("]: ");
    int at = colon + 3;
    boolean isKnown =
        colon > 0
            && (line.startsWith(PROBLEM, at)
                || ABOUT_CLIENTS.stream().anyMatch(words -> line.startsWith(words, at)));
    return isKnown ? at : -1;
  }

  /** Whether the line up to the end is of smtpd(8), and has no other text than that. */
  private static boolean isSentence(
      String line, int start, int end, Function<String, Optional<SyslogMessage>> reader) {
    return reader
        .apply(line.substring(0, end))
        .filter(SyslogMessage::isSmtpServer)
        .filter(message -> message.text().equals(line.substring(start, end)))
        .isPresent();
  }

  private static int end(String line, int start) {
    if (line.startsWith(PROBLEM, start)) {
      return endOfProblem(line, start);
    }
    int client = line.indexOf(" from ", start) + 6;
    int end = wordEnd(line, client);
    if (client < 6 || end == client) {
      return -1;
    }
    if (line.startsWith("SSL_accept", start)) {
      boolean isNumber = line.startsWith("]: -1", end - 2);
      return isNumber ? end + " -1".length() : -1;
    }
    while (isCount(line, end)) {
      end = wordEnd(line, end + 1);
    }
    return line.charAt(end - 1) == ']' || line.startsWith("disconnect", start) ? end : -1;
  }

  /** Whether {@code starttls=0/1} follows. */
  private static boolean isCount(String line, int blank) {
    int equals = line.indexOf('=', blank);
    int end = blank < line.length() ? wordEnd(line, blank + 1) : blank;
    return line.startsWith(" ", blank)
        && equals > 0
        && equals < end
        && line.substring(blank + 1, equals)
            .chars()
            .allMatch(here -> here == '_' || Character.isLetter(here))
        && line.substring(equals + 1, end)
            .chars()
            .allMatch(here -> here == '/' || Character.isDigit(here));
  }

  /** Behind {@code file.c:1234:}, and the alert's number. */
  private static int endOfProblem(String line, int start) {
    int end = -1;
    for (int colon = line.indexOf(".c:", start); colon >= 0 && end < 0; ) {
      int digits = colon + 3;
      int at = afterDigits(line, digits);
      end = at > digits && line.startsWith(":", at) ? at + 1 : -1;
      colon = line.indexOf(".c:", colon + 1);
    }
    if (end > 0 && line.startsWith(ALERT, end)) {
      end = afterDigits(line, end + ALERT.length());
      end += line.startsWith(":", end) ? 1 : 0;
    }
    return end;
  }

  private static int afterDigits(String line, int from) {
    int at = from;
    while (at < line.length() && Character.isDigit(line.charAt(at))) {
      at++;
    }
    return at;
  }

  private static int wordEnd(String line, int from) {
    int at = from;
    while (at < line.length() && " <".indexOf(line.charAt(at)) < 0) {
      at++;
    }
    return at;
  }

  /** Blanks, and what a page's source has between two lines. */
  private static int afterBreaks(String line, int from) {
    int at = from;
    while (at < line.length()) {
      int close = line.indexOf('>', at);
      boolean isBreak = line.startsWith("<br", at) && close > 0 && close - at < 6;
      if (!isBreak && line.charAt(at) != ' ') {
        break;
      }
      at = isBreak ? close + 1 : at + 1;
    }
    return at;
  }
}
