package dev.tlswaiver.source;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The last lines that were read from one file, by which the place is found again where the file was
 * rewritten. They are kept as they are, since that costs nothing for each line, and looked at when
 * the place is written down or looked for.
 */
final class RecentLines {
  private static final int MOST = 64;
  private static final String NAME = "seen:";
  private static final Pattern FORM =
      Pattern.compile(NAME + "((?:[0-9a-f]{" + SeenLine.LENGTH + "}){0," + MOST + "})");

  /** Those of an earlier life. */
  private final List<SeenLine> earlier;

  /** The latest, and those before them; a line in one of the two is never replaced. */
  private byte[][] latest = new byte[MOST][];

  private byte[][] before = new byte[MOST][];
  private int size;

  RecentLines() {
    this(List.of());
  }

  private RecentLines(List<SeenLine> earlier) {
    this.earlier = earlier;
  }

  /** Those that a cursor holds; those of an earlier release hold none. */
  static RecentLines in(Cursor cursor) {
    List<SeenLine> lines = new ArrayList<>();
    for (String part : cursor.text().split("; ", -1)) {
      Matcher matcher = FORM.matcher(part);
      if (matcher.matches()) {
        String all = matcher.group(1);
        for (int at = 0; at < all.length(); at += SeenLine.LENGTH) {
          lines.add(SeenLine.parse(all.substring(at, at + SeenLine.LENGTH)));
        }
      }
    }
    return new RecentLines(List.copyOf(lines));
  }

  /** Takes a line that nobody changes from now on. */
  void add(byte[] line) {
    int at = size % MOST;
    if (at == 0 && size > 0) {
      before = latest;
      latest = new byte[MOST][];
    }
    latest[at] = SeenLine.shorten(line);
    // Beyond two chunks only the place within one matters.
    size = size == 3 * MOST ? 2 * MOST + 1 : size + 1;
  }

  boolean isEmpty() {
    return size == 0 && earlier.isEmpty();
  }

  boolean endsWith(byte[] line) {
    return size == 0
        ? !isEmpty() && new SeenLine.Reader(Instant.EPOCH).read(line).hash() == lastHash()
        : Arrays.equals(latest[(size - 1) % MOST], SeenLine.shorten(line));
  }

  boolean endsLike(RecentLines other) {
    return !isEmpty() && !other.isEmpty() && lastHash() == other.lastHash();
  }

  private long lastHash() {
    return size == 0
        ? earlier.get(earlier.size() - 1).hash()
        : new SeenLine.Reader(Instant.EPOCH).read(latest[(size - 1) % MOST]).hash();
  }

  /**
   * As a part of a cursor: of these lines, whichever come later, told the present time. May be
   * asked by any thread.
   */
  Function<Instant, String> text() {
    byte[][] nowLatest = latest;
    byte[][] nowBefore = before;
    int nowSize = size;
    return now ->
        NAME
            + seen(nowLatest, nowBefore, nowSize, now).stream()
                .map(SeenLine::toString)
                .collect(Collectors.joining());
  }

  PlaceSearch search(Instant now) {
    return new PlaceSearch(seen(latest, before, size, now), new SeenLine.Reader(now));
  }

  private List<SeenLine> seen(byte[][] latest, byte[][] before, int size, Instant now) {
    SeenLine.Reader reader = new SeenLine.Reader(now);
    List<SeenLine> lines = new ArrayList<>(size > MOST ? List.of() : earlier);
    int inLatest = size == 0 ? 0 : (size - 1) % MOST + 1;
    for (int at = size > MOST ? inLatest : MOST; at < MOST; at++) {
      lines.add(reader.read(before[at]));
    }
    for (int at = 0; at < inLatest; at++) {
      lines.add(reader.read(latest[at]));
    }
    return lines.subList(Math.max(0, lines.size() - MOST), lines.size());
  }
}
