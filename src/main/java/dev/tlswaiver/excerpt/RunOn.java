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

  /** Words of a header before its tag. */
  private static final int MOST_HEADER_WORDS = 8;

  /** {@code at Mar 1 10:00:00}, of anvil(8). */
  private static final int STAMP = 19;

  private static final String ALERT = "SSL alert number ";

  private static final List<String> ABOUT_CLIENTS =
      List.of(
          "connect from ",
          "disconnect from ",
          "SSL_accept error from ",
          "setting up TLS connection from ",
          "lost connection after ");

  private static final String FAILED = "SSL_accept error from ";
  private static final String ESTABLISHED = "TLS connection established from ";
  private static final String STATISTICS = "statistics: max ";
  private static final List<String> BEHIND_BITS =
      List.of(
          "key-exchange", "server-signature", "server-digest", "client-signature", "client-digest");

  /** What people write between the two lines of a failure that they put into one. */
  private static final List<String> BETWEEN = List.of("warning", "TLS library problem", "-1");

  private RunOn() {}

  /** The lines; the line alone where it is one. */
  static List<String> apart(String line, Function<String, Optional<SyslogMessage>> reader) {
    List<String> lines = new ArrayList<>();
    String rest = withoutProse(line, reader);
    boolean isRunOn = rest.length() < line.length();
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
      isRunOn = true;
    }
    int start = isRunOn ? beginning(rest) : -1;
    int end = start < 0 ? -1 : end(rest, start);
    // Behind the last of lines that were run together somebody goes on in his own words.
    lines.add(end > 0 && isSentence(rest, start, end, reader) ? rest.substring(0, end) : rest);
    return lines.stream().flatMap(one -> cut(one, reader).stream()).toList();
  }

  /**
   * The line from its header on, where somebody's own words stand in front of it. What a client
   * says stands behind a program's colon, or in brackets: neither is in such words.
   */
  private static String withoutProse(
      String line, Function<String, Optional<SyslogMessage>> reader) {
    int tag = line.indexOf("postfix");
    boolean isTag = tag > 0 && line.indexOf("/smtpd[", tag) > 0;
    if (!isTag || reader.apply(line).filter(SyslogMessage::isPostfix).isPresent()) {
      return line;
    }
    String before = line.substring(0, tag).stripTrailing();
    boolean isAsked = isProse(before) && ".:?!".indexOf(before.charAt(before.length() - 1)) >= 0;
    if (isAsked && reader.apply(line.substring(tag)).filter(it -> it.isPostfix()).isPresent()) {
      return line.substring(tag);
    }
    int start = tag;
    for (int words = 0; words < MOST_HEADER_WORDS && start > 0; words++) {
      start = line.lastIndexOf(' ', start - 2) + 1;
      boolean isHeader =
          Character.isDigit(line.charAt(start)) || Character.isUpperCase(line.charAt(start));
      boolean isFound =
          isHeader
              && isProse(line.substring(0, start))
              && reader
                  .apply(line.substring(start))
                  .filter(SyslogMessage::isPostfix)
                  .filter(message -> message.time().isPresent())
                  .isPresent();
      if (isFound) {
        return line.substring(start);
      }
    }
    return line;
  }

  /** Three words at least, and a colon at their end at most. */
  private static boolean isProse(String text) {
    String words = text.strip();
    return !words.isEmpty()
        && words.split(" ", 4).length > 2
        && Character.isLetter(words.charAt(0))
        && words
            .substring(0, words.length() - 1)
            .chars()
            .allMatch(here -> Character.isLetterOrDigit(here) || " ,.'?!()-".indexOf(here) >= 0)
        && (Character.isLetter(words.charAt(words.length() - 1))
            || ":.,?!)".indexOf(words.charAt(words.length() - 1)) >= 0);
  }

  /**
   * The two lines of a failure that somebody put into one: no client's words are in what Postfix
   * says of it behind the client.
   */
  private static List<String> cut(String line, Function<String, Optional<SyslogMessage>> reader) {
    int start = line.indexOf(FAILED);
    int error = start < 0 ? -1 : line.indexOf("error:", start + FAILED.length());
    int client = error < 0 ? -1 : endOfClient(line, start + FAILED.length());
    if (client < 0 || error < client || !isBetween(line.substring(client, error))) {
      return List.of(line);
    }
    String failure = line.substring(0, client) + ": -1";
    boolean isSaid =
        reader
            .apply(failure)
            .filter(SyslogMessage::isSmtpServer)
            .filter(message -> message.text().equals(failure.substring(start)))
            .isPresent();
    return isSaid
        ? List.of(failure, line.substring(0, start) + PROBLEM + line.substring(error))
        : List.of(line);
  }

  /** Behind the client's brackets, or where a colon ends its name. */
  private static int endOfClient(String line, int from) {
    int colon = line.indexOf(": ", from);
    int close = line.indexOf(']', from) + 1;
    return close > 0 && (colon < 0 || close < colon) ? close : colon;
  }

  private static boolean isBetween(String text) {
    String rest = text;
    for (String words : BETWEEN) {
      rest = rest.replace(words, "");
    }
    return rest.chars().noneMatch(Character::isLetter);
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
                || line.startsWith(STATISTICS, at)
                || established(line, at) > 0
                || ABOUT_CLIENTS.stream().anyMatch(words -> line.startsWith(words, at)));
    return isKnown ? at : -1;
  }

  /** Whether the line up to the end is of Postfix, and has no other text than that. */
  private static boolean isSentence(
      String line, int start, int end, Function<String, Optional<SyslogMessage>> reader) {
    return reader
        .apply(line.substring(0, end))
        .filter(SyslogMessage::isPostfix)
        .filter(message -> message.text().equals(line.substring(start, end)))
        .isPresent();
  }

  private static int end(String line, int start) {
    if (line.startsWith(PROBLEM, start)) {
      return endOfProblem(line, start);
    }
    if (line.startsWith(STATISTICS, start)) {
      int at = line.indexOf(" at ", start);
      return at > 0 && at + STAMP <= line.length() ? at + STAMP : -1;
    }
    if (established(line, start) > 0) {
      return endOfTerms(line, start);
    }
    int client = line.indexOf(" from ", start) + 6;
    int end = wordEnd(line, client);
    if (client < 6 || end == client) {
      return -1;
    }
    if (line.startsWith(FAILED, start)) {
      return line.startsWith("]: ", end - 2) ? endOfWhy(line, end + 1) : -1;
    }
    while (isCount(line, end)) {
      end = wordEnd(line, end + 1);
    }
    return line.charAt(end - 1) == ']' || line.startsWith("disconnect", start) ? end : -1;
  }

  private static int endOfWhy(String line, int start) {
    return CutSentence.WHY.stream()
        .filter(words -> line.startsWith(words, start))
        .findFirst()
        .map(words -> start + words.length())
        .orElse(-1);
  }

  /** Where {@code TLS connection established} stands behind a word at most; or -1. */
  private static int established(String line, int start) {
    int word = line.startsWith("TLS ", start) ? start : wordEnd(line, start) + 1;
    return line.startsWith(ESTABLISHED, word) ? word : -1;
  }

  /** Behind {@code (256/256 bits)}, and the names of keys and digests. */
  private static int endOfTerms(String line, int start) {
    int bits = line.indexOf(" bits)", start);
    int end = bits < 0 ? -1 : bits + " bits)".length();
    while (end > 0
        && BEHIND_BITS.contains(line.substring(afterBlank(line, end), nextEnd(line, end)))) {
      end = nextEnd(line, nextEnd(line, end));
      if (line.startsWith(" (", end)) {
        int close = line.indexOf(')', end);
        end = close < 0 ? line.length() : close + 1;
      }
    }
    return end;
  }

  private static int afterBlank(String line, int at) {
    return Math.min(line.length(), at + 1);
  }

  private static int nextEnd(String line, int at) {
    return wordEnd(line, afterBlank(line, at));
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
    while (at < line.length() && " <;,\\".indexOf(line.charAt(at)) < 0) {
      at++;
    }
    return at;
  }

  /** Blanks, and what people and a page's source have between two lines. */
  private static int afterBreaks(String line, int from) {
    int at = from;
    while (at < line.length()) {
      int close = line.indexOf('>', at);
      boolean isBreak = line.startsWith("<br", at) && close > 0 && close - at < 6;
      boolean isEscape = line.startsWith("\\n", at) || line.startsWith("\\r", at);
      if (!isBreak && !isEscape && " ;,|".indexOf(line.charAt(at)) < 0) {
        break;
      }
      at = isBreak ? close + 1 : isEscape ? at + 2 : at + 1;
    }
    return at;
  }
}
