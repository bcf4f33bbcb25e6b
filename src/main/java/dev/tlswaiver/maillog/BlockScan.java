package dev.tlswaiver.maillog;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * The lines of a block of a log that may matter for TLS, found by their bytes: nine of ten lines of
 * a mail log are dropped here before any text is made of them. What is in doubt is kept.
 */
public final class BlockScan {
  /** What kind of line was found. */
  public enum Kind {
    /** An smtpd(8) process says whom it serves now. */
    CONNECT,
    /** It is done with the client. */
    DISCONNECT,
    /** A message was accepted. */
    MAIL,
    /** A handshake was completed. */
    ESTABLISHED,
    /** A handshake failed. */
    FAILED,
    /** OpenSSL says why. */
    PROBLEM,
    /** The connection was lost; the client is named. */
    LOST,
    /** The client is named, which matters only to a session that is followed already. */
    MENTION,
    /** Anything else that must be read in full. */
    TEXT
  }

  private static final byte[] CONNECT_FROM = LineBytes.text("connect from ");
  private static final byte[] DISCONNECT_FROM = LineBytes.text("disconnect from ");
  private static final byte[] ACCEPT_ERROR = LineBytes.text("SSL_accept error from ");
  private static final byte[] LIBRARY_PROBLEM = LineBytes.text("warning: TLS library problem: ");
  private static final byte[] ERROR = LineBytes.text("error:");
  private static final byte[] LOST = LineBytes.text("lost connection after ");
  private static final byte[] FROM = LineBytes.text(" from ");
  private static final byte[] TIMEOUT = LineBytes.text("timeout after ");
  private static final byte[] TOO_MANY = LineBytes.text("too many errors after ");
  private static final byte[] NO_QUEUE = LineBytes.text("NOQUEUE: ");
  private static final byte[] SETTING_UP = LineBytes.text("setting up TLS connection from ");
  private static final byte[] STATE = LineBytes.text("SSL_accept:");
  private static final byte[] WARNING_HOSTNAME = LineBytes.text("warning: hostname ");
  private static final byte[] ESTABLISHED = LineBytes.text("TLS connection established from ");
  private static final byte[] WITH_CIPHER = LineBytes.text(" with cipher ");
  private static final byte[] BITS = LineBytes.text(" bits)");
  private static final byte[] CLIENT = LineBytes.text(" client=");
  private static final byte[] REPEATED = LineBytes.text("message repeated ");
  private static final byte[] SMTPD = LineBytes.text("smtpd");
  private static final byte[] TLSPROXY = LineBytes.text("tlsproxy");
  private static final byte[] JOURNALD = LineBytes.text("systemd-journald");
  private static final byte[] RSYSLOGD = LineBytes.text("rsyslogd");

  /** The longest queue id: smtpd(8) writes no longer word before a colon. */
  private static final int MOST_QUEUE_ID = 24;

  private static final int NONE = -1;

  private byte[] bytes = new byte[0];
  private long lines;
  private int firstTimed = NONE;
  private int lastTimed = NONE;

  private int size;
  private Kind[] kinds = new Kind[1_024];
  private int[] starts = new int[1_024];
  private int[] ends = new int[1_024];
  private int[] texts = new int[1_024];
  private long[] processes = new long[1_024];

  /** Of a handshake: its service, and what else tells it from others. */
  private long[] terms = new long[1_024];

  /** The client as a whole. */
  private long[] peers = new long[1_024];

  /** Of a completed handshake: the client's address. */
  private long[] addresses = new long[1_024];

  /** Scans whole lines; what an earlier scan found is forgotten. */
  public BlockScan scan(byte[] block, int length) {
    bytes = block;
    lines = 0;
    size = 0;
    firstTimed = NONE;
    lastTimed = NONE;
    int start = 0;
    while (start < length) {
      int end = LineBytes.find(block, '\n', start, length);
      end = end < 0 ? length : end;
      lines++;
      line(start, end);
      start = end + 1;
    }
    return this;
  }

  /** How many lines there were in all. */
  public long lines() {
    return lines;
  }

  /** How many may matter. */
  public int size() {
    return size;
  }

  public Kind kind(int index) {
    return kinds[index];
  }

