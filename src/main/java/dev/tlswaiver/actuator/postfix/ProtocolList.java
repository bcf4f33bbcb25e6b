package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.postfix.PostfixVersion.Feature;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The value of smtpd_tls_protocols: which protocol versions, by number, it lets a library use. An
 * inclusion excludes every other version, also beside exclusions; an empty list excludes none.
 *
 * @param excluded those switched off one by one
 * @param floor the lowest version; 0 where there is no bound
 * @param ceiling the highest version; 0 where there is no bound
 */
public record ProtocolList(Set<Integer> excluded, int floor, int ceiling) {
  public static final int SSL_2 = 0x0002;
  public static final int SSL_3 = 0x0300;
  public static final int TLS_1 = 0x0301;
  public static final int TLS_1_1 = 0x0302;
  public static final int TLS_1_2 = 0x0303;
  public static final int TLS_1_3 = 0x0304;

  /** The names that Postfix knows, in lower case: it does not care. */
  private static final Map<String, Integer> NAMES =
      Map.of(
          "sslv2", SSL_2,
          "sslv3", SSL_3,
          "tlsv1", TLS_1,
          "tlsv1.1", TLS_1_1,
          "tlsv1.2", TLS_1_2,
          "tlsv1.3", TLS_1_3);

  private static final Pattern SEPARATORS = Pattern.compile("[\\s,:]+");
  private static final Pattern NUMBER = Pattern.compile("(?:0x)?([0-9a-f]{1,6})");

  public ProtocolList {
    excluded = Set.copyOf(excluded);
  }

  /**
   * The list as a release reads it; empty where it knows one of the words not, which disables TLS
   * in the service.
   */
  public static Optional<ProtocolList> parse(String text, PostfixVersion release) {
    Set<Integer> excluded = new HashSet<>();
    Set<Integer> included = new HashSet<>();
    int floor = 0;
    int ceiling = 0;
    for (String word : words(text)) {
      String lower = word.toLowerCase(Locale.ROOT);
      boolean isBound = lower.startsWith(">=") || lower.startsWith("<=");
      Optional<Integer> version =
          isBound ? bound(lower.substring(2)) : name(lower.replaceFirst("^!", ""));
      boolean isKnown =
          isBound
              ? release.has(Feature.PROTOCOL_BOUNDS)
              : version.filter(number -> hasName(release, number)).isPresent();
      if (version.isEmpty() || !isKnown) {
        return Optional.empty();
      }
      if (lower.startsWith(">=")) {
        floor = version.get();
      } else if (lower.startsWith("<=")) {
        ceiling = version.get();
      } else {
        (lower.startsWith("!") ? excluded : included).add(version.get());
      }
    }
    if (!included.isEmpty()) {
      // What a release has no name for it can't exclude either.
      NAMES.values().stream()
          .filter(version -> !included.contains(version) && hasName(release, version))
          .forEach(excluded::add);
    }
    return Optional.of(new ProtocolList(excluded, floor, ceiling));
  }

  /** The words of such a list, as they stand there. */
  public static List<String> words(String text) {
    return SEPARATORS.splitAsStream(text).filter(word -> !word.isEmpty()).toList();
  }

  /** The first of the words that a release does not know; empty where it knows all. */
  public static Optional<String> unknownWord(String text, PostfixVersion release) {
    return words(text).stream().filter(word -> parse(word, release).isEmpty()).findFirst();
  }

  /** Whether a release has a name for the version. */
  public static boolean hasName(PostfixVersion release, int version) {
    return switch (version) {
      case TLS_1_1, TLS_1_2 -> release.has(Feature.TLS_1_2_WORDS);
      case TLS_1_3 -> release.has(Feature.TLS_1_3_WORD);
      default -> true;
    };
  }

  private static Optional<Integer> name(String lower) {
    return Optional.ofNullable(NAMES.get(lower));
  }

  /** Bounds may be numbers too, and know neither SSLv2 nor an end to the alphabet of versions. */
  private static Optional<Integer> bound(String lower) {
    if (lower.equals("none")) {
      return Optional.of(0);
    }
    return name(lower)
        .filter(version -> version >= SSL_3)
        .or(
            () ->
                Optional.of(NUMBER.matcher(lower))
                    .filter(java.util.regex.Matcher::matches)
                    .map(matcher -> Integer.valueOf(matcher.group(1), 16)));
  }

  /** Whether this version may be used. */
  public boolean admits(int version) {
    return !excluded.contains(version) && version >= floor && (ceiling == 0 || version <= ceiling);
  }

  /** Those of a library's versions that are left. */
  NavigableSet<Integer> of(Collection<Integer> versions) {
    NavigableSet<Integer> left = new TreeSet<>(versions);
    left.removeIf(version -> !admits(version));
    return left;
  }
}
