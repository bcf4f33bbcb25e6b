package dev.tlswaiver.scan;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a block of a log holds that matters for TLS, in its order. It is good until the next block
 * is scanned.
 */
public final class Findings {
  /** What is to be done with a finding. */
  public enum Kind {
    /** Read each of its lines. */
    READ,
    /** Read each of its lines, of which it is not known whether they are Postfix's. */
    DOUBTFUL,
    /** Read the line, to know the session; its handshake was told already. */
    JOIN,
    /** Read the line by which a process begins a session, if one before it was left open. */
    BEGIN,
    /** Read the line by which it ends that session, if one before it was left open. */
    END,
    /** Read the line; whatever it is that the process ends, nothing is left open. */
    LAST,
    /** The block ends, and the process's session does not. */
    LEFT_OPEN,
    /** Count a handshake that was completed. */
    ESTABLISHED,
    /** Count a handshake that failed, by the next finding's cause. */
    FAILED,
    /** What OpenSSL said of the failure. */
    CAUSE,
    /** A session is over that brought messages and said nothing of TLS. */
    PLAINTEXT
  }

  private static final int NONE = -1;

  private byte[] bytes = new byte[1];
  private long lines;
  private long postfixLines;
  private int firstTimed = NONE;
  private int lastTimed = NONE;
  private boolean mayLeaveAnyOpen;

  private int size;
  private Kind[] kinds = new Kind[1_024];

  private int[] starts = new int[1_024];
  private int[] ends = new int[1_024];

  /** A number that tells the finding from others: see {@link #number}. */
  private long[] numbers = new long[1_024];

  /** A number more, or a place: see {@link #address}, {@link #peerText}. */
  private long[] details = new long[1_024];

  void begin(byte[] block) {
    bytes = block;
    lines = 0;
    postfixLines = 0;
    firstTimed = NONE;
    lastTimed = NONE;
    mayLeaveAnyOpen = false;
    size = 0;
  }

  /** Which sessions the block leaves open is not known. */
  void leaveAnyOpen() {
    mayLeaveAnyOpen = true;
  }

  void addLine() {
    lines++;
  }

  void addPostfix() {
    postfixLines++;
  }

  /** A line has a time of the usual form. */
  void addTimed(int start) {
    firstTimed = firstTimed == NONE ? start : firstTimed;
    lastTimed = start;
  }

  /** The line that begins there is to be read. */
  void read(int start) {
    read(Kind.READ, start);
  }

  /** The same, and whose it is shows only then. */
  void doubt(int start) {
    read(Kind.DOUBTFUL, start);
  }

  private void read(Kind kind, int start) {
    int end = LineBytes.end(bytes, start);
    if (size > 0 && kinds[size - 1] == kind && ends[size - 1] + 1 == start) {
      // One finding for as many as follow each other: a log may be nothing but strange short lines.
      ends[size - 1] = end;
    } else {
      add(kind, start, 0, 0);
    }
  }

  void add(Kind kind, int start, long number, long detail) {
    if (size == kinds.length) {
      int more = size * 2;
      kinds = Arrays.copyOf(kinds, more);
      starts = Arrays.copyOf(starts, more);
      ends = Arrays.copyOf(ends, more);
      numbers = Arrays.copyOf(numbers, more);
      details = Arrays.copyOf(details, more);
    }
    kinds[size] = kind;
    starts[size] = start;
    ends[size] = LineBytes.end(bytes, start);
    numbers[size] = number;
    details[size] = detail;
    size++;
  }

  /** How many lines there were in all. */
  public long lines() {
    return lines;
  }

  /** Whether any process may have a session open behind it, of which no finding tells. */
  public boolean mayLeaveAnyOpen() {
    return mayLeaveAnyOpen;
  }

  /** How many of them are Postfix's by their tags; the doubtful ones are not counted. */
  public long postfixLines() {
    return postfixLines;
  }

  /** How many findings there are. */
  public int size() {
    return size;
  }

  public Kind kind(int index) {
    return kinds[index];
  }

  /**
   * What tells it from others: the process of a session that begins, ends or is left open; service
   * and terms of a completed handshake, the service of a failed one, the words of a cause; and how
   * many messages came in plaintext.
   */
  public long number(int index) {
    return numbers[index];
  }

  /** The number of the client's address where a handshake was completed. */
  public long address(int index) {
    return details[index];
  }

  /** The client of a handshake that failed. */
  public String peerText(int index) {
    int from = (int) details[index];
    int close = LineBytes.find(bytes, ']', from);
    return text(from, close < 0 ? ends[index] : close + 1);
  }

  /**
   * Whether the client of a {@link Kind#PLAINTEXT} session may be one of those whose numbers are
   * known: that of its address, of its name, or of a domain that the name is in.
   */
  public boolean mayBeAnyOf(int index, PeerNumbers.Known known) {
    return PeerNumbers.any(bytes, (int) details[index], known);
  }

  /** A number for the quarter of an hour of a line with a time of the usual form. */
  public long quarter(int index) {
    int start = starts[index];
    boolean isIso = bytes[start + 4] == '-';
    int minute = start + (isIso ? 14 : 10);
    int quarter = ((bytes[minute] - '0') * 10 + bytes[minute + 1] - '0') / 15;
    return (LineBytes.number(bytes, start, minute) * 31 + (isIso ? zone(start) : 0)) * 4 + quarter;
  }

  /** A number for the zone of an RFC 3339 time: {@code +01:00}. */
  private long zone(int start) {
    int end = LineBytes.find(bytes, ' ', start + 16);
    boolean isOffset = bytes[end - 6] == '+' || bytes[end - 6] == '-';
    return isOffset ? LineBytes.number(bytes, end - 6, end) : 0;
  }

  /** The line as text; what is no UTF-8 is replaced. */
  public String line(int index) {
    return text(starts[index], ends[index]);
  }

  /** Which line of the block it is, or its first one: 1 for the block's first. */
  public long lineNumber(int index) {
    long number = 1;
    for (int at = 0; at < starts[index]; at++) {
      number += bytes[at] == '\n' ? 1 : 0;
    }
    return number;
  }

  /** Hands out each line of a finding that may have several. */
  public void lines(int index, Consumer<String> reader) {
    int start = starts[index];
    while (start < ends[index]) {
      int end = LineBytes.end(bytes, start);
      reader.accept(text(start, end));
      start = end + 1;
    }
  }

  /** The first line with a time of the usual form, if there is one. */
  public Optional<String> firstTimed() {
    return timed(firstTimed);
  }

  /** The last line with a time of the usual form, if there is one. */
  public Optional<String> lastTimed() {
    return timed(lastTimed);
  }

  private Optional<String> timed(int start) {
    return start == NONE
        ? Optional.empty()
        : Optional.of(text(start, Math.min(start + 200, LineBytes.end(bytes, start))));
  }

  private String text(int start, int end) {
    int last = end > start && bytes[end - 1] == '\r' ? end - 1 : end;
    return new String(bytes, start, last - start, StandardCharsets.UTF_8);
  }
}
