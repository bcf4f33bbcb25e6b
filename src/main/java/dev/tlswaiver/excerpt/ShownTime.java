package dev.tlswaiver.excerpt;

import dev.tlswaiver.maillog.LogTime;
import dev.tlswaiver.maillog.LogTime.LocalParts;
import dev.tlswaiver.maillog.LogTime.Stamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Month;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Reads the times that viewers, collectors and other languages write, beside those of loggers: a
 * date of a few words in any order with a clock, digits with dots or slashes, seconds since 1970,
 * multilog(8)'s. Each is looked for in the first {@value #MOST_CHARACTERS} characters.
 */
final class ShownTime {
  private static final int MOST_CHARACTERS = 64;

  /** Weekday, day, month of two words, year, clock, half of the day, a year behind, zone. */
  private static final int MOST_WORDS = 7;

  /** TAI was ahead of UTC by so much in 1970, and multilog(8) leaves it at that. */
  private static final int TAI_AHEAD = 10;

  /** Words for the day on which a page is looked at, and those for the day before. */
  private static final Set<String> TODAY =
      Set.of("today", "heute", "hoy", "oggi", "vandaag", "hoje", "idag", "dzisiaj", "aujourd'hui");

  private static final Set<String> YESTERDAY =
      Set.of("yesterday", "gestern", "ayer", "ieri", "gisteren", "ontem", "wczoraj", "hier");

  private final ZoneId zone;
  private final LogTime times;

  ShownTime(ZoneId zone) {
    this.zone = zone;
    this.times = new LogTime(zone);
  }

  /** A word of a date. */
  private record Word(String text, int end) {}

  /** The time at the place; empty where there is none. The rest begins at a blank or behind it. */
  Optional<Stamp> find(String line, int at, Instant reference) {
    if (at >= line.length() || " :=\"'{}()<>#".indexOf(line.charAt(at)) >= 0) {
      return Optional.empty();
    }
    Optional<Stamp> usual = times.find(line, at, reference);
    return usual.isPresent() ? usual : shown(line, at, reference);
  }

  /** The same, but no word stands in front of it, not even a weekday's that is not English. */
  Optional<Stamp> direct(String line, int at, Instant reference) {
    return find(line, at, reference)
        .filter(
            stamp ->
                !Character.isLetter(line.charAt(at))
                    || times.find(line, at, reference).isPresent()
                    || MonthNames.find(word(line, at).text()).isPresent());
  }

  /** The time that the text is, and nothing else. */
  Optional<Stamp> whole(String text, Instant reference) {
    return text.length() > MOST_CHARACTERS
        ? Optional.empty()
        : entire(text.strip(), reference).or(() -> entire(withSeconds(text.strip()), reference));
  }

  private Optional<Stamp> entire(String text, Instant reference) {
    String line = text + " ";
    return find(line, 0, reference).filter(stamp -> stamp.end() > line.length() - 2);
  }

  /** A sheet of a spreadsheet shows hours and minutes alone. */
  private static String withSeconds(String text) {
    int colon = text.indexOf(':');
    boolean isClock = colon > 0 && colon == text.lastIndexOf(':') && text.length() >= colon + 3;
    return isClock ? text.substring(0, colon + 3) + ":00" + text.substring(colon + 3) : text;
  }

  private Optional<Stamp> shown(String line, int at, Instant reference) {
    char first = line.charAt(at);
    if (first == '[') {
      return bracketed(line, at, reference);
    }
    if (first == '@') {
      return tai(line, at);
    }
    if (first < '0' || (first > '9' && !Character.isLetter(first))) {
      return Optional.empty();
    }
    Optional<Stamp> since1970 = first <= '9' ? epoch(line, at) : Optional.empty();
    return since1970.or(() -> compact(line, at, reference)).or(() -> date(line, at, reference));
  }

  /** A time in brackets, and nothing else in them. */
  private Optional<Stamp> bracketed(String line, int at, Instant reference) {
    int close = line.indexOf(']', at);
    if (close < 0 || close - at > MOST_CHARACTERS || line.startsWith("[", at + 1)) {
      return Optional.empty();
    }
    return whole(line.substring(at + 1, close), reference)
        .map(stamp -> new Stamp(stamp.time(), close + 1, stamp.isZoned()));
  }

  private static Optional<Stamp> tai(String line, int at) {
    int end = at + 25;
    boolean isForm =
        line.startsWith("@4000000", at)
            && line.length() > end
            && line.charAt(end) == ' '
            && isHexadecimal(line.substring(at + 1, end));
    return isForm
        ? Optional.of(
            new Stamp(
                Optional.of(
                    Instant.ofEpochSecond(
                        Long.parseLong(line.substring(at + 8, at + 17), 16) - TAI_AHEAD,
                        Long.parseLong(line.substring(at + 17, end), 16))),
                end,
                true))
        : Optional.empty();
  }

