package dev.tlswaiver.source;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * Fingerprints of the last lines that were read from one file, by which they are found again where
 * the file was rewritten. Each is a hash of the whole line, which strangers can't choose, and a
 * checksum of its first bytes: the time, which no stranger writes and few edits change.
 */
final class RecentLines {
  private static final int MOST = 64;
  private static final int HASH = 16;
  private static final int ENTRY = HASH + 8;
  private static final int HEADER_BYTES = 32;

  /** Fewer may be equal by chance where a file ends and another begins within one second. */
  private static final int ENOUGH = 3;

  private static final String NAME = "lines:";
  private static final Pattern FORM =
      Pattern.compile(NAME + "((?:[0-9a-f]{" + ENTRY + "}){0," + MOST + "})");

  /** The latest, and those before them; what is in one of the two is never changed again. */
  private Chunk latest = new Chunk();

  private Chunk before = new Chunk();
  private int size;

  /** Reading is what a follower does for each line: the digest is not looked up each time. */
  private final MessageDigest digest = sha256();

  /** As many lines as are remembered. */
  private static final class Chunk {
    private final long[] hashes = new long[MOST];
    private final int[] sums = new int[MOST];

    String entry(int at) {
      HexFormat hexadecimal = HexFormat.of();
      return hexadecimal.toHexDigits(hashes[at]) + hexadecimal.toHexDigits(sums[at]);
    }
  }

  /** Those that a cursor holds; those of an earlier release hold none. */
  static RecentLines in(Cursor cursor) {
    RecentLines lines = new RecentLines();
    for (String part : cursor.text().split("; ", -1)) {
      Matcher matcher = FORM.matcher(part);
      if (matcher.matches()) {
        String entries = matcher.group(1);
        for (int at = 0; at < entries.length(); at += ENTRY) {
          lines.add(
              Long.parseUnsignedLong(entries, at, at + HASH, 16),
              Integer.parseUnsignedInt(entries, at + HASH, at + ENTRY, 16));
        }
      }
    }
    return lines;
  }

  void add(byte[] line) {
    add(hash(line), sum(line));
  }

  private void add(long hash, int sum) {
    int at = size % MOST;
    if (at == 0 && size > 0) {
      before = latest;
      latest = new Chunk();
    }
    latest.hashes[at] = hash;
    latest.sums[at] = sum;
    // Beyond two chunks only the place within one matters.
    size = size == 3 * MOST ? 2 * MOST + 1 : size + 1;
  }

  boolean isEmpty() {
    return size == 0;
  }

  boolean endsWith(byte[] line) {
    return !isEmpty() && last().equals(entry(line));
  }

  boolean endsLike(RecentLines other) {
    return !isEmpty() && !other.isEmpty() && last().equals(other.last());
  }

  private String last() {
    return latest.entry((size - 1) % MOST);
  }

  private List<String> entries() {
    return entries(latest, before, size);
  }

  private static List<String> entries(Chunk latest, Chunk before, int size) {
    List<String> entries = new ArrayList<>();
    int inLatest = size == 0 ? 0 : (size - 1) % MOST + 1;
    for (int at = size > MOST ? inLatest : MOST; at < MOST; at++) {
      entries.add(before.entry(at));
    }
    for (int at = 0; at < inLatest; at++) {
      entries.add(latest.entry(at));
    }
    return entries;
  }

