package dev.tlswaiver.maillog;

import java.time.Instant;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the headers that a live log has: RFC 3164 and its relatives, RFC 3339, RFC 5424,
 * postlogd(8)'s, the journal's JSON, and the files of container engines. Each has a time. Used by
 * one thread, for the lines of one log in their order.
 *
 * <p>A header is read from the left and once, in steps that the length of the line bounds. What a
 * stranger puts into the text of a line can't be taken for one.
 */
public final class SyslogParser implements Headers {
  /** {@code mail.info}, {@code info}: what some loggers write where the host belongs. */
  private static final Set<String> SEVERITIES =
      Set.of(
          "emerg", "panic", "alert", "crit", "err", "error", "warn", "warning", "notice", "info",
          "debug");

  private static final Set<String> FACILITIES =
      Set.of(
          "mail",
          "daemon",
          "user",
          "auth",
          "authpriv",
          "local0",
          "local1",
          "local2",
          "local3",
          "local4",
          "local5",
          "local6",
          "local7");

  /** Words between the time and the tag: a host, and what else there may be. */
  private static final int MOST_WORDS = 3;

  /** What syslogd writes without a tag. */
  private static final String REPEATED = "last message repeated ";

  private final LogTime times;

  /**
   * @param zone the zone of headers that name none
   */
  public SyslogParser(ZoneId zone) {
    this.times = new LogTime(zone);
  }

  @Override
  public Optional<SyslogMessage> parse(String line, Instant reference) {
    String text = withoutNuls(line);
    int at = afterBlanks(text, 0);
    if (at == text.length()) {
      return Optional.empty();
    }
    if (text.charAt(at) == '{') {
      Optional<JsonLine> json = JsonLine.find(text);
      if (json.isPresent() && !json.get().text().startsWith("{")) {
        return parse(json.get().text(), reference);
      }
    }
    return Optional.of(header(text, reference));
  }

  @Override
  public Optional<Instant> time(String line, Instant reference) {
    return times.find(line, 0, reference).flatMap(LogTime.Stamp::time);
  }

  /**
   * The line behind a block of NULs, which a file system leaves after a crash where lines were torn
   * off; or the line before it. Postfix itself logs none.
   */
  public static String withoutNuls(String line) {
    int last = line.lastIndexOf('\0');
    if (last < 0) {
      return line;
    }
    String behind = line.substring(last + 1);
    return behind.isBlank() ? line.substring(0, line.indexOf('\0')) : behind;
  }

  private SyslogMessage header(String line, Instant reference) {
    int at = afterPriority(line, 0);
    boolean isRfc5424 = line.startsWith("1 ", at);
    Optional<LogTime.Stamp> stamp = times.find(line, isRfc5424 ? at + 2 : at, reference);
    if (stamp.isEmpty()) {
      return new SyslogMessage(Optional.empty(), Optional.empty(), "", "", Optional.empty(), line);
    }
    if (isRfc5424) {
      Optional<SyslogMessage> message = structured(stamp.get(), line);
      if (message.isPresent()) {
        return message.get();
      }
    }
    return inner(stamp.get(), line, reference);
  }

  /** What follows {@code <22>}; the place itself where none stands there. */
  public static int afterPriority(String line, int from) {
    if (!line.startsWith("<", from)) {
      return from;
    }
    int at = from + 1;
    while (at < line.length() && at <= from + 3 && Digits.isDigit(line.charAt(at))) {
      at++;
    }
    return at > from + 1 && line.startsWith(">", at) ? at + 1 : from;
  }

  /** A container engine's time may stand before the program's own; the one with a zone counts. */
  private SyslogMessage inner(LogTime.Stamp outer, String line, Instant reference) {
    int at = afterStream(line, outer.end());
    Instant near = outer.time().orElse(reference);
    Optional<LogTime.Stamp> inner = times.find(line, at, near);
    return inner
        .map(stamp -> words(outer.or(stamp), line, stamp.end()))
        .orElseGet(() -> words(outer.time(), line, at));
  }

  /** Kubernetes: the stream, and whether the line is whole. */
  public static int afterStream(String line, int at) {
    boolean isStream = line.startsWith("stdout ", at) || line.startsWith("stderr ", at);
    boolean isTold = isStream && (line.startsWith("F ", at + 7) || line.startsWith("P ", at + 7));
    return isTold ? at + 9 : at;
  }