  private static boolean isHexadecimal(String text) {
    return text.chars().allMatch(here -> Character.digit(here, 16) >= 0);
  }

  /** ISO 8601's basic form: {@code 20260301T100000Z}. */
  private Optional<Stamp> compact(String line, int at, Instant reference) {
    Word word = word(line, at);
    String text = word.text();
    boolean isForm =
        text.length() >= 15
            && text.charAt(8) == 'T'
            && isNumber(text.substring(0, 8))
            && isNumber(text.substring(9, 15));
    return isForm
        ? whole(
                "%s-%s-%sT%s:%s:%s%s"
                    .formatted(
                        text.substring(0, 4),
                        text.substring(4, 6),
                        text.substring(6, 8),
                        text.substring(9, 11),
                        text.substring(11, 13),
                        text.substring(13, 15),
                        text.substring(15)),
                reference)
            .map(stamp -> new Stamp(stamp.time(), word.end(), stamp.isZoned()))
        : Optional.empty();
  }

  /** Seconds since 1970, or thousandths of them and so on, which their number tells apart. */
  private static Optional<Stamp> epoch(String line, int at) {
    String word = word(line, at).text();
    int dot = word.indexOf('.');
    String whole = dot < 0 ? word : word.substring(0, dot);
    String fraction = dot < 0 ? "" : word.substring(dot + 1);
    boolean isForm =
        isNumber(whole)
            && (whole.length() == 10
                || whole.length() == 13
                || whole.length() == 16
                || whole.length() == 19)
            && (dot < 0 || (isNumber(fraction) && fraction.length() <= 9))
            && at + word.length() < line.length();
    if (!isForm) {
      return Optional.empty();
    }
    String digits = whole.substring(10) + fraction;
    return Optional.of(
        new Stamp(
            Optional.of(
                Instant.ofEpochSecond(Long.parseLong(whole.substring(0, 10)), nanos(digits))),
            at + word.length(),
            true));
  }

  /** Nanoseconds from the first digits of a fraction. */
  private static int nanos(String digits) {
    return Integer.parseInt((digits + "000000000").substring(0, 9));
  }

  /** Within a word, and no quote. */
  private static boolean isApostrophe(String line, int at) {
    return line.charAt(at) == '\''
        && at > 0
        && at + 1 < line.length()
        && Character.isLetter(line.charAt(at - 1))
        && Character.isLetter(line.charAt(at + 1));
  }

  /** Where a page lets a column with a clock touch the next, and the next is a word. */
  private static boolean isBehindClock(String line, int from, int at) {
    return at - from >= 8
        && at + 1 < line.length()
        && line.charAt(at - 3) == ':'
        && line.charAt(at - 6) == ':'
        && Character.isDigit(line.charAt(at - 1))
        && Character.isUpperCase(line.charAt(at))
        && Character.isLetter(line.charAt(at + 1));
  }

  private static Word word(String line, int from) {
    int end = from;
    int most = Math.min(line.length(), from + MOST_CHARACTERS);
    while (end < most
        && (" \"'|{}".indexOf(line.charAt(end)) < 0 || isApostrophe(line, end))
        && !isBehindClock(line, from, end)) {
      end++;
    }
    return new Word(line.substring(from, end), end);
  }

  /** Words up to a clock, of which one is a month, or that are a date in digits. */
  private Optional<Stamp> date(String line, int at, Instant reference) {
    List<String> before = new ArrayList<>();
    int from = at;
    while (before.size() < MOST_WORDS && from < line.length() && from - at < MOST_CHARACTERS) {
      Optional<Stamp> usual = from > at ? times.find(line, from, reference) : Optional.empty();
      if (usual.isPresent()) {
        return usual; // Behind a weekday in another language.
      }
      Word word = word(line, from);
      if (word.text().isEmpty()) {
        return Optional.empty();
      }
      Optional<Clock> clock = Clock.find(word.text());
      if (clock.isPresent()) {
        return before.isEmpty() && clock.get().date().isEmpty()
            ? Optional.empty()
            : dated(line, word, before, clock.get(), reference);
      }
      if (word.text().length() > 24 || word.text().endsWith(":")) {
        return Optional.empty();
      }
      before.add(word.text());
      from = afterBlanks(line, word.end());
    }
    return Optional.empty();
  }

