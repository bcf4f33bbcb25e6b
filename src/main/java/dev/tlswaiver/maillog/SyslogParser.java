package dev.tlswaiver.maillog;

import java.time.Instant;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the header of a log line: RFC 3164 and its relatives, RFC 3339, RFC 5424, JSON, what
 * container engines put in front, and lines that were quoted without time or host. Used by one
 * thread, for the lines of one log in their order.
 *
 * <p>A header is read from the left and once. What a stranger puts into the text of a line can't be
 * taken for one.
 */
public final class SyslogParser {
  private static final Pattern PRIORITY = Pattern.compile("<[0-9]{1,3}>");

  /** RFC 5424 after its time: host, application, process, message id, structured data. */
  private static final Pattern RFC_5424 =
      Pattern.compile(
          "(\\S+) ([^\\s\\[]+) ([0-9]{1,9}|\\S+) \\S+"
              + " (?:-|(?:\\[(?:[^\\]\\\\\"]|\"(?:[^\"\\\\]|\\\\.)*+\")*+\\])+)(?: (.*))?");

  /** What container engines and their viewers put first: {@code mail-1 | }, {@code [pod/x] }. */
  private static final Pattern CONTAINER =
      Pattern.compile("(?:[\\w./-]{1,64} +\\| |\\[[\\w./ -]{1,200}\\] )");

  /** Kubernetes: the stream, and whether the line is whole. */
  private static final Pattern STREAM = Pattern.compile("(?:stdout|stderr) [FP] ");

  /** {@code mail.info}, {@code info}: what some loggers write where the host belongs. */
  private static final Set<String> SEVERITIES =
      Set.of(
          "emerg", "panic", "alert", "crit", "err", "error", "warn", "warning", "notice", "info",
          "debug");

  private static final Pattern FACILITY =
      Pattern.compile("mail|daemon|user|auth|authpriv|local[0-7]");

  /** Solaris' own message id, before the text. */
  private static final Pattern SOLARIS = Pattern.compile("\\[ID [0-9]+ [a-z0-9.]+\\] ");

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

  /**
   * Reads one line.
   *
   * @param reference the line is not later than a day after this; it settles the year of a header
   *     that has none
   * @return empty for a line that holds no text
   */
  public Optional<SyslogMessage> parse(String line, Instant reference) {
    int at = afterQuoteMarks(line);
    if (at == line.length()) {
      return Optional.empty();
    }
    if (line.charAt(at) == '{') {
      Optional<JsonLine> json = JsonLine.find(line.substring(at));
      if (json.isPresent() && !json.get().text().startsWith("{")) {
        return parse(json.get().text(), reference);
      }
    }
    return Optional.of(header(line, at, reference));
  }

  /** The time at a line's very beginning; empty where none stands there. */
  public Optional<Instant> time(String line, Instant reference) {
    return times.find(line, 0, reference).flatMap(LogTime.Stamp::time);
  }

  /** People quote lines with marks in front. */
  private static int afterQuoteMarks(String line) {
    int at = 0;
    while (at < line.length() && " \t>|*`\u00a0".indexOf(line.charAt(at)) >= 0) {
      at++;
    }
    return at;
  }

  private SyslogMessage header(String line, int start, Instant reference) {
    Optional<LogTime.Stamp> stamp = times.find(line, start, reference);
    if (stamp.isPresent()) {
      return inner(stamp.get(), line, reference);
    }
    Matcher container = CONTAINER.matcher(line).region(start, line.length());
    int at = container.lookingAt() ? container.end() : start;
    Matcher priority = PRIORITY.matcher(line).region(at, line.length());
    boolean isPriority = priority.lookingAt();
    at = isPriority ? priority.end() : at;
    boolean isRfc5424 = isPriority && line.startsWith("1 ", at);
    at = isRfc5424 ? at + 2 : at;
    stamp = times.find(line, at, reference);
    if (stamp.isEmpty()) {
      return words(Optional.empty(), line, start);
    }
    if (isRfc5424) {
      return structured(stamp.get().time(), line.substring(stamp.get().end()));
    }
    return inner(stamp.get(), line, reference);
  }