  /** As a part of a cursor: of these lines, whichever come later. May be asked by any thread. */
  Supplier<String> text() {
    Chunk nowLatest = latest;
    Chunk nowBefore = before;
    int nowSize = size;
    return () -> NAME + String.join("", entries(nowLatest, nowBefore, nowSize));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException absent) {
      throw new IllegalStateException("every Java has SHA-256", absent);
    }
  }

  private long hash(byte[] line) {
    return ByteBuffer.wrap(digest.digest(line)).getLong();
  }

  private static int sum(byte[] line) {
    CRC32C sum = new CRC32C();
    sum.update(line, 0, Math.min(HEADER_BYTES, line.length));
    return (int) sum.getValue();
  }

  private String entry(byte[] line) {
    HexFormat hexadecimal = HexFormat.of();
    return hexadecimal.toHexDigits(hash(line)) + hexadecimal.toHexDigits(sum(line));
  }

  Search search() {
    return new Search(entries());
  }

  /** Looks for the lines in a file that is shown to it line by line. */
  final class Search {
    private final List<String> hashes;
    private final List<String> headers;
    private final Map<String, List<Integer>> places = new HashMap<>();

    /** The most of the lines, in their order, that end with this one: a bit for each. */
    private final long[] chains;

    private final long[] ends;
    private final List<String> lastHeaders = new ArrayList<>();
    private long endOfHeaders = -1;
    private long lastSeen = -1;

    private Search(List<String> known) {
      hashes = known.stream().map(entry -> entry.substring(0, HASH)).toList();
      headers = known.stream().map(entry -> entry.substring(HASH)).toList();
      chains = new long[known.size()];
      ends = new long[known.size()];
      for (int i = 0; i < hashes.size(); i++) {
        places.computeIfAbsent(hashes.get(i), hash -> new ArrayList<>()).add(i);
      }
    }

    boolean hasSeenLine() {
      return lastSeen >= 0;
    }

    /** Whether more of the lines can't come: the last one was found, or another behind them. */
    boolean isComplete() {
      OptionalLong end = end();
      boolean hasLast = chains.length > 0 && chains[chains.length - 1] != 0;
      return end.isPresent() && (hasLast || endOfHeaders >= 0 || end.getAsLong() < lastSeen);
    }

    /** Sees the next line, and the place after it. */
    void see(byte[] line, long end) {
      lastSeen = end;
      String entry = entry(line);
      List<Integer> found = places.get(entry.substring(0, HASH));
      if (found != null) {
        lengthen(found, end);
      }
      seeHeader(entry.substring(HASH), end);
    }

    private void lengthen(List<Integer> found, long end) {
      long[] before = chains.clone();
      long best = 0;
      for (int i = 0; i < before.length; i++) {
        // Only a longer chain counts: an honest repeat behind the last line is new.
        if (found.contains(i) && Long.bitCount(best) + 1 > Long.bitCount(before[i])) {
          chains[i] = best | 1L << i;
          ends[i] = end;
        }
        best = Long.bitCount(before[i]) > Long.bitCount(best) ? before[i] : best;
      }
    }

    private void seeHeader(String header, long end) {
      lastHeaders.add(header);
      if (lastHeaders.size() > headers.size()) {
        lastHeaders.remove(0);
      }
      if (endOfHeaders < 0 && lastHeaders.equals(headers)) {
        endOfHeaders = end;
      }
    }

    /** The place after the last line that was read before. */
    OptionalLong end() {
      int best = -1;
      for (int i = 0; i < chains.length; i++) {
        boolean isLonger = best < 0 || Long.bitCount(chains[i]) > Long.bitCount(chains[best]);
        best = isLonger ? i : best;
      }
      long end = best >= 0 && isEnough(chains[best]) ? ends[best] : -1;
      if (endOfHeaders >= 0 && Set.copyOf(headers).size() >= ENOUGH) {
        end = Math.max(end, endOfHeaders);
      }
      return end < 0 ? OptionalLong.empty() : OptionalLong.of(end);
    }

    private boolean isEnough(long chain) {
      if (hashes.size() < ENOUGH) {
        return Long.bitCount(chain) == hashes.size();
      }
      Set<String> different = new HashSet<>();
      for (int i = 0; i < hashes.size(); i++) {
        if ((chain >> i & 1) == 1) {
          different.add(hashes.get(i));
        }
      }
      return different.size() >= ENOUGH;
    }
  }
}
