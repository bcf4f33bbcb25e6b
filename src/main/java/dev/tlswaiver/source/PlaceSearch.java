package dev.tlswaiver.source;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Looks for the last lines that were read in a file that is shown to it line by line.
 *
 * <p>The place is behind the longest run of them that the file has in their order, whatever was
 * deleted or put between. Where the very last was edited or deleted, what follows and is not newer
 * was read as well: lines older than the latest that was read, and of its second as many as were
 * read.
 */
final class PlaceSearch {
  /** Fewer may be equal by chance where a file ends and another begins within one second. */
  private static final int ENOUGH = 3;

  private final List<SeenLine> known;
  private final SeenLine.Reader reader;
  private final Map<Long, List<Integer>> places = new HashMap<>();
  private final Set<Long> knownSeconds = new HashSet<>();
  private final long latest;

  /** The most of the known lines, in their order, that end with this one: a bit for each. */
  private final long[] chains;

  private int best = -1;
  private long end = -1;

  private boolean hasSeenLine;
  private long firstSecond = SeenLine.NO_TIME;
  private final Set<Long> secondsMet = new HashSet<>();
  private boolean isPast;
  private int leftOfLatest;
  private int passedOver;

  PlaceSearch(List<SeenLine> known, SeenLine.Reader reader) {
    this.known = known;
    this.reader = reader;
    this.chains = new long[known.size()];
    for (int i = 0; i < known.size(); i++) {
      places.computeIfAbsent(known.get(i).hash(), hash -> new ArrayList<>()).add(i);
      knownSeconds.add(known.get(i).second());
    }
    knownSeconds.remove(SeenLine.NO_TIME);
    this.latest = knownSeconds.stream().mapToLong(Long::longValue).max().orElse(SeenLine.NO_TIME);
    goBehind(-1);
  }

  /** Sees the next line, and the place after it. */
  void see(byte[] line, long after) {
    SeenLine seen = reader.read(line);
    firstSecond = firstSecond == SeenLine.NO_TIME ? seen.second() : firstSecond;
    hasSeenLine = true;
    if (knownSeconds.contains(seen.second())) {
      secondsMet.add(seen.second());
    }
    List<Integer> found = places.get(seen.hash());
    if (found != null && lengthen(found)) {
      end = after;
    } else if (!isPast) {
      passOver(seen, after);
    }
  }

  private boolean lengthen(List<Integer> found) {
    long[] before = chains.clone();
    long most = best < 0 ? 0 : before[best];
    int longest = best;
    long chain = 0;
    for (int i = 0; i < before.length; i++) {
      // Only a longer chain counts: an honest repeat behind the last line is new.
      if (found.contains(i) && Long.bitCount(chain) + 1 > Long.bitCount(before[i])) {
        chains[i] = chain | 1L << i;
        if (Long.bitCount(chains[i]) > Long.bitCount(most)) {
          most = chains[i];
          longest = i;
        }
      }
      chain = Long.bitCount(before[i]) > Long.bitCount(chain) ? before[i] : chain;
    }
    boolean isLonger = longest != best || most != (best < 0 ? 0 : before[best]);
    if (isLonger) {
      goBehind(longest);
    }
    return isLonger;
  }

  /** What comes now is behind that one of the known lines. */
  private void goBehind(int place) {
    best = place;
    passedOver = 0;
    isPast = place >= 0 && place == known.size() - 1;
    leftOfLatest =
        (int)
            known.subList(place + 1, known.size()).stream()
                .filter(line -> line.second() == latest)
                .count();
  }

  private void passOver(SeenLine seen, long after) {
    if (latest == SeenLine.NO_TIME) {
      isPast = isEnough(); // Nothing tells an old line from a new one.
    } else if (seen.second() == SeenLine.NO_TIME) {
      return;
    } else if (seen.second() < latest || (seen.second() == latest && leftOfLatest > 0)) {
      leftOfLatest -= seen.second() == latest ? 1 : 0;
      passedOver++;
      end = after;
    } else {
      isPast = true;
    }
  }

  boolean hasSeenLine() {
    return hasSeenLine;
  }

  /** Whether nothing of what was read can follow: its last line was found, or a newer one. */
  boolean isComplete() {
    return isPast;
  }

  /** Whether the file begins with what is older than the latest that was read. */
  boolean beginsOlder() {
    return firstSecond != SeenLine.NO_TIME && firstSecond < latest;
  }

  /** Whether this is a log of which the lines were read, by what it holds of them. */
  boolean isRewritten() {
    return isEnough() || hasTheirTimes();
  }

  private boolean isEnough() {
    if (best < 0) {
      return false;
    }
    if (known.size() < ENOUGH) {
      return Long.bitCount(chains[best]) == known.size();
    }
    Set<Long> different = new HashSet<>();
    for (int i = 0; i < known.size(); i++) {
      if ((chains[best] >> i & 1) == 1) {
        different.add(known.get(i).hash());
      }
    }
    return different.size() >= ENOUGH;
  }

  /** All lines may have been edited; a file that only follows the one before begins later. */
  private boolean hasTheirTimes() {
    return firstSecond != SeenLine.NO_TIME
        && knownSeconds.stream().allMatch(second -> firstSecond <= second)
        && secondsMet.size() >= ENOUGH
        && 2 * secondsMet.size() >= knownSeconds.size();
  }

  /** The place behind what was read; none where the file holds nothing of it. */
  OptionalLong end() {
    return end < 0 ? OptionalLong.empty() : OptionalLong.of(end);
  }

  /** How many lines before the place were taken for read by their times alone. */
  int passedOver() {
    return passedOver;
  }
}