  /** A container engine's time may stand before the program's own; the one with a zone counts. */
  private SyslogMessage inner(LogTime.Stamp outer, String line, Instant reference) {
    int at = outer.end();
    if (line.startsWith("std", at)) {
      Matcher stream = STREAM.matcher(line).region(at, line.length());
      at = stream.lookingAt() ? stream.end() : at;
    }
    Instant near = outer.time().orElse(reference);
    Optional<LogTime.Stamp> inner = times.find(line, at, near);
    if (inner.isEmpty()) {
      return words(outer.time(), line, at);
    }
    Optional<Instant> time =
        outer.isZoned() && !inner.get().isZoned() ? outer.time() : inner.get().time();
    return words(time, line, inner.get().end());
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
      Optional<Tag> tag = Tag.find(text).filter(it -> time.isPresent() || it.isCertain());
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

  private static boolean isSeverity(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    int dot = lower.indexOf('.');
    return SEVERITIES.contains(lower.substring(dot + 1))
        && (dot < 0 || FACILITY.matcher(lower.substring(0, dot)).matches());
  }

  private static boolean isBracketed(String text) {
    int kind = "[<(".indexOf(text.charAt(0));
    return kind >= 0 && text.charAt(text.length() - 1) == "]>)".charAt(kind);
  }

  private static SyslogMessage message(
      Optional<Instant> time, Optional<String> host, Tag tag, String text) {
    Matcher solaris = SOLARIS.matcher(text);
    boolean isSolaris = text.startsWith("[ID ") && solaris.lookingAt();
    return new SyslogMessage(
        time,
        host,
        tag.instance(),
        tag.service(),
        tag.pid(),
        isSolaris ? text.substring(solaris.end()) : text);
  }

  private static SyslogMessage structured(Optional<Instant> time, String rest) {
    Matcher matcher = RFC_5424.matcher(rest);
    if (!matcher.matches()) {
      return words(time, rest, 0);
    }
    Tag name = Tag.named(matcher.group(2));
    String process = matcher.group(3);
    String text = matcher.group(4) == null ? "" : matcher.group(4);
    return new SyslogMessage(
        time,
        Optional.of(matcher.group(1)).filter(host -> !host.equals("-")),
        name.instance(),
        name.service(),
        Digits.find(process),
        text.startsWith("\ufeff") ? text.substring(1) : text);
  }

  /** {@code instance/service[pid]:}, or {@code program[pid]:} of a program that is not Postfix. */
  private record Tag(String instance, String service, Optional<Integer> pid) {
    static Optional<Tag> find(String word) {
      if (!word.endsWith(":") || word.length() < 2) {
        return Optional.empty();
      }
      String name = word.substring(0, word.length() - 1);
      int bracket = name.lastIndexOf('[');
      Optional<Integer> pid = Optional.empty();
      if (name.endsWith("]") && bracket > 0) {
        pid = Digits.find(name.substring(bracket + 1, name.length() - 1));
        if (pid.isEmpty()) {
          return Optional.empty();
        }
        name = name.substring(0, bracket);
      }
      boolean isName = name.indexOf('[') < 0 && !name.endsWith("/") && !name.startsWith("/");
      Tag tag = named(name);
      return isName ? Optional.of(new Tag(tag.instance(), tag.service(), pid)) : Optional.empty();
    }

    static Tag named(String name) {
      int slash = name.indexOf('/');
      return new Tag(
          slash < 0 ? name : name.substring(0, slash),
          slash < 0 ? name : name.substring(slash + 1),
          Optional.empty());
    }

    /** Whether it is a tag even where no time stands before it. */
    boolean isCertain() {
      return pid.isPresent() || !instance.equals(service);
    }
  }
}