  /**
   * A clock as {@code 10:00:00.5}, with what stands before and behind it in the same word.
   *
   * @param date {@code 01/Mar/2026} in {@code 01/Mar/2026:10:00:00}
   * @param zone {@code Z}, {@code +01:00}
   */
  private record Clock(String date, int hour, int minute, int second, int nano, String zone) {
    static Optional<Clock> find(String word) {
      String text = word.endsWith(",") ? word.substring(0, word.length() - 1) : word;
      int first = text.indexOf(':');
      int glued = text.indexOf(':', first + 1);
      // A third colon in front of a clock ends a date; behind it, it is a zone's.
      boolean hasDate = first > 2;
      int start = hasDate ? Math.max(first + 1, 0) : 0;
      if (hasDate && "T-_".indexOf(text.charAt(first - 3)) >= 0) {
        start = first - 2;
      }
      if (first < 1 || glued < 0) {
        return Optional.empty();
      }
      int colon = text.indexOf(':', start);
      int end = colon + 6;
      boolean isForm =
          colon > start
              && colon - start <= 2
              && text.length() >= end
              && text.charAt(colon + 3) == ':'
              && isNumber(text.substring(start, colon))
              && isNumber(text.substring(colon + 1, colon + 3))
              && isNumber(text.substring(colon + 4, end));
      if (!isForm) {
        return Optional.empty();
      }
      int after = end;
      if (after < text.length() && ".,".indexOf(text.charAt(after)) >= 0) {
        after++;
        while (after < text.length() && isNumber(text.substring(after, after + 1))) {
          after++;
        }
      }
      String fraction = after > end ? text.substring(end + 1, after) : "";
      String date = text.substring(0, Math.max(0, start - 1));
      String zone = text.substring(after);
      return fraction.length() > 9 || !(zone.isEmpty() || isOffset(zone))
          ? Optional.empty()
          : Optional.of(
              new Clock(
                  date,
                  Integer.parseInt(text.substring(start, colon)),
                  Integer.parseInt(text.substring(colon + 1, colon + 3)),
                  Math.min(59, Integer.parseInt(text.substring(colon + 4, end))),
                  nanos(fraction),
                  zone));
    }
  }

  private Optional<Stamp> dated(
      String line, Word clockWord, List<String> before, Clock clock, Instant reference) {
    List<String> words = new ArrayList<>(before);
    if (!clock.date().isEmpty()) {
      words.add(clock.date());
    }
    int end = clockWord.end();
    int hour = clock.hour();
    String zone = clock.zone();
    Word next = word(line, afterBlanks(line, end));
    String half = next.text().toLowerCase(Locale.ROOT);
    boolean isHalf = half.equals("am") || half.equals("pm");
    if (isHalf) {
      hour = hour % 12 + (half.equals("pm") ? 12 : 0);
      end = next.end();
      next = word(line, afterBlanks(line, end));
    }
    if (zone.isEmpty() && isOffset(next.text())) {
      zone = next.text();
      end = next.end();
    } else if (isYear(next.text())) {
      words.add(next.text());
      end = next.end();
    }
    Optional<Day> day = near(words, reference).or(() -> Day.find(words, isHalf));
    if (day.isEmpty() || hour > 23 || end >= line.length()) {
      return Optional.empty();
    }
    LocalParts parts =
        new LocalParts(
            day.get().month(), day.get().day(), hour, clock.minute(), clock.second(), clock.nano());
    Optional<Instant> time =
        day.get().month() == 0
            ? Optional.empty()
            : zone.isEmpty() || day.get().year().isEmpty()
                ? times.at(day.get().year(), parts, reference)
                : zoned(day.get().year().getAsInt(), parts, zone);
    return Optional.of(new Stamp(time, end, !zone.isEmpty()));
  }

  /** {@code Today}, or the day before. */
  private Optional<Day> near(List<String> words, Instant reference) {
    String word = words.get(0).toLowerCase(Locale.ROOT).replace(",", "").replace('\u2019', '\'');
    boolean isToday = TODAY.contains(word);
    if (words.size() > 2 || !(isToday || YESTERDAY.contains(word))) {
      return Optional.empty();
    }
    LocalDate date = reference.atZone(zone).toLocalDate().minusDays(isToday ? 0 : 1);
    return Optional.of(
        new Day(OptionalInt.of(date.getYear()), date.getMonthValue(), date.getDayOfMonth()));
  }

