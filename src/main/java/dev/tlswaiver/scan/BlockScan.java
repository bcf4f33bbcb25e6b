package dev.tlswaiver.scan;

import dev.tlswaiver.maillog.SyslogParser;
import dev.tlswaiver.maillog.UnreadableLineException;
import dev.tlswaiver.scan.BlockSessions.Slot;
import dev.tlswaiver.scan.LineBytes.Text;
import java.util.Arrays;

/**
 * Finds in a block of a log what may matter for TLS, by its bytes: nearly all of a mail log is
 * dropped here before any text is made of it. What is in doubt is kept.
 *
 * <p>A process of a command lives for a second or two, and Java compiles what runs often: each line
 * takes the same short way through few methods, so that the way is soon compiled.
 */
public final class BlockScan {
  private static final Text RFC_3164 = new Text("??? ?? ??:??:?? ");
  private static final Text RFC_3339 = new Text("????-?????T??:??");
  private static final int SHORTEST = 24;

  private static final Text LIBRARY_PROBLEM = new Text("warning: TLS library problem: ");
  private static final Text ERROR = new Text("error:");
  private static final Text FROM = new Text(" from ");
  private static final Text TIMEOUT = new Text("timeout after ");
  private static final Text TOO_MANY = new Text("too many errors after ");
  private static final Text STATE = new Text("SSL_accept:");
  private static final Text WARNING_HOSTNAME = new Text("warning: hostname ");
  private static final Text ESTABLISHED = new Text("TLS connection established from ");
  private static final Text WITH_CIPHER = new Text(" with cipher ");
  private static final Text BITS = new Text(" bits)");
  private static final Text CLIENT = new Text(": client=");
  private static final Text REPEATED = new Text("message repeated ");
  private static final Text SERVER = new Text("/smtpd");
  private static final Text POSTFIX = new Text("postfix");
  private static final Text PROXY = new Text("/tlsproxy");

  /** The longest queue id: smtpd(8) writes no longer word before a colon. */
  private static final int MOST_QUEUE_ID = 24;

  private static final Text CONNECT_FROM = new Text("connect from ");
  private static final Text DISCONNECT_FROM = new Text("disconnect from ");
  private static final Text ACCEPT_ERROR = new Text("SSL_accept error from ");
  private static final Text LOST = new Text("lost connection after ");
  private static final Text NO_QUEUE = new Text("NOQUEUE: ");
  private static final Text SETTING_UP = new Text("setting up TLS connection from ");

  /** Looks at the text of a line of smtpd(8). */
  @FunctionalInterface
  interface Look {
    void at(Slot process, int start, int host, int text, int end);
  }

  /**
   * By the text's first character. A switch would be compiled as a whole, and once more for each
   * case that turns up late; these are compiled one by one.
   */
  private final Look[] looks = new Look[128];

  private final Findings findings = new Findings();
  private final BlockSessions sessions = new BlockSessions(findings);
  private final PeerNumbers.Known followed;
  private final LineHeads heads = new LineHeads();
  private byte[] bytes = new byte[0];

  /** Makes a scan that has found nothing yet, and counts each handshake that was completed. */
  public BlockScan() {
    this(address -> false);
  }

  /**
   * @param followed the addresses of clients whose sessions are to be read line by line from their
   *     handshake on
   */
  public BlockScan(PeerNumbers.Known followed) {
    this.followed = followed;
    Arrays.fill(looks, (Look) this::queued);
    look('c', this::connect);
    look('d', this::disconnect);
    look('l', this::lost);
    look('s', (process, start, host, text, end) -> mention(process, start, text, SETTING_UP));
    look('N', (process, start, host, text, end) -> mention(process, start, text, NO_QUEUE));
    look('t', this::timeout);
    look('S', this::failed);
    look('w', this::warning);
    look('A', this::established);
    look('U', this::established);
    look('T', this::established);
    look('V', this::established);
  }

