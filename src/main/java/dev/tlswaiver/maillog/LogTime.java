package dev.tlswaiver.maillog;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.Month;
import java.time.OffsetDateTime;
import java.time.Year;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the time at the beginning of a log line, in the forms that loggers write. It remembers the
 * last one, which tells the first from the second time that an hour is shown when summer time ends.
 * Used by one thread.
 */
public final class LogTime {
  private static final List<String> MONTHS =
      List.of("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");

  private static final String WEEKDAY = "(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?";

  private static final String CLOCK =
      "(?<hour>[0-9]{1,2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})(?:[.,](?<fraction>[0-9]{1,9}))?"
          + "(?: ?(?<half>[AaPp])[Mm]\\b)?";

  /** RFC 3164; postlogd(8) pads the day with a zero; some loggers add a year or a fraction. */
  private static final Pattern BSD =
      Pattern.compile(
          WEEKDAY
              + "(?:(?<before>(?:19|20)[0-9]{2}) )?(?<month>[A-Z][a-z]{2}) {1,2}(?<day>[0-9]{1,2}),? "
              + "(?:(?<between>(?:19|20)[0-9]{2}),? )?"
              + CLOCK
              + "(?: (?<after>(?:19|20)[0-9]{2}))? +");

  private static final Map<String, String> ZONES =
      Map.ofEntries(
          Map.entry("UTC", "Z"),
          Map.entry("GMT", "Z"),
          Map.entry("WET", "Z"),
          Map.entry("WEST", "+01:00"),
          Map.entry("BST", "+01:00"),
          Map.entry("CET", "+01:00"),
          Map.entry("CEST", "+02:00"),
          Map.entry("EET", "+02:00"),
          Map.entry("EEST", "+03:00"),
          Map.entry("MSK", "+03:00"),
          Map.entry("JST", "+09:00"),
          Map.entry("EST", "-05:00"),
          Map.entry("EDT", "-04:00"),
          Map.entry("CST", "-06:00"),
          Map.entry("CDT", "-05:00"),
          Map.entry("MST", "-07:00"),
          Map.entry("MDT", "-06:00"),
          Map.entry("PST", "-08:00"),
          Map.entry("PDT", "-07:00"));

  /** RFC 3339, and its relatives with a blank for the T or without a zone. */
  private static final Pattern ISO =
      Pattern.compile(
          WEEKDAY
              + "([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:[.,]([0-9]{1,9}))?"
              + " ?(Z|(?:UTC|GMT|WES?T|BST|CES?T|EES?T|MSK|JST|[ECMP][SD]T)\\b"
              + "|[+-][0-9]{2}(?::?[0-9]{2})?)? +");

  /** A line that is repeated an hour later is not this far behind the one before it. */
  private static final Duration DISORDER = Duration.ofMinutes(10);

  private static final long HOUR = 3_600;
  private static final long DAY = 24 * HOUR;
  private static final int NO_NUMBER = Integer.MIN_VALUE;

  private final ZoneId zone;
  private @Nullable Instant last; // Null before the first line with a time.

  // The last hour that was worked out, and its header: months and zones cost more than digits.
  private String hourHeader = "";
  private Instant hour = Instant.EPOCH;

  /**
   * @param zone the zone of times that name none
   */
  public LogTime(ZoneId zone) {
    this.zone = zone;
  }

  /**
   * A time that stands at the place.
   *
   * @param time empty where the digits name no time
   * @param end where the rest of the line begins
   * @param isZoned whether the line says in which zone
   */
  public record Stamp(Optional<Instant> time, int end, boolean isZoned) {
    /** The time of two that follow each other: the inner one, unless only the outer has a zone. */
    public Optional<Instant> or(Stamp inner) {
      return isZoned && !inner.isZoned ? time : inner.time;
    }
  }

  /** The time at the place; empty where there is none. */
  public Optional<Stamp> find(String line, int at, Instant reference) {
    Optional<Stamp> stamp = Optional.empty();
    if (at < line.length()) {
      char first = line.charAt(at);
      if (first >= 'A' && first <= 'Z') {
        stamp = bsd(line, at, reference).or(() -> iso(line, at));
      } else if (first >= '0' && first <= '9') {
        stamp = iso(line, at).or(() -> bsd(line, at, reference));
      }
    }
    stamp.flatMap(Stamp::time).ifPresent(this::remember);
    return stamp;
  }

  private void remember(Instant time) {
    last = time;
  }

  /**
   * The time that a date and a clock name in the log's zone.
   *
   * @param year empty where none is told: then it is the latest year that fits the reference
   */
  public Optional<Instant> at(OptionalInt year, LocalParts parts, Instant reference) {
    Optional<Instant> time =
        year.isPresent() ? in(year.getAsInt(), parts) : latest(parts, reference);
    time.ifPresent(this::remember);
    return time;
  }

