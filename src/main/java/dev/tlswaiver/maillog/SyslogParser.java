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

  /**
   * What else may stand before a time: the file and line that grep(1) names, the number that an
   * editor or a list gives a line, and the one or two words by which a viewer names its source.
   */
  private static final Pattern BEFORE_TIME =
      Pattern.compile("(?:[\\w./~+-]{1,200}?[:-](?! )|[0-9]{1,7}[.):|]? +|[\\w.@/-]{1,64} +)");

  /** More of these than that stand before no time. */
  private static final int MOST_MARKS = 8;

  /** Kubernetes: the stream, and whether the line is whole. */
  private static final Pattern STREAM = Pattern.compile("(?:stdout|stderr) [FP] ");

  /** {@code mail.info}, {@code info}: what some loggers write where the host belongs. */
  private static final Set<String> SEVERITIES =
      Set.of(
          "emerg", "panic", "alert", "crit", "err", "error", "warn", "warning", "notice", "info",
          "debug");

  private static final Pattern FACILITY =
      Pattern.compile("mail|daemon|user|auth|authpriv|local[0-7]");

  private static final String QUOTE_MARKS = " >|*`\u2022\u00b7";

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
    return read(Markup.removed(line), reference);
  }

  private Optional<SyslogMessage> read(String line, Instant reference) {
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
    while (at < line.length()
        && (QUOTE_MARKS.indexOf(line.charAt(at)) >= 0 || line.startsWith("- ", at))) {
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
    boolean isRfc5424 = line.startsWith("1 ", at);
    stamp = times.find(line, isRfc5424 ? at + 2 : at, reference);
    if (stamp.isPresent() && isRfc5424) {
      Optional<SyslogMessage> message =
          structured(stamp.get().time(), line.substring(stamp.get().end()));
      if (message.isPresent()) {
        return message.get();
      }
    }
    if (stamp.isEmpty()) {
      stamp = afterMarks(line, at, reference);
    }
    return stamp.isPresent()
        ? inner(stamp.get(), line, reference)
        : words(Optional.empty(), line, start);
  }

  /** A time that stands behind the marks of tools that showed the line. */
  private Optional<LogTime.Stamp> afterMarks(String line, int start, Instant reference) {
    Matcher mark = BEFORE_TIME.matcher(line);
    int at = start;
    for (int i = 0; i < MOST_MARKS && mark.region(at, line.length()).lookingAt(); i++) {
      at = mark.end();
      Optional<LogTime.Stamp> stamp = times.find(line, at, reference);
      if (stamp.isPresent()) {
        return stamp;
      }
    }
    return Optional.empty();
  }

  /** A container engine's time may stand before the program's own; the one with a zone counts. */
  private SyslogMessage inner(LogTime.Stamp outer, String line, Instant reference) {
    int at = line.startsWith("| ", outer.end()) ? outer.end() + 2 : outer.end();
    if (line.startsWith("std", at)) {
      Matcher stream = STREAM.matcher(line).region(at, line.length());
      at = stream.lookingAt() ? stream.end() : at;
    }
    Instant near = outer.time().orElse(reference);
    Optional<LogTime.Stamp> inner = times.find(line, at, near);
    if (inner.isEmpty()) {
      return repeated(words(outer.time(), line, at), reference);
    }
    Optional<Instant> time =
        outer.isZoned() && !inner.get().isZoned() ? outer.time() : inner.get().time();
    return repeated(words(time, line, inner.get().end()), reference);
  }

  /** Some containers log what a logger wrote, header and all: the same tag is there twice. */
  private SyslogMessage repeated(SyslogMessage message, Instant reference) {
    if (!message.isSmtpServer()) {
      return message;
    }
    Matcher container = CONTAINER.matcher(message.text());
    int start = container.lookingAt() ? container.end() : 0;
    Optional<LogTime.Stamp> stamp = times.find(message.text(), start, reference);
    SyslogMessage again =
        stamp.isPresent() ? words(message.time(), message.text(), stamp.get().end()) : message;
    boolean isSame = again.service().equals(message.service()) && again.pid().equals(message.pid());
    return isSame ? again : message;
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

  private static boolean isSeverity(String text) {
    String word = text.endsWith(":") ? text.substring(0, text.length() - 1) : text;
    String lower = word.toLowerCase(Locale.ROOT);
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

  private static Optional<SyslogMessage> structured(Optional<Instant> time, String rest) {
    Matcher matcher = RFC_5424.matcher(rest);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Tag name = Tag.named(matcher.group(2));
    String process = matcher.group(3);
    String text = matcher.group(4) == null ? "" : matcher.group(4);
    return Optional.of(
        new SyslogMessage(
            time,
            Optional.of(matcher.group(1)).filter(host -> !host.equals("-")),
            name.instance(),
            name.service(),
            Digits.find(process),
            text.startsWith("\ufeff") ? text.substring(1) : text));
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
        name = name.substring(0, bracket);
        if (pid.isEmpty() && name.indexOf('/') < 0) {
          return Optional.empty(); // A number that was blotted out follows a name of Postfix only.
        }
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
