package dev.tlswaiver.logging;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Holds back warnings that say again what was said a moment ago, word for word, and counts them. A
 * host that is broken says the same once a minute for a week; who reads the journal wants to know
 * that it began, that it goes on, and what else happened.
 */
public final class Repeats {
  /** So long a text is held back after it was let through. */
  static final Duration HOLD = Duration.ofMinutes(10);

  /** More different texts than these are no repeats, and are all let through. */
  public static final int MOST = 200;

  /** In all of them. */
  public static final int MOST_CHARACTERS = 1 << 18;

  private static final class Held {
    final Instant said;
    int times;

    Held(Instant said) {
      this.said = said;
    }
  }

  private final InstantSource clock;

  /** The one that was let through first comes first. */
  private final Map<String, Held> texts = new LinkedHashMap<>();

  Repeats(InstantSource clock) {
    this.clock = clock;
  }

  /** Whether this is to be said; what is not is counted. */
  synchronized boolean isNews(String text) {
    Held held = texts.get(text);
    if (held != null) {
      held.times++;
      return false;
    }
    if (texts.size() < MOST && characters() + text.length() <= MOST_CHARACTERS) {
      texts.put(text, new Held(clock.instant()));
    }
    return true;
  }

  private int characters() {
    return texts.keySet().stream().mapToInt(String::length).sum();
  }

  /**
   * What was held back and has been told long enough ago: for each, a sentence with its count. It
   * may be said again after that.
   */
  List<String> due() {
    // A clock that went back holds nothing for longer.
    return take(age -> age.compareTo(HOLD) >= 0 || age.isNegative());
  }

  /** All that was held back, however lately. */
  List<String> rest() {
    return take(age -> true);
  }

  private synchronized List<String> take(Predicate<Duration> isRipe) {
    List<String> sentences = new ArrayList<>();
    Instant now = clock.instant();
    Iterator<Map.Entry<String, Held>> all = texts.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<String, Held> entry = all.next();
      Duration age = Duration.between(entry.getValue().said, now);
      if (isRipe.test(age)) {
        if (entry.getValue().times > 0) {
          sentences.add(
              "said "
                  + entry.getValue().times
                  + " more times in "
                  + Math.max(1, age.toMinutes())
                  + " min: "
                  + entry.getKey().lines().findFirst().orElse(""));
        }
        all.remove();
      }
    }
    return sentences;
  }
}
