package dev.tlswaiver.maillog;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the header of a log line: RFC 3164 with or without a host, RFC 3339, RFC 5424, with or
 * without a priority, and lines that were quoted without time or host.
 */
public final class SyslogParser {
  private static final List<String> MONTHS =
      List.of("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");

  private static final Pattern PRIORITY = Pattern.compile("^<[0-9]{1,3}>");

  /** RFC 3164; postlogd(8) pads the day with a zero instead of a blank. */
  private static final Pattern BSD_TIME =
      Pattern.compile("^([A-Z][a-z]{2}) {1,2}([0-9]{1,2}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) ");

  private static final Pattern ISO_TIME =
      Pattern.compile(
          "^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]{1,9})?"
              + "(?:Z|[+-][0-9]{2}:?[0-9]{2})) ");

  /** RFC 5424 after its time: host, application, process, message id, and no structured data. */
  private static final Pattern RFC_5424 =
      Pattern.compile("^(\\S+) ([^\\s\\[]+) ([0-9]+|-) \\S+ (?:-|\\[.*?\\]) (.*)$");

  /** {@code host postfix/smtpd[123]: text}; the host may be missing. */
  private static final Pattern TAG =
      Pattern.compile("^(?:(\\S+) )?([^\\s\\[\\]:/]+)/([^\\s\\[\\]]+?)\\[([0-9]{1,9})\\]: (.*)$");

  /** {@code host program[123]: text} of a program that is not Postfix. */
  private static final Pattern OTHER_TAG =
      Pattern.compile("^(?:(\\S+) )?([^\\s\\[\\]:]+)(?:\\[([0-9]{1,9})\\])?: (.*)$");

  private final ZoneId zone;

  /**
   * @param zone the zone of headers that name none
   */
  public SyslogParser(ZoneId zone) {
    this.zone = zone;
  }

  /**
   * Reads one line.
   *
   * @param reference the line is not later than a day after this; it settles the year of a header
   *     that has none
   * @return empty for a line that holds no text
   */
  public Optional<SyslogMessage> parse(String line, Instant reference) {
    String rest = PRIORITY.matcher(line).replaceFirst("");
    if (rest.isBlank()) {
      return Optional.empty();
    }
    boolean isRfc5424 = rest.length() < line.length() && rest.startsWith("1 ");
    if (isRfc5424) {
      rest = rest.substring(2);
    }
    Matcher bsd = BSD_TIME.matcher(rest);
    if (bsd.find()) {
      return Optional.of(tagged(bsdTime(bsd, reference), rest.substring(bsd.end())));
    }
    Matcher iso = ISO_TIME.matcher(rest);
    if (iso.find()) {
      Optional<Instant> time = isoTime(iso.group(1));
      String after = rest.substring(iso.end());
      return Optional.of(isRfc5424 ? structured(time, after) : tagged(time, after));
    }
    return Optional.of(tagged(Optional.empty(), rest));
  }

  private Optional<Instant> bsdTime(Matcher header, Instant reference) {
    int month = MONTHS.indexOf(header.group(1)) + 1;
    Instant latest = reference.plus(Duration.ofDays(1));
    int year = latest.atZone(zone).getYear();
    // Leap days come every fourth year, or eighth.
    for (int back = 0; month > 0 && back <= 8; back++) {
      try {
        Instant time =
            LocalDateTime.of(
                    year - back,
                    month,
                    Integer.parseInt(header.group(2)),
                    Integer.parseInt(header.group(3)),
                    Integer.parseInt(header.group(4)),
                    Math.min(59, Integer.parseInt(header.group(5))))
                .atZone(zone)
                .toInstant();
        if (!time.isAfter(latest)) {
          return Optional.of(time);
        }
      } catch (DateTimeException noSuchDay) {
        // The 29th of February of a year that has none: the year before it.
      }
    }
    return Optional.empty();
  }

  private static Optional<Instant> isoTime(String text) {
    try {
      boolean lacksColon = text.matches(".*[+-][0-9]{4}");
      String full =
          lacksColon
              ? text.substring(0, text.length() - 2) + ":" + text.substring(text.length() - 2)
              : text;
      return Optional.of(OffsetDateTime.parse(full).toInstant());
    } catch (DateTimeParseException impossible) {
      return Optional.empty();
    }
  }

  private static SyslogMessage structured(Optional<Instant> time, String rest) {
    Matcher matcher = RFC_5424.matcher(rest);
    if (!matcher.matches()) {
      return tagged(time, rest);
    }
    String application = matcher.group(2);
    int slash = application.indexOf('/');
    return new SyslogMessage(
        time,
        Optional.of(matcher.group(1)).filter(host -> !host.equals("-")),
        slash < 0 ? application : application.substring(0, slash),
        application.substring(slash + 1),
        number(matcher.group(3)),
        matcher.group(4));
  }

  private static SyslogMessage tagged(Optional<Instant> time, String rest) {
    Matcher postfix = TAG.matcher(rest);
    if (postfix.matches()) {
      return new SyslogMessage(
          time,
          host(postfix.group(1)),
          postfix.group(2),
          postfix.group(3),
          number(postfix.group(4)),
          postfix.group(5));
    }
    Matcher other = OTHER_TAG.matcher(rest);
    boolean isTag = other.matches() && (time.isPresent() || other.group(3) != null);
    if (isTag) {
      return new SyslogMessage(
          time,
          host(other.group(1)),
          other.group(2),
          other.group(2),
          number(other.group(3)),
          other.group(4));
    }
    return new SyslogMessage(time, Optional.empty(), "", "", Optional.empty(), rest);
  }

  private static Optional<String> host(@org.jspecify.annotations.Nullable String text) {
    return Optional.ofNullable(text);
  }

  private static Optional<Integer> number(@org.jspecify.annotations.Nullable String text) {
    return Optional.ofNullable(text).filter(digits -> !digits.equals("-")).map(Integer::valueOf);
  }
}