  /** Looks so at a text that begins with this character. */
  void look(char first, Look look) {
    looks[first] = look;
  }

  /**
   * Scans whole lines; what an earlier scan found is forgotten. The array is written to behind the
   * length, and where NULs are; it is copied where it has no room there. Whatever goes wrong, each
   * line is handed out then, to be read by itself.
   */
  public Findings scan(byte[] block, int length) {
    bytes =
        block.length < length + LineBytes.SLACK
            ? Arrays.copyOf(block, length + LineBytes.SLACK)
            : block;
    bytes[length] = '\n';
    try {
      UnreadableLineException.reading(() -> lines(length));
    } catch (UnreadableLineException unread) {
      doubt(length);
    }
    return findings;
  }

  private void lines(int length) {
    findings.begin(bytes);
    sessions.begin();
    int start = 0;
    while (start < length) {
      int end = LineBytes.endOrNul(bytes, start);
      if (bytes[end] == '\n') {
        line(start, end);
      } else {
        int nul = end;
        end = LineBytes.end(bytes, nul);
        line(afterNuls(start, nul, end), end);
      }
      findings.addLine();
      start = end + 1;
    }
    sessions.end();
  }

  private void doubt(int length) {
    findings.begin(bytes);
    findings.leaveUnscanned();
    int start = 0;
    while (start < length) {
      findings.doubt(start);
      findings.addLine();
      start = LineBytes.end(bytes, start) + 1;
    }
  }

  /** What the last scan found. */
  public Findings findings() {
    return findings;
  }

  /** Where the line begins that {@link SyslogParser#withoutNuls} leaves. */
  private int afterNuls(int start, int first, int end) {
    int behind = end;
    int text = end;
    while (bytes[behind - 1] != 0) {
      behind--;
      boolean isBlank = bytes[behind] == ' ' || (bytes[behind] >= '\t' && bytes[behind] <= '\r');
      text = isBlank ? text : behind;
    }
    if (text < end) {
      return behind;
    }
    // What stood before them is all there is: it is moved to the line's end.
    int length = first - start;
    System.arraycopy(bytes, start, bytes, end - length, length);
    return end - length;
  }

  private void line(int start, int end) {
    int host = end - start < SHORTEST ? -1 : afterTime(start);
    if (host < 0) {
      findings.doubt(start);
      return;
    }
    findings.addTimed(start);
    int head = headEnd(host);
    if (head < 0) {
      findings.doubt(start);
      return;
    }
    switch (heads.author(bytes, host, head)) {
      case SMTPD -> smtpd(start, host, head, end);
      case POSTFIX -> postfix(start, head);
      case FOREIGN -> foreign(start, head);
      case DOUBTFUL -> findings.doubt(start);
    }
  }

  /** Where the process id ends in {@code [31]: }; -1 where a line is torn there. */
  private int processEnd(int bracket) {
    int at = bracket + 1;
    while (bytes[at] >= '0' && bytes[at] <= '9') {
      at++;
    }
    boolean isEnd =
        at > bracket + 1 && bytes[at] == ']' && bytes[at + 1] == ':' && bytes[at + 2] == ' ';
    return isEnd ? at : -1;
  }

  /** Where the host begins, after a time as RFC 3164 or RFC 3339 have it; -1 for anything else. */
  private int afterTime(int start) {
    if (RFC_3164.isAt(bytes, start) && bytes[start] >= 'A') {
      return start + 16;
    }
    int blank = RFC_3339.isAt(bytes, start) ? LineBytes.find(bytes, ' ', start + 16) : -1;
    return blank < start + 19 || blank >= start + 40 ? -1 : blank + 1;
  }

  /** The first bracket, or colon and blank, behind the host and the tag's name. */
  private int headEnd(int host) {
    int at = LineBytes.findEither(bytes, '[', ':', host);
    while (at >= 0 && bytes[at] == ':' && bytes[at + 1] != ' ') {
      at = LineBytes.findEither(bytes, '[', ':', at + 1);
    }
    return at;
  }

