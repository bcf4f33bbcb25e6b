package dev.tlswaiver.excerpt;

import java.time.Month;
import java.time.format.TextStyle;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The months in all languages that Java knows (CLDR), as loggers and viewers write them: short or
 * in full, with a dot or without. A word that is two months in two languages is that of the first:
 * English first, then the languages that more logs are written in.
 */
final class MonthNames {
  private static final List<String> COMMON =
      List.of(
          "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "cs", "sv", "da", "nb", "fi", "hu", "tr",
          "ro", "uk", "el", "ja", "zh", "ko", "de-AT", "pt-PT");

  private static final List<TextStyle> STYLES =
      List.of(
          TextStyle.SHORT, TextStyle.SHORT_STANDALONE, TextStyle.FULL, TextStyle.FULL_STANDALONE);

  /** The C library cuts some names shorter than CLDR does. */
  private static final int SHORTEST_CUT = 3;

  private static final int LONGEST = 24;

  private final Map<String, Month> names = new HashMap<>();
  private final Map<String, Month> cuts = new HashMap<>();

  private MonthNames(Stream<Locale> languages) {
    languages.forEach(this::add);
  }

  /** Made when the first word turns up that is no English month: it takes a moment. */
  private static final class Common {
    private static final MonthNames NAMES =
        new MonthNames(COMMON.stream().map(Locale::forLanguageTag));
  }

  /** Made when a word turns up that none of the common languages has: it takes seconds. */
  private static final class Rest {
    private static final MonthNames NAMES =
        new MonthNames(
            Stream.of(Locale.getAvailableLocales())
                .filter(locale -> locale.getCountry().isEmpty())
                .sorted(Comparator.comparing(Locale::toLanguageTag)));
  }

  /** The month that the word is, in whatever language. */
  static Optional<Month> find(String word) {
    String name = plain(word);
    if (name.length() > LONGEST || name.chars().noneMatch(Character::isLetter)) {
      return Optional.empty();
    }
    return english(name).or(() -> Common.NAMES.lookUp(name)).or(() -> Rest.NAMES.lookUp(name));
  }

  private static Optional<Month> english(String name) {
    return Stream.of(Month.values())
        .filter(month -> name.length() >= SHORTEST_CUT)
        .filter(month -> month.name().startsWith(name.toUpperCase(Locale.ROOT)))
        .findFirst();
  }

  private Optional<Month> lookUp(String name) {
    Month month = names.get(name);
    return Optional.ofNullable(month == null ? cuts.get(name) : month);
  }

  private void add(Locale language) {
    Map<String, Month> ofLanguage = new HashMap<>();
    Set<String> doubtful = new HashSet<>();
    for (Month month : Month.values()) {
      for (TextStyle style : STYLES) {
        String name = plain(month.getDisplayName(style, language));
        names.putIfAbsent(name, month);
        for (int end = SHORTEST_CUT; isWord(name) && end < name.length(); end++) {
          String cut = name.substring(0, end);
          if (ofLanguage.putIfAbsent(cut, month) != null && ofLanguage.get(cut) != month) {
            doubtful.add(cut); // Juin, juillet.
          }
        }
      }
    }
    ofLanguage.keySet().removeAll(doubtful);
    ofLanguage.forEach(cuts::putIfAbsent);
  }

  private static boolean isWord(String name) {
    return name.chars().allMatch(Character::isLetter);
  }

  private static String plain(String name) {
    String lower = name.strip().toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }
}
