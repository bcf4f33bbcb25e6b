package dev.tlswaiver.guard;

import dev.tlswaiver.handshake.Notes;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Pool;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * When each of many addresses, networks or pools was seen first and last, to the minute. Kept by a
 * keyed number for its text and not by the text, in 16 bytes each and a free place for every four.
 * An IPv6 address is its /64, which is what one machine has. Used by one thread.
 *
 * <p>Bounded, and no crowd pushes out whom we know. Who was seen on two days, or is held because it
 * gave mail, has three quarters of the places; all others are newcomers, and where there is no
 * place for one more, the half of the newcomers goes that was not seen for longest. What is older
 * than the memory reaches goes before anybody else, and is no loss.
 *
 * <p>What was pushed out sooner is a {@link Loss}: from then on nobody can tell of a stranger
 * whether it was seen before, until all that was lost would be forgotten anyway.
 */
public final class LastSeen {
  /** An IPv6 network that one machine has. */
  static final int IPV6_LENGTH = 64;

  private static final int SECONDS = 60;
  private static final int NEVER = 0;

  /** Two sights around one midnight are one night's. */
  private static final int APART = 6 * 60;

  private static final int DAY = 24 * 60;

  /** The bit of {@link #firsts} that marks who is held; minutes since 1970 have no use for it. */
  private static final int HELD = 1 << 31;

  /**
   * What is kept of one.
   *
   * @param isHeld whether newcomers never push it out
   */
  public record Entry(long number, Instant first, Instant last, boolean isHeld) {}

  /**
   * What was pushed out before its time.
   *
   * @param since when the first of it was
   * @param latest when the latest of it had been seen
   * @param count how many they were
   * @param isOfHeld whether any was held
   */
  public record Loss(Instant since, Instant latest, long count, boolean isOfHeld) {
    /** Both together. */
    public Loss and(Loss other) {
      return new Loss(
          since.isBefore(other.since) ? since : other.since,
          latest.isAfter(other.latest) ? latest : other.latest,
          count + other.count,
          isOfHeld || other.isOfHeld);
    }

    /** For a restart, like {@code 2026-03-01T10:00:00Z 2026-03-01T09:30:00Z 1700 false}. */
    public String text() {
      return since + " " + latest + " " + count + " " + isOfHeld;
    }

    /** What {@link #text} wrote. */
    public static Loss ofText(String text) {
      String[] words = text.split(" ");
      return new Loss(
          Instant.parse(words[0]),
          Instant.parse(words[1]),
          Long.parseLong(words[2]),
          Boolean.parseBoolean(words[3]));
    }
  }

  private final int most;
  private final Duration memory;
  private final KeyedHash hash;
  private final Notes notes;
  private final String label;

  private Consumer<Entry> writer = entry -> {};
  private boolean hasOldNumbers;

  private long[] numbers = new long[1 << 10];

  /** Minutes since 1970; {@link #NEVER} marks a free place. */
  private int[] lasts = new int[1 << 10];

  /** The same, with {@link #HELD} where it gave mail. */
  private int[] firsts = new int[1 << 10];

  private int size;
  private int held;
  private Optional<Loss> loss = Optional.empty();

  /**
   * @param most how many are remembered
   * @param memory for how long what was seen is of use
   * @param notes where it is noted what was lost, under the label
   */
  public LastSeen(int most, Duration memory, KeyedHash hash, Notes notes, String label) {
    this.most = most;
    this.memory = memory;
    this.hash = hash;
    this.notes = notes;
    this.label = label;
  }

  /** Who writes down what changes from now on. */
  public void writeThrough(Consumer<Entry> taker) {
    writer = taker;
  }

  /** Some of what is restored was written by a release that had numbers without a key. */
  public void knowOldNumbers() {
    hasOldNumbers = true;
  }

  /** The text under which a pool is remembered. */
  static String text(Pool pool) {
    return pool.isNamed() || pool.id().indexOf('/') >= 0
        ? pool.id()
        : IpAddress.find(pool.id()).map(LastSeen::text).orElse(pool.id());
  }

  /** The text under which an address is remembered. */
  static String text(IpAddress address) {
    return address.isIpv6() ? address.network(IPV6_LENGTH).toString() : address.toString();
  }

  /** Notes that something was seen. A time between those known changes nothing. */
  public void see(String text, Instant at) {
    see(text, at, 0);
  }

  public void see(Pool pool, Instant at) {
    see(text(pool), at);
  }

  /** The same of one that gave mail: newcomers don't push it out from now on. */
  void hold(String text, Instant at) {
    see(text, at, HELD);
  }

