package dev.tlswaiver.guard;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * How much of one kind is told: so many in a day, and all of them at once if need be. What comes
 * beyond is counted, and told as a number some time after the first of it. Used by one thread.
 */
public final class Share {
  private static final Duration DAY = Duration.ofDays(1);

  /** How long what is held back is counted before it is told. */
  private static final Duration HELD = Duration.ofHours(1);

  private static final String NONE = "-";

  private final int most;
  private double left;
  private Optional<Instant> taken = Optional.empty();
  private int held;
  private Optional<Instant> heldSince = Optional.empty();

  /**
   * What was held back.
   *
   * @param since when the first of it was
   */
  public record Held(int count, Instant since) {}

  public Share(int most) {
    this.most = most;
    this.left = most;
  }

  /** Whether one more may be told; it is held back otherwise. */
  public boolean take(Instant now) {
    double back =
        taken
            .map(last -> Math.max(0, Duration.between(last, now).toSeconds()))
            .map(seconds -> (double) seconds * most / DAY.toSeconds())
            .orElse(0.0);
    left = Math.min(most, left + back);
    taken = taken.filter(now::isBefore).or(() -> Optional.of(now));
    boolean isThere = left >= 1;
    if (isThere) {
      left--;
    } else {
      held++;
      heldSince = heldSince.or(() -> Optional.of(now.truncatedTo(ChronoUnit.SECONDS)));
    }
    return isThere;
  }

  /** What was held back long enough; it counts anew from here. */
  public Optional<Held> due(Instant now) {
    return heldSince.filter(since -> !since.plus(HELD).isAfter(now)).flatMap(since -> end());
  }

  /** What was held back, however short a time ago. */
  public Optional<Held> end() {
    Optional<Held> all = heldSince.map(since -> new Held(held, since));
    held = 0;
    heldSince = Optional.empty();
    return all;
  }

  /** For a restart, like {@code 0.25 2026-03-01T10:00:00Z 17 2026-03-01T09:30:00Z}. */
  public String text() {
    return left + " " + text(taken) + " " + held + " " + text(heldSince);
  }

  private static String text(Optional<Instant> time) {
    return time.map(Instant::toString).orElse(NONE);
  }

  /** Takes up what {@link #text} wrote. */
  public void restore(String text) {
    String[] words = text.split(" ", -1);
    left = Math.min(most, Double.parseDouble(words[0]));
    taken = time(words[1]);
    held = Integer.parseInt(words[2]);
    heldSince = time(words[3]);
  }

  private static Optional<Instant> time(String word) {
    return word.equals(NONE) ? Optional.empty() : Optional.of(Instant.parse(word));
  }
}