  /** Finds the tag, and the host before it. */
  private static SyslogMessage words(Optional<Instant> time, String line, int start) {
    Optional<String> host = Optional.empty();
    int at = afterBlanks(line, start);
    for (int word = 0; word < MOST_WORDS && at < line.length(); word++) {
      if (line.startsWith(REPEATED, at)) {
        return new SyslogMessage(time, host, "", "", Optional.empty(), line.substring(at));
      }
      int end = line.indexOf(' ', at);
      String text = line.substring(at, end < 0 ? line.length() : end);
      Optional<Tag> tag =
          Tag.find(text).filter(it -> (time.isPresent() && !isSeverity(text)) || it.isCertain());
      if (tag.isPresent()) {
        return message(time, host, tag.get(), end < 0 ? "" : line.substring(end + 1));
      }
      boolean isHost = !isSeverity(text) && !isBracketed(text);
      if (end < 0 || (isHost && host.isPresent())) {
        break;
      }
      host = isHost ? Optional.of(text) : host;
      at = afterBlanks(line, end + 1);
    }
    return new SyslogMessage(
        time, Optional.empty(), "", "", Optional.empty(), line.substring(start));
  }

  private static int afterBlanks(String line, int from) {
    int at = from;
    while (at < line.length() && line.charAt(at) == ' ') {
      at++;
    }
    return at;
  }

  /**
   * Whether the word tells how grave a line is, as {@code info}, {@code info:}, {@code mail.info}.
   */
  public static boolean isSeverity(String text) {
    String word = text.endsWith(":") ? text.substring(0, text.length() - 1) : text;
    String lower = word.toLowerCase(Locale.ROOT);
    int dot = lower.indexOf('.');
    return SEVERITIES.contains(lower.substring(dot + 1))
        && (dot < 0 || FACILITIES.contains(lower.substring(0, dot)));
  }

  private static boolean isBracketed(String text) {
    int kind = "[<(".indexOf(text.charAt(0));
    return kind >= 0 && text.charAt(text.length() - 1) == "]>)".charAt(kind);
  }

  /** The message of a tag and what follows it; Solaris writes an id of its own in between. */
  public static SyslogMessage message(
      Optional<Instant> time, Optional<String> host, Tag tag, String text) {
    int id = text.startsWith("[ID ") ? text.indexOf("] ") : -1;
    return new SyslogMessage(
        time,
        host,
        tag.instance(),
        tag.service(),
        tag.pid(),
        id > 0 ? text.substring(id + 2) : text);
  }

  /** RFC 5424 after its time: host, application, process, message id, structured data, text. */
  public static Optional<SyslogMessage> structured(LogTime.Stamp stamp, String line) {
    String[] fields = new String[4];
    int at = stamp.end();
    for (int i = 0; i < fields.length; i++) {
      int blank = line.indexOf(' ', at);
      if (blank <= at) {
        return Optional.empty();
      }
      fields[i] = line.substring(at, blank);
      at = blank + 1;
    }
    int end = afterData(line, at);
    boolean isEnded = end > at && (end == line.length() || line.charAt(end) == ' ');
    if (!isEnded || fields[1].indexOf('[') >= 0) {
      return Optional.empty();
    }
    String text = end < line.length() ? line.substring(end + 1) : "";
    return Optional.of(
        message(
            stamp.time(),
            Optional.of(fields[0]).filter(host -> !host.equals("-")),
            Tag.named(fields[1], Digits.find(fields[2])),
            // rsyslogd keeps the blank that RFC 3164 has behind the tag.
            (text.startsWith("\ufeff") ? text.substring(1) : text).stripLeading()));
  }

  /** The end of {@code -} or {@code [id name="value"]...}; the place itself where none is there. */
  private static int afterData(String line, int from) {
    if (line.startsWith("-", from)) {
      return from + 1;
    }
    int at = from;
    while (at < line.length() && line.charAt(at) == '[') {
      boolean isQuoted = false;
      int inside = at + 1;
      while (inside < line.length() && (isQuoted || line.charAt(inside) != ']')) {
        char here = line.charAt(inside);
        isQuoted ^= here == '"';
        inside += isQuoted && here == '\\' ? 2 : 1;
      }
      if (inside >= line.length()) {
        return from;
      }
      at = inside + 1;
    }
    return at;
  }
}