  void hold(Pool pool, Instant at) {
    hold(text(pool), at);
  }

  private void see(String text, Instant at, int mark) {
    long number = hash.number(text);
    int minute = minute(at);
    int place = place(number);
    if (lasts[place] != NEVER) {
      update(place, minute, minute | mark);
      return;
    }
    int old = oldPlace(text);
    int first = lasts[old] == NEVER ? minute : Math.min(minute, firsts[old] & ~HELD);
    int kept = lasts[old] == NEVER ? mark : mark | (firsts[old] & HELD);
    insert(number, minute, first | kept, minute);
    write(place(number));
  }

  private static int minute(Instant at) {
    return (int) Math.max(NEVER + 1L, at.getEpochSecond() / SECONDS);
  }

  private static Instant instant(int minute) {
    return Instant.ofEpochSecond((long) minute * SECONDS);
  }

  private void update(int place, int last, int first) {
    int lastBefore = lasts[place];
    int firstBefore = firsts[place];
    boolean wasHeld = isHeld(place);
    lasts[place] = Math.max(lastBefore, last);
    firsts[place] = Math.min(firstBefore & ~HELD, first & ~HELD) | ((firstBefore | first) & HELD);
    if (lasts[place] == lastBefore && firsts[place] == firstBefore) {
      return;
    }
    write(place);
    if (!wasHeld && isHeld(place)) {
      held++;
      keepHeldWithinTheirShare(last);
    }
  }

  private void insert(long number, int last, int first, int now) {
    if (size >= most) {
      makeRoom(now);
    }
    if (size * 5L >= numbers.length * 4L) {
      grow();
    }
    int place = place(number);
    numbers[place] = number;
    lasts[place] = last;
    firsts[place] = first;
    size++;
    if (isHeld(place)) {
      held++;
      keepHeldWithinTheirShare(now);
    }
  }

  private void write(int place) {
    if (lasts[place] != NEVER) {
      writer.accept(
          new Entry(
              numbers[place],
              instant(firsts[place] & ~HELD),
              instant(lasts[place]),
              isHeld(place)));
    }
  }

  /** Takes up what an earlier run wrote down. */
  public void restore(Entry entry) {
    int last = minute(entry.last());
    int first = minute(entry.first()) | (entry.isHeld() ? HELD : 0);
    int place = place(entry.number());
    if (lasts[place] == NEVER) {
      insert(entry.number(), last, first, last);
    }
  }

  /** Takes up what an earlier run noted. */
  public void restoreLoss(String noted) {
    notes.restored(label);
    loss = Optional.of(Loss.ofText(noted));
  }

  /** When it was seen last, to the minute. */
  public Optional<Instant> find(String text) {
    return known(text).map(place -> instant(lasts[place]));
  }

  public Optional<Instant> find(Pool pool) {
    return find(text(pool));
  }

  public Optional<Instant> find(IpAddress address) {
    return find(text(address));
  }

  /** When it was seen first, as far as is known. */
  public Optional<Instant> findFirst(Pool pool) {
    return known(text(pool)).map(place -> instant(firsts[place] & ~HELD));
  }

  /** Whether it is known for longer than a day, or gave mail. */
  public boolean isHeld(Pool pool) {
    return known(text(pool)).filter(this::isHeld).isPresent();
  }

  /** Whether it was seen since then. */
  public boolean since(String text, Instant start) {
    return find(text).filter(last -> !last.isBefore(start)).isPresent();
  }

  public boolean since(Pool pool, Instant start) {
    return since(text(pool), start);
  }

  public boolean since(IpAddress address, Instant start) {
    return since(text(address), start);
  }

  public boolean since(IpPrefix network, Instant start) {
    return since(network.toString(), start);
  }

  public int size() {
    return size;
  }

  /** All that was ever lost, as far as is known. */
  public Optional<Loss> loss() {
    return loss;
  }

  /** What was lost of all that was seen since then; empty where the memory is complete. */
  public Optional<Loss> lossSince(Instant start) {
    return loss.filter(known -> !known.latest().isBefore(start));
  }

  private Optional<Integer> known(String text) {
    int place = place(hash.number(text));
    int found = lasts[place] == NEVER ? oldPlace(text) : place;
    return lasts[found] == NEVER ? Optional.empty() : Optional.of(found);
  }

  /** Where a release before this one had it; a free place where none did. */
  private int oldPlace(String text) {
    return place(hasOldNumbers ? hash.numberOfOld(KeyedHash.oldNumber(text)) : hash.number(text));
  }