  private Optional<Stamp> bsd(String line, int at, Instant reference) {
    Optional<Stamp> usual = sameHour(line, at, reference);
    if (usual.isPresent()) {
      return usual;
    }
    Matcher matcher = BSD.matcher(line).region(at, line.length());
    int month = matcher.lookingAt() ? MONTHS.indexOf(matcher.group("month")) + 1 : 0;
    if (month == 0) {
      return Optional.empty();
    }
    String year =
        Stream.of("before", "between", "after")
            .map(matcher::group)
            .filter(Objects::nonNull)
            .findFirst()
            .orElse("");
    LocalParts parts = parts(matcher, month, Integer.parseInt(matcher.group("day")));
    Optional<Instant> time =
        year.isEmpty() ? latest(parts, reference) : in(Integer.parseInt(year), parts);
    boolean isUsual = year.isEmpty() && matcher.group("half") == null;
    if (isUsual && time.isPresent()) {
      remember(line, at, time.get());
    }
    return Optional.of(new Stamp(time, matcher.end(), false));
  }

  private static LocalParts parts(Matcher matcher, int month, int day) {
    int hour = Integer.parseInt(matcher.group("hour"));
    String half = matcher.group("half");
    if (half != null) {
      hour = hour % 12 + (half.equalsIgnoreCase("p") ? 12 : 0);
    }
    return new LocalParts(
        month,
        day,
        hour,
        Integer.parseInt(matcher.group("minute")),
        Math.min(59, Integer.parseInt(matcher.group("second"))),
        nanos(matcher.group("fraction")));
  }

  /** A date without its year, and a clock. */
  public record LocalParts(int month, int day, int hour, int minute, int second, int nano) {}

  /** Most lines have the hour of the line before. */
  private Optional<Stamp> sameHour(String line, int at, Instant reference) {
    int digits = at + hourHeader.length();
    if (hourHeader.isEmpty()
        || !isOfItsYear(reference)
        || !line.startsWith(hourHeader, at)
        || line.length() < digits + 6
        || line.charAt(digits + 2) != ':'
        || line.charAt(digits + 5) != ' ') {
      return Optional.empty();
    }
    int minute = number(line, digits, 2);
    int second = number(line, digits + 3, 2);
    return minute < 0 || second < 0 || minute > 59
        ? Optional.empty()
        : Optional.of(
            new Stamp(
                Optional.of(hour.plusSeconds(minute * 60L + Math.min(59, second))),
                digits + 6,
                false));
  }

  /** {@code "Mar 1 10:"}, unless the zone's offset changes around that hour. */
  private void remember(String line, int at, Instant time) {
    int colon = line.indexOf(':', at);
    boolean isPlain = colon - at == 9 && line.charAt(at + 6) == ' ';
    Instant start = time.minusSeconds(Math.floorMod(time.getEpochSecond(), 3_600L));
    boolean isSteady =
        Math.floorMod(zone.getRules().getOffset(time).getTotalSeconds(), 3_600) == 0
            && zone.getRules()
                .getOffset(start.minusSeconds(7_200))
                .equals(zone.getRules().getOffset(start.plusSeconds(7_200)));
    hourHeader = isPlain && isSteady ? line.substring(at, colon + 1) : "";
    hour = start;
  }

  /** Whether the whole hour is not after the reference, give or take a day, and a year later is. */
  private boolean isOfItsYear(Instant reference) {
    long since = reference.getEpochSecond() - hour.getEpochSecond();
    return since >= HOUR - DAY && since < 363 * DAY;
  }

  /** The latest year in which that was not after the reference, give or take a day. */
  private Optional<Instant> latest(LocalParts parts, Instant reference) {
    Instant latest = reference.plus(Duration.ofDays(1));
    int year = latest.atZone(zone).getYear();
    // Leap days come every fourth year, or eighth.
    for (int back = 0; back <= 8; back++) {
      Optional<Instant> time = in(year - back, parts);
      if (time.isPresent() && !time.get().isAfter(latest)) {
        return time;
      }
    }
    return Optional.empty();
  }

  private Optional<Instant> in(int year, LocalParts parts) {
    try {
      return Optional.of(
          instant(
              LocalDateTime.of(
                  year,
                  parts.month(),
                  parts.day(),
                  parts.hour(),
                  parts.minute(),
                  parts.second(),
                  parts.nano())));
    } catch (DateTimeException noSuchDay) {
      return Optional.empty(); // The 29th of February of a year that has none, say.
    }
  }

  private Instant instant(LocalDateTime local) {
    Instant early = local.atZone(zone).toInstant();
    List<ZoneOffset> offsets = zone.getRules().getValidOffsets(local);
    if (offsets.size() < 2 || last == null) {
      return early;
    }
    return early.isBefore(last.minus(DISORDER)) ? local.toInstant(offsets.get(1)) : early;
  }