  /** A line of Postfix's other programs matters only when it says that lines are missing. */
  private void postfix(int start, int head) {
    int close = processEnd(head);
    if (close < 0) {
      findings.doubt(start);
      return;
    }
    findings.addPostfix();
    if (REPEATED.isAt(bytes, close + 3)) {
      findings.read(start);
    }
  }

  /** Another program's line matters also when it may hold a line of Postfix's, header and all. */
  private void foreign(int start, int head) {
    int blank = LineBytes.find(bytes, ' ', head);
    boolean isTorn = bytes[head] == '[' && processEnd(head) < 0;
    boolean mayMatter =
        isTorn
            || (blank >= 0
                && (REPEATED.isAt(bytes, blank + 1)
                    || bytes[blank + 1] == '{'
                    || mayNamePostfix(blank)));
    if (mayMatter) {
      findings.doubt(start);
    }
  }

  private boolean mayNamePostfix(int from) {
    int slash = LineBytes.find(bytes, '/', from);
    while (slash >= 0
        && !SERVER.isAt(bytes, slash)
        && !PROXY.isAt(bytes, slash)
        && !(slash >= from + POSTFIX.length() && POSTFIX.isAt(bytes, slash - POSTFIX.length()))) {
      slash = LineBytes.find(bytes, '/', slash + 1);
    }
    return slash >= 0;
  }

  private void smtpd(int start, int host, int bracket, int end) {
    int close = processEnd(bracket);
    if (close < 0) {
      findings.doubt(start);
      return;
    }
    findings.addPostfix();
    if (close + 5 > end) {
      findings.read(start);
      return;
    }
    Slot process = sessions.process(LineBytes.number(bytes, host, close));
    int text = close + 3;
    looks[bytes[text] & 0x7F].at(process, start, host, text, end);
  }

  private void connect(Slot process, int start, int host, int text, int end) {
    if (CONNECT_FROM.isAt(bytes, text) && isClient(text + CONNECT_FROM.length())) {
      sessions.connect(process, client(text + CONNECT_FROM.length()), start);
    } else {
      sessions.read(process, start);
    }
  }

  private void disconnect(Slot process, int start, int host, int text, int end) {
    int peer = text + DISCONNECT_FROM.length();
    if (DISCONNECT_FROM.isAt(bytes, text) && isClient(peer)) {
      sessions.disconnect(process, client(peer), start, peer);
    } else {
      sessions.read(process, start);
    }
  }

  private void lost(Slot process, int start, int host, int text, int end) {
    int from = LOST.isAt(bytes, text) ? LineBytes.find(bytes, FROM, text + LOST.length() - 1) : -1;
    if (from > 0 && isClient(from + FROM.length())) {
      sessions.lost(process, client(from + FROM.length()), start);
    } else {
      sessions.read(process, start);
    }
  }

  /** A line without meaning of its own, as long as it names the client that the session is with. */
  private void mention(Slot process, int start, int text, Text words) {
    if (words.isAt(bytes, text)) {
      sessions.mention(process, mentioned(text), start);
    } else {
      sessions.read(process, start);
    }
  }

  /** The number of the first client in the text; 0 where there is none. */
  private long mentioned(int text) {
    int peer = LineBytes.find(bytes, '[', text);
    if (peer < 0) {
      return 0;
    }
    while (bytes[peer - 1] != ' ') {
      peer--;
    }
    return client(peer);
  }

  private void timeout(Slot process, int start, int host, int text, int end) {
    mention(process, start, text, TIMEOUT.isAt(bytes, text) ? TIMEOUT : TOO_MANY);
  }