  private boolean isHeld(int place) {
    int first = firsts[place] & ~HELD;
    return (firsts[place] & HELD) != 0
        || (lasts[place] - first >= APART && lasts[place] / DAY != first / DAY);
  }

  /** Where the number is, or would be. */
  private int place(long number) {
    int mask = numbers.length - 1;
    int at = (int) number & mask;
    while (lasts[at] != NEVER && numbers[at] != number) {
      at = (at + 1) & mask;
    }
    return at;
  }

  private void grow() {
    long[] oldNumbers = numbers;
    int[] oldLasts = lasts;
    int[] oldFirsts = firsts;
    numbers = new long[oldNumbers.length * 2];
    lasts = new int[numbers.length];
    firsts = new int[numbers.length];
    for (int i = 0; i < oldNumbers.length; i++) {
      if (oldLasts[i] != NEVER) {
        int place = place(oldNumbers[i]);
        numbers[place] = oldNumbers[i];
        lasts[place] = oldLasts[i];
        firsts[place] = oldFirsts[i];
      }
    }
  }

  private void makeRoom(int now) {
    forget(now);
    if (size > most - few()) {
      pushOut(false, (size - held + 1) / 2, now);
    }
  }

  private void keepHeldWithinTheirShare(int now) {
    int share = most - most / 4;
    if (held > share) {
      forget(now);
      if (held > share - few()) {
        pushOut(true, held / 4, now);
      }
    }
  }

  /** So little room is not worth looking through all of them again in a moment. */
  private int few() {
    return most / 16;
  }

  /** Whoever was seen before the memory reaches back is gone. */
  private void forget(int now) {
    int start = (int) Math.max(NEVER, now - memory.toMinutes());
    for (int i = 0; i < numbers.length; ) {
      i += lasts[i] != NEVER && lasts[i] < start ? remove(i) : 1;
    }
  }

  /**
   * Pushes out about so many of those that are held, or of those that are not, the oldest first.
   */
  private void pushOut(boolean ofHeld, int count, int now) {
    int last = oldest(ofHeld, count);
    int before = countUntil(ofHeld, last - 1);
    int inLast = countUntil(ofHeld, last) - before;
    int sizeBefore = size;
    removeUntil(ofHeld, last, (double) (count - before) / inLast);
    if (size == sizeBefore) {
      removeUntil(ofHeld, last, 1);
    }
    lose(new Loss(instant(now), instant(last), sizeBefore - size, ofHeld));
  }

  /**
   * @param share of those of the last minute: by their numbers, and not by their places, or one end
   *     of the table would be empty, and the other one too full to find anybody in it
   */
  private void removeUntil(boolean ofHeld, int last, double share) {
    long most = (long) (share * 0x1p31);
    for (int i = 0; i < numbers.length; ) {
      boolean goes =
          lasts[i] != NEVER
              && isHeld(i) == ofHeld
              && (lasts[i] < last || (lasts[i] == last && (numbers[i] >>> 33) < most));
      i += goes ? remove(i) : 1;
    }
  }

  /** Notes what is lost; what was lost before the memory reaches back so far is of no matter. */
  private void lose(Loss more) {
    Loss known =
        loss.filter(before -> !before.latest().isBefore(more.since().minus(memory)))
            .map(before -> before.and(more))
            .orElse(more);
    loss = Optional.of(known);
    notes.put(label, known::text);
  }

  /** The minute until which so many of a kind were seen last. */
  private int oldest(boolean ofHeld, int count) {
    int low = NEVER;
    int high = Integer.MAX_VALUE - 1;
    while (low < high) {
      int middle = low + (high - low) / 2;
      if (countUntil(ofHeld, middle) >= count) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  private int countUntil(boolean ofHeld, int last) {
    int count = 0;
    for (int i = 0; i < numbers.length; i++) {
      count += lasts[i] != NEVER && lasts[i] <= last && isHeld(i) == ofHeld ? 1 : 0;
    }
    return count;
  }

  /**
   * Frees a place, and moves up who stood behind it, so that everybody is found without a gap.
   *
   * @return 0: somebody else may stand there now, and is to be looked at
   */
  private int remove(int gap) {
    held -= isHeld(gap) ? 1 : 0;
    size--;
    int mask = numbers.length - 1;
    int free = gap;
    for (int next = (free + 1) & mask; lasts[next] != NEVER; next = (next + 1) & mask) {
      int home = (int) numbers[next] & mask;
      if (((next - home) & mask) >= ((next - free) & mask)) {
        numbers[free] = numbers[next];
        lasts[free] = lasts[next];
        firsts[free] = firsts[next];
        free = next;
      }
    }
    lasts[free] = NEVER;
    return 0;
  }
}