  private static Optional<Instant> zoned(int year, LocalParts parts, String zone) {
    String offset =
        zone.length() == 5 && zone.indexOf(':') < 0
            ? zone.substring(0, 3) + ":" + zone.substring(3)
            : zone;
    try {
      return Optional.of(
          OffsetDateTime.parse(
                  "%04d-%02d-%02dT%02d:%02d:%02d%s"
                      .formatted(
                          year,
                          parts.month(),
                          parts.day(),
                          parts.hour(),
                          parts.minute(),
                          parts.second(),
                          offset))
              .toInstant()
              .plusNanos(parts.nano()));
    } catch (DateTimeParseException none) {
      return Optional.empty();
    }
  }

  private static boolean isOffset(String word) {
    return word.equals("Z")
        || (word.length() >= 5
            && word.length() <= 6
            && "+-".indexOf(word.charAt(0)) >= 0
            && isNumber(word.substring(1).replace(":", "")));
  }

  private static boolean isYear(String word) {
    return word.length() == 4 && isNumber(word) && (word.startsWith("19") || word.startsWith("20"));
  }

  /**
   * A date.
   *
   * @param month 0 where digits don't say which is the day and which the month
   */
  private record Day(OptionalInt year, int month, int day) {
    static Optional<Day> find(List<String> words, boolean isHalf) {
      OptionalInt year = OptionalInt.empty();
      List<Integer> numbers = new ArrayList<>();
      List<String> names = new ArrayList<>();
      boolean isDotted = false;
      for (String written : words) {
        String word = written.endsWith(",") ? written.substring(0, written.length() - 1) : written;
        String[] parts = word.split("[/,-]", 8);
        boolean isDots = word.indexOf('.') > 0 && isNumber(word.replace(".", ""));
        isDotted |= isDots && word.indexOf('.') < word.length() - 1;
        for (String part : isDots ? word.split("\\.", 8) : parts) {
          if (isYear(part)) {
            year = OptionalInt.of(Integer.parseInt(part));
          } else if (isNumber(part) && part.length() <= 2) {
            numbers.add(Integer.parseInt(part));
          } else if (!part.isEmpty()) {
            names.add(part);
          }
        }
      }
      if (numbers.size() == 1 && !names.isEmpty()) {
        return named(names, numbers.get(0), year);
      }
      // Vietnamese and others number their months: the first of two numbers belongs to the name.
      if (numbers.size() == 2 && names.size() == 1) {
        Optional<Month> month = MonthNames.find(names.get(0) + " " + numbers.get(0));
        if (month.isPresent()) {
          return Optional.of(new Day(year, month.get().getValue(), numbers.get(1)));
        }
      }
      // Digits alone are a date; a weekday may stand beside it, and a word like "at".
      boolean isNamed = names.size() > 2 || names.stream().anyMatch(name -> !isName(name));
      return numbers.size() == 2 && !isNamed && year.isPresent()
          ? numbered(digits(words), numbers, year, isDotted, isHalf)
          : Optional.empty();
    }

    private static boolean isName(String name) {
      return name.equals("@")
          || name.chars().allMatch(here -> Character.isLetter(here) || here == '.');
    }

    /** The first word that is digits, which tells the order. */
    private static String digits(List<String> words) {
      return words.stream()
          .filter(word -> Character.isDigit(word.charAt(0)))
          .findFirst()
          .orElse("");
    }

    private static Optional<Day> named(List<String> names, int day, OptionalInt year) {
      // A weekday may stand before it.
      for (int i = names.size() - 1; i >= Math.max(0, names.size() - 3); i--) {
        Optional<Month> month = MonthNames.find(names.get(i));
        if (month.isPresent() && day >= 1 && day <= month.get().maxLength()) {
          return Optional.of(new Day(year, month.get().getValue(), day));
        }
      }
      return Optional.empty();
    }

    private static Optional<Day> numbered(
        String first, List<Integer> numbers, OptionalInt year, boolean isDotted, boolean isHalf) {
      int one = numbers.get(0);
      int two = numbers.get(1);
      boolean isYearFirst = first.length() > 4 && isYear(first.substring(0, 4));
      boolean isDayFirst = isDotted || one > 12;
      boolean isMonthFirst = isYearFirst || two > 12 || isHalf;
      Day day =
          isYearFirst || (!isDayFirst && isMonthFirst)
              ? new Day(year, one, two)
              : isDayFirst ? new Day(year, two, one) : new Day(year, 0, 1);
      return day.month() <= 12 && day.day() >= 1 && day.day() <= 31
          ? Optional.of(day)
          : Optional.empty();
    }
  }

  private static int afterBlanks(String line, int from) {
    int at = from;
    while (at < line.length() && line.charAt(at) == ' ') {
      at++;
    }
    return at;
  }

  private static boolean isNumber(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return !text.isEmpty();
  }
}