  /** A number for host, tag and process id; 0 where they were not found. */
  public long process(int index) {
    return processes[index];
  }

  /**
   * A number for the service and terms of an {@link Kind#ESTABLISHED} line, the service of a {@link
   * Kind#FAILED} one, and the words of a {@link Kind#PROBLEM} one.
   */
  public long terms(int index) {
    return terms[index];
  }

  /** The number of the client's address in an {@link Kind#ESTABLISHED} line. */
  public long address(int index) {
    return addresses[index];
  }

  /** A number of the client as a whole, in lines that name it but for {@link Kind#MENTION}. */
  public long peer(int index) {
    return peers[index];
  }

  /** The client of such a line. */
  public String peerText(int index) {
    int close = LineBytes.find(bytes, ']', texts[index], ends[index]);
    return text(texts[index], close < 0 ? ends[index] : close + 1);
  }

  /** A number for the day of a line with a time of the usual form. */
  public long day(int index) {
    int start = starts[index];
    return LineBytes.hash(bytes, start, start + (bytes[start + 4] == '-' ? 10 : 6));
  }

  int length(int index) {
    return ends[index] - starts[index];
  }

  void copy(int index, byte[] into) {
    System.arraycopy(bytes, starts[index], into, 0, length(index));
  }

  /** The line as text; what is no UTF-8 is replaced. */
  public String line(int index) {
    return text(starts[index], ends[index]);
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
    if (start == NONE) {
      return Optional.empty();
    }
    int end = LineBytes.find(bytes, '\n', start, bytes.length);
    return Optional.of(text(start, Math.min(start + 200, end < 0 ? bytes.length : end)));
  }

  private String text(int start, int end) {
    int last = end > start && bytes[end - 1] == '\r' ? end - 1 : end;
    return new String(bytes, start, last - start, StandardCharsets.UTF_8);
  }

  /**
   * Whether the client of a {@link Kind#MAIL} line may be one of those whose numbers are known:
   * that of its address, of its name, or of a domain that the name is in.
   */
  public boolean mayBeAnyOf(int index, PeerNumbers.Known known) {
    return PeerNumbers.any(bytes, texts[index], ends[index], known);
  }

  private void line(int start, int end) {
    int at = afterTime(start, end);
    if (at < 0) {
      add(Kind.TEXT, start, end, start, 0);
      return;
    }
    firstTimed = firstTimed == NONE ? start : firstTimed;
    lastTimed = start;
    int host = LineBytes.find(bytes, ' ', at, end);
    if (host < 0 || !isHost(at, host)) {
      add(Kind.TEXT, start, end, start, 0);
      return;
    }
    boolean hasSlash = false;
    for (int i = host + 1; i < end; i++) {
      byte here = bytes[i];
      if (here == '[') {
        program(start, at, host + 1, i, end);
        return;
      }
      boolean isColon = here == ':' && i + 1 < end && bytes[i + 1] == ' ';
      if (here == ' ' || (isColon && hasSlash)) {
        add(Kind.TEXT, start, end, start, 0);
        return;
      }
      if (isColon) {
        foreign(start, host + 1, i, i + 2, end);
        return;
      }
      hasSlash |= here == '/';
    }
    add(Kind.TEXT, start, end, start, 0);
  }

  /** Where the host begins, after a time as RFC 3164 or RFC 3339 have it; -1 for anything else. */
  private int afterTime(int start, int end) {
    if (end - start < 24) {
      return NONE;
    }
    boolean isBsd =
        bytes[start + 3] == ' '
            && bytes[start + 6] == ' '
            && bytes[start + 9] == ':'
            && bytes[start + 12] == ':'
            && bytes[start + 15] == ' '
            && bytes[start] >= 'A';
    if (isBsd) {
      return start + 16;
    }
    boolean isIso = bytes[start + 4] == '-' && bytes[start + 10] == 'T' && bytes[start + 13] == ':';
    return isIso ? LineBytes.find(bytes, ' ', start + 19, Math.min(end, start + 40)) + 1 : NONE;
  }