  private void failed(Slot process, int start, int host, int text, int end) {
    int peer = text + ACCEPT_ERROR.length();
    // Words say that the library has nothing to say: what follows is read with care.
    boolean isNumbered =
        bytes[end - 1] >= '0'
            && bytes[end - 1] <= '9'
            && bytes[end - 2] == '-'
            && bytes[end - 5] == ']';
    if (isNumbered && ACCEPT_ERROR.isAt(bytes, text) && isClient(peer)) {
      sessions.failed(process, client(peer), start, service(host), peer);
    } else if (STATE.isAt(bytes, text)) {
      sessions.pass(process, start);
    } else {
      sessions.read(process, start);
    }
  }

  private void warning(Slot process, int start, int host, int text, int end) {
    int error = LIBRARY_PROBLEM.isAt(bytes, text) ? LineBytes.find(bytes, ERROR, text) : -1;
    if (error > 0) {
      // Before Postfix 2.11 the process id stands before it; it is no part of what went wrong.
      sessions.problem(process, start, LineBytes.number(bytes, error, end));
    } else if (WARNING_HOSTNAME.isAt(bytes, text)) {
      sessions.pass(process, start);
    } else {
      sessions.read(process, start);
    }
  }

  /**
   * {@code Anonymous TLS connection established from PEER: PROTOCOL with cipher CIPHER (n/m bits)}
   */
  private void established(Slot process, int start, int host, int text, int end) {
    int words = ESTABLISHED.isAt(bytes, text) ? text : LineBytes.find(bytes, ' ', text) + 1;
    int peer = words + ESTABLISHED.length();
    int open = ESTABLISHED.isAt(bytes, words) ? LineBytes.find(bytes, '[', peer) : -1;
    int close = open < 0 ? -1 : LineBytes.find(bytes, ']', open);
    int with = close < 0 ? -1 : LineBytes.find(bytes, WITH_CIPHER, close);
    int bits = with < 0 ? -1 : LineBytes.find(bytes, BITS, with);
    if (bits < 0) {
      queued(process, start, host, text, end);
      return;
    }
    long address = PeerNumbers.of(bytes, open + 1, close);
    if (followed.contains(address)) {
      sessions.read(process, start);
      return;
    }
    int protocol = with;
    while (bytes[protocol - 1] != ' ') {
      protocol--;
    }
    sessions.established(
        process,
        client(peer),
        start,
        LineBytes.number(bytes, protocol, bits) * 31 + service(host),
        address);
  }

  /** A line that begins with a queue id: mail was accepted, or something about a message. */
  private void queued(Slot process, int start, int host, int text, int end) {
    int colon = LineBytes.find(bytes, ':', text);
    int length = colon - text;
    if (length <= 4 || length >= MOST_QUEUE_ID || bytes[text] > 'Z' || !isQueueId(text, colon)) {
      sessions.read(process, start);
    } else if (CLIENT.isAt(bytes, colon)) {
      sessions.mail(process, client(colon + CLIENT.length()), start);
    } else {
      sessions.mention(process, mentioned(colon), start);
    }
  }

  private boolean isQueueId(int from, int to) {
    for (int i = from; i < to; i++) {
      byte here = bytes[i];
      boolean isLetter = (here | 0x20) >= 'a' && (here | 0x20) <= 'z';
      if (!isLetter && (here < '0' || here > '9')) {
        return false;
      }
    }
    return true;
  }

  /** The number of the service: the tag's name, without the host. */
  private long service(int host) {
    return LineBytes.numberUntil(bytes, '[', LineBytes.find(bytes, ' ', host) + 1);
  }

  /** Whether a client stands there, and not what is left of one. */
  private boolean isClient(int from) {
    int close = LineBytes.findEither(bytes, ' ', ']', from);
    return close > 0 && bytes[close] == ']' && " :\n".indexOf(bytes[close + 1]) >= 0;
  }

  /** The number of the client that stands there, up to the end of its address. */
  private long client(int from) {
    return LineBytes.numberUntil(bytes, ']', from);
  }
}
