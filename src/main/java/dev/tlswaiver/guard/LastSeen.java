package dev.tlswaiver.guard;

import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/**
 * When each of many addresses, networks or pools was seen last, to the minute. Kept by a number for
 * its text and not by the text, in 12 bytes each and a free place for every four, so that a hundred
 * thousand senders cost less than two megabytes; two texts with one number are as rare as any
 * accident that memory chips have.
 *
 * <p>Bounded: when it is full, the half that was not seen for longest is evicted. Used by one
 * thread.
 */
public final class LastSeen {
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;
  private static final int SECONDS = 60;
  private static final int NEVER = 0;

  private final int most;

  private long[] numbers = new long[1 << 10];

  /** Minutes since 1970; {@link #NEVER} marks a free place. */
  private int[] minutes = new int[1 << 10];

  private int size;

  /**
   * @param most how many are remembered
   */
  public LastSeen(int most) {
    this.most = most;
  }

  /** The number of a text: FNV-1a with 64 bits, which stays the same from release to release. */
  public static long number(String text) {
    long hash = FNV_OFFSET;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * FNV_PRIME;
    }
    return hash;
  }

  /** Notes that something was seen. An earlier time than the one known changes nothing. */
  public void see(String text, Instant at) {
    see(number(text), at);
  }

  /** The same by its number, as an earlier run of the agent noted it. */
  public void see(long number, Instant at) {
    int minute = (int) Math.max(NEVER + 1L, at.getEpochSecond() / SECONDS);
    int place = place(number);
    if (minutes[place] == NEVER) {
      if (size >= most) {
        evict();
      } else if (size * 5L >= numbers.length * 4L) {
        resize(numbers.length * 2);
      }
      place = place(number);
      size++;
    }
    numbers[place] = number;
    minutes[place] = Math.max(minutes[place], minute);
  }

  /** When it was seen last, to the minute. */
  public Optional<Instant> find(String text) {
    int minute = minutes[place(number(text))];
    return minute == NEVER
        ? Optional.empty()
        : Optional.of(Instant.ofEpochSecond((long) minute * SECONDS));
  }

  /** Whether it was seen since then. */
  public boolean since(String text, Instant start) {
    return find(text).filter(last -> !last.isBefore(start)).isPresent();
  }

  public int size() {
    return size;
  }

  /** Where the number is, or would be. */
  private int place(long number) {
    int mask = numbers.length - 1;
    int at = (int) (number ^ (number >>> 32)) & mask;
    while (minutes[at] != NEVER && numbers[at] != number) {
      at = (at + 1) & mask;
    }
    return at;
  }

  private void resize(int length) {
    keepSince(NEVER + 1, length);
  }

  private void evict() {
    int[] known = Arrays.stream(minutes).filter(minute -> minute != NEVER).sorted().toArray();
    // Where half of them were seen in one minute, that minute goes as a whole.
    keepSince(known[known.length / 2] + 1, numbers.length);
  }

  private void keepSince(int first, int length) {
    long[] oldNumbers = numbers;
    int[] oldMinutes = minutes;
    numbers = new long[length];
    minutes = new int[length];
    size = 0;
    for (int i = 0; i < oldNumbers.length; i++) {
      if (oldMinutes[i] >= first) {
        int place = place(oldNumbers[i]);
        numbers[place] = oldNumbers[i];
        minutes[place] = oldMinutes[i];
        size++;
      }
    }
  }
}