  /** Whether the word can be a host, and not a tag that stands where a host is missing. */
  private boolean isHost(int from, int to) {
    for (int i = from; i < to; i++) {
      byte here = bytes[i];
      if (here == '[' || here == '/' || here == '<' || here == '(') {
        return false;
      }
    }
    return to > from && bytes[to - 1] != ':';
  }

  private void program(int start, int host, int tag, int bracket, int end) {
    boolean isSmtpd = endsWith(tag, bracket, SMTPD);
    if (!isSmtpd && !endsWith(tag, bracket, TLSPROXY)) {
      int text = afterBlank(bracket, end);
      foreign(start, tag, bracket, text, end);
      return;
    }
    int close = LineBytes.find(bytes, ']', bracket, end);
    if (!isSmtpd || close < 0 || close + 5 > end || bytes[close + 1] != ':') {
      add(Kind.TEXT, start, end, start, 0);
      return;
    }
    long process = LineBytes.hash(bytes, host, close);
    if (!isEstablished(start, tag, bracket, close + 3, end, process)) {
      smtpd(start, end, close + 3, process);
      if (size > 0 && kinds[size - 1] == Kind.FAILED && starts[size - 1] == start) {
        terms[size - 1] = LineBytes.hash(bytes, tag, bracket);
      }
    }
  }

  /**
   * {@code Anonymous TLS connection established from PEER: PROTOCOL with cipher CIPHER (n/m bits)}
   */
  private boolean isEstablished(int start, int tag, int bracket, int text, int end, long process) {
    byte first = bytes[text];
    if (first != 'A' && first != 'U' && first != 'T' && first != 'V') {
      return false;
    }
    int words = first == 'T' && bytes[text + 1] == 'L' ? text : afterBlank(text, end);
    if (!LineBytes.startsWith(bytes, words, end, ESTABLISHED)) {
      return false;
    }
    int peer = words + ESTABLISHED.length;
    int open = LineBytes.find(bytes, '[', peer, end);
    int close = open < 0 ? -1 : LineBytes.find(bytes, ']', open, end);
    int with = close < 0 ? -1 : LineBytes.find(bytes, WITH_CIPHER, close, end);
    int bits = with < 0 ? -1 : LineBytes.find(bytes, BITS, with, end);
    if (bits < 0) {
      return false;
    }
    int protocol = with;
    while (bytes[protocol - 1] != ' ') {
      protocol--;
    }
    add(Kind.ESTABLISHED, start, end, peer, process);
    terms[size - 1] =
        LineBytes.hash(bytes, protocol, bits) * 31 + LineBytes.hash(bytes, tag, bracket);
    peers[size - 1] = LineBytes.hash(bytes, peer, close);
    addresses[size - 1] = PeerNumbers.of(bytes, open + 1, close);
    return true;
  }

  private int afterBlank(int from, int end) {
    return LineBytes.find(bytes, ' ', from, end) + 1;
  }

  private boolean endsWith(int from, int to, byte[] name) {
    int at = to - name.length;
    return at > from && bytes[at - 1] == '/' && LineBytes.startsWith(bytes, at, to, name);
  }

  /** Another program's line matters only when it says that lines are missing. */
  private void foreign(int start, int tag, int tagEnd, int text, int end) {
    boolean mayTellGap =
        LineBytes.startsWith(bytes, tag, tagEnd, JOURNALD)
            || LineBytes.startsWith(bytes, tag, tagEnd, RSYSLOGD)
            || (text > tagEnd && LineBytes.startsWith(bytes, text, end, REPEATED));
    if (mayTellGap) {
      add(Kind.TEXT, start, end, start, 0);
    }
  }

  private void smtpd(int start, int end, int text, long process) {
    switch (bytes[text]) {
      case 'c' -> named(start, end, text, process, CONNECT_FROM, Kind.CONNECT);
      case 'd' -> named(start, end, text, process, DISCONNECT_FROM, Kind.DISCONNECT);
      case 'l' -> lost(start, end, text, process);
      case 's' -> mention(start, end, text, process, SETTING_UP);
      case 'N' -> mention(start, end, text, process, NO_QUEUE);
      case 't' -> {
        boolean isTimeout = LineBytes.startsWith(bytes, text, end, TIMEOUT);
        mention(start, end, text, process, isTimeout ? TIMEOUT : TOO_MANY);
      }
      case 'S' -> {
        if (LineBytes.startsWith(bytes, text, end, ACCEPT_ERROR)) {
          named(start, end, text, process, ACCEPT_ERROR, Kind.FAILED);
        } else if (!LineBytes.startsWith(bytes, text, end, STATE)) {
          add(Kind.TEXT, start, end, text, process);
        }
      }
      case 'w' -> warning(start, end, text, process);
      default -> queued(start, end, text, process);
    }
  }