  private Optional<Stamp> iso(String line, int at) {
    Optional<Stamp> usual = usualIso(line, at);
    if (usual.isPresent()) {
      return usual;
    }
    Matcher matcher = ISO.matcher(line).region(at, line.length());
    if (!matcher.lookingAt()) {
      return Optional.empty();
    }
    String offset = matcher.group(4);
    return Optional.of(
        new Stamp(
            isoTime(matcher.group(1) + "T" + matcher.group(2), nanos(matcher.group(3)), offset),
            matcher.end(),
            offset != null));
  }

  /**
   * RFC 3339 as rsyslog writes it, {@code 2026-03-01T10:00:00.123456+00:00}: read without the
   * regular expression and the parser that all its relatives need.
   */
  private static Optional<Stamp> usualIso(String line, int at) {
    int zone = at + 19;
    boolean isForm =
        line.length() > zone + 7
            && line.charAt(at + 4) == '-'
            && line.charAt(at + 7) == '-'
            && line.charAt(at + 10) == 'T'
            && line.charAt(at + 13) == ':'
            && line.charAt(at + 16) == ':';
    if (!isForm) {
      return Optional.empty();
    }
    if (line.charAt(zone) == '.') {
      do {
        zone++;
      } while (zone < line.length() && Digits.isDigit(line.charAt(zone)));
    }
    int nanos = zone > at + 19 ? nanos(line.substring(at + 20, Math.min(zone, at + 29))) : 0;
    int offset = offset(line, zone);
    int end = zone + (offset == 0 && line.startsWith("Z ", zone) ? 1 : 6);
    long seconds = seconds(line, at);
    boolean isUsual =
        offset != NO_NUMBER
            && seconds != NO_NUMBER
            && end < line.length()
            && line.charAt(end) == ' ';
    if (!isUsual) {
      return Optional.empty();
    }
    while (end < line.length() && line.charAt(end) == ' ') {
      end++;
    }
    return Optional.of(
        new Stamp(Optional.of(Instant.ofEpochSecond(seconds - offset, nanos)), end, true));
  }

  /** Seconds from 1970 to the local time, or {@link #NO_NUMBER}. */
  private static long seconds(String line, int at) {
    int year = number(line, at, 4);
    int month = number(line, at + 5, 2);
    int day = number(line, at + 8, 2);
    int hour = number(line, at + 11, 2);
    int minute = number(line, at + 14, 2);
    int second = number(line, at + 17, 2);
    boolean isTime =
        year != NO_NUMBER
            && month >= 1
            && month <= 12
            && day >= 1
            && day <= Month.of(month).length(Year.isLeap(year))
            && hour >= 0
            && hour < 24
            && minute >= 0
            && minute < 60
            && second >= 0
            && second < 60;
    return isTime
        ? LocalDate.of(year, month, day).toEpochDay() * 86_400
            + hour * 3_600L
            + minute * 60L
            + second
        : NO_NUMBER;
  }

  /** Seconds east of UTC of {@code Z} or {@code +01:00}, or {@link #NO_NUMBER}. */
  private static int offset(String line, int at) {
    if (line.startsWith("Z ", at)) {
      return 0;
    }
    boolean isForm = at + 6 < line.length() && line.charAt(at + 3) == ':';
    int hours = isForm ? number(line, at + 1, 2) : NO_NUMBER;
    int minutes = isForm ? number(line, at + 4, 2) : NO_NUMBER;
    if (hours < 0 || hours > 18 || minutes < 0 || minutes > 59) {
      return NO_NUMBER;
    }
    int seconds = hours * 3_600 + minutes * 60;
    return switch (line.charAt(at)) {
      case '+' -> seconds;
      case '-' -> -seconds;
      default -> NO_NUMBER;
    };
  }

  /** The number that so many digits spell, or {@link #NO_NUMBER}, which is below any. */
  private static int number(String line, int at, int length) {
    int number = 0;
    for (int i = at; i < at + length; i++) {
      if (!Digits.isDigit(line.charAt(i))) {
        return NO_NUMBER;
      }
      number = number * 10 + line.charAt(i) - '0';
    }
    return number;
  }

  private Optional<Instant> isoTime(String local, int nanos, @Nullable String offset) {
    try {
      if (offset == null) {
        return Optional.of(instant(LocalDateTime.parse(local).withNano(nanos)));
      }
      String full =
          Character.isLetter(offset.charAt(0))
              ? ZONES.getOrDefault(offset, "Z")
              : switch (offset.length()) {
                case 3 -> offset + ":00";
                case 5 -> offset.substring(0, 3) + ":" + offset.substring(3);
                default -> offset;
              };
      return Optional.of(OffsetDateTime.parse(local + full).toInstant().plusNanos(nanos));
    } catch (DateTimeParseException impossible) {
      return Optional.empty();
    }
  }

  private static int nanos(@Nullable String fraction) {
    return fraction == null ? 0 : Integer.parseInt((fraction + "000000000").substring(0, 9));
  }
}