  private void mention(int start, int end, int text, long process, byte[] words) {
    boolean isIt = LineBytes.startsWith(bytes, text, end, words);
    add(isIt ? Kind.MENTION : Kind.TEXT, start, end, text, process);
  }

  /** A line that names the client behind its first words. */
  private void named(int start, int end, int text, long process, byte[] words, Kind kind) {
    if (LineBytes.startsWith(bytes, text, end, words)) {
      add(kind, start, end, text + words.length, process);
      peers[size - 1] = client(text + words.length, end);
    } else {
      add(Kind.TEXT, start, end, text, process);
    }
  }

  private void lost(int start, int end, int text, long process) {
    int from = LineBytes.find(bytes, FROM, text, end);
    if (from > 0 && LineBytes.startsWith(bytes, text, end, LOST)) {
      add(Kind.LOST, start, end, from + FROM.length, process);
      peers[size - 1] = client(from + FROM.length, end);
    } else {
      add(Kind.TEXT, start, end, text, process);
    }
  }

  private void warning(int start, int end, int text, long process) {
    int error =
        LineBytes.startsWith(bytes, text, end, LIBRARY_PROBLEM)
            ? LineBytes.find(bytes, ERROR, text, end)
            : -1;
    if (error > 0) {
      // Before Postfix 2.11 the process id stands before it; it is no part of what went wrong.
      add(Kind.PROBLEM, start, end, text, process);
      terms[size - 1] = LineBytes.hash(bytes, error, end);
    } else if (!LineBytes.startsWith(bytes, text, end, WARNING_HOSTNAME)) {
      add(Kind.TEXT, start, end, text, process);
    }
  }

  /** A line that begins with a queue id: mail was accepted, or something about a message. */
  private void queued(int start, int end, int text, long process) {
    int colon = text;
    int most = Math.min(end, text + MOST_QUEUE_ID);
    while (colon < most && isQueueId(bytes[colon])) {
      colon++;
    }
    boolean isQueued =
        colon < most && colon - text > 4 && bytes[colon] == ':' && bytes[text] <= 'Z';
    if (!isQueued) {
      add(Kind.TEXT, start, end, text, process);
      return;
    }
    if (LineBytes.startsWith(bytes, colon + 1, end, CLIENT)) {
      int peer = colon + 1 + CLIENT.length;
      add(Kind.MAIL, start, end, peer, process);
      peers[size - 1] = client(peer, end);
    } else {
      add(Kind.MENTION, start, end, text, process);
    }
  }

  private long client(int from, int end) {
    int close = LineBytes.find(bytes, ']', from, end);
    return LineBytes.hash(bytes, from, close < 0 ? end : close);
  }

  private static boolean isQueueId(byte here) {
    return (here >= '0' && here <= '9')
        || (here >= 'A' && here <= 'Z')
        || (here >= 'a' && here <= 'z');
  }

  private void add(Kind kind, int start, int end, int text, long process) {
    if (start == end) {
      return;
    }
    if (size == kinds.length) {
      int more = size * 2;
      kinds = Arrays.copyOf(kinds, more);
      starts = Arrays.copyOf(starts, more);
      ends = Arrays.copyOf(ends, more);
      texts = Arrays.copyOf(texts, more);
      processes = Arrays.copyOf(processes, more);
      terms = Arrays.copyOf(terms, more);
      peers = Arrays.copyOf(peers, more);
      addresses = Arrays.copyOf(addresses, more);
    }
    kinds[size] = kind;
    starts[size] = start;
    ends[size] = end;
    texts[size] = text;
    processes[size] = process;
    size++;
  }
}
