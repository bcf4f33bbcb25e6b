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
  private static final Text TO = new Text(" to ");
  private static final Text LOOKUP_ERROR = new Text(" lookup error: ");
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

  /** The longest that smtpd(8) writes between "after" and "from". */
  private static final int MOST_AFTER = 40;

  /** Digits of a process id. */
  private static final int MOST_PROCESS = 9;

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
    look('s', this::settingUp);
    look('N', this::rejected);
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
    findings.leaveAnyOpen();
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
      doubtLine(start);
      return;
    }
    findings.addTimed(start);
    int head = headEnd(host);
    if (head < 0) {
      doubtLine(start);
      return;
    }
    switch (heads.author(bytes, host, head)) {
      case SMTPD -> smtpd(start, host, head, end);
      case POSTFIX -> postfix(start, head);
      case FOREIGN -> foreign(start, head);
      case DOUBTFUL -> doubtLine(start);
    }
  }

  /** A line may be torn, and go on with one of any process: what was held back comes before it. */
  private void doubtLine(int start) {
    if (LineBytes.find(bytes, SERVER, start) >= 0) {
      sessions.followAll();
    }
    findings.doubt(start);
  }

  /** Where the process id ends in {@code [31]: }; -1 where a line is torn there. */
  private int processEnd(int bracket) {
    int at = bracket + 1;
    while (bytes[at] >= '0' && bytes[at] <= '9') {
      at++;
    }
    int digits = at - bracket - 1;
    boolean isEnd =
        digits > 0
            && digits <= MOST_PROCESS
            && bytes[at] == ']'
            && bytes[at + 1] == ':'
            && bytes[at + 2] == ' ';
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
      doubtLine(start);
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
      doubtLine(start);
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
      doubtLine(start);
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
    if (CONNECT_FROM.isAt(bytes, text) && clientEnd(text + CONNECT_FROM.length()) == end) {
      sessions.connect(process, client(text + CONNECT_FROM.length()), start);
    } else {
      sessions.read(process, start);
    }
  }

  private void disconnect(Slot process, int start, int host, int text, int end) {
    int peer = text + DISCONNECT_FROM.length();
    int close = DISCONNECT_FROM.isAt(bytes, text) ? clientEnd(peer) : -1;
    if (close == end || (close > 0 && bytes[close] == ' ')) {
      sessions.disconnect(process, client(peer), start, peer);
    } else {
      sessions.read(process, start);
    }
  }

  private void lost(Slot process, int start, int host, int text, int end) {
    int peer = LOST.isAt(bytes, text) ? lastNamed(text + LOST.length(), end) : -1;
    if (peer > 0) {
      sessions.lost(process, client(peer), start);
    } else {
      sessions.read(process, start);
    }
  }

  /** A line without meaning of its own, as long as it is about the client of the session. */
  private void mention(Slot process, int start, int text) {
    int peer = named(text);
    sessions.mention(process, peer > 0 && clientEnd(peer) > 0 ? client(peer) : 0, start);
  }

  /** Where the client begins of which Postfix's words say that it follows; -1 where none do. */
  private int named(int text) {
    int from = LineBytes.find(bytes, FROM, text);
    return from < 0 ? -1 : from + FROM.length();
  }

  /** Where the client begins that ends the line behind a few words; -1 where none does. */
  private int lastNamed(int words, int end) {
    int peer = named(words);
    boolean isLast = peer > 0 && peer - FROM.length() - words <= MOST_AFTER;
    return isLast && clientEnd(peer) == end ? peer : -1;
  }

  private void settingUp(Slot process, int start, int host, int text, int end) {
    int peer = text + SETTING_UP.length();
    boolean isWhole = SETTING_UP.isAt(bytes, text) && clientEnd(peer) == end;
    sessions.mention(process, isWhole ? client(peer) : 0, start);
  }

  private void rejected(Slot process, int start, int host, int text, int end) {
    if (NO_QUEUE.isAt(bytes, text)) {
      mention(process, start, text);
    } else {
      sessions.read(process, start);
    }
  }

  private void timeout(Slot process, int start, int host, int text, int end) {
    Text words = TIMEOUT.isAt(bytes, text) ? TIMEOUT : TOO_MANY;
    int peer = words.isAt(bytes, text) ? lastNamed(text + words.length(), end) : -1;
    sessions.mention(process, peer > 0 ? client(peer) : 0, start);
  }

  private void failed(Slot process, int start, int host, int text, int end) {
    int peer = text + ACCEPT_ERROR.length();
    // Words say that the library has nothing to say: what follows is read with care.
    boolean isNumbered =
        bytes[end - 1] >= '0'
            && bytes[end - 1] <= '9'
            && bytes[end - 2] == '-'
            && bytes[end - 3] == ' '
            && bytes[end - 4] == ':';
    if (isNumbered && ACCEPT_ERROR.isAt(bytes, text) && clientEnd(peer) == end - 4) {
      sessions.failed(process, client(peer), start, service(host), peer);
    } else if (STATE.isAt(bytes, text)) {
      sessions.pass(process, start);
    } else {
      sessions.read(process, start);
    }
  }

  private void warning(Slot process, int start, int host, int text, int end) {
    int error = LIBRARY_PROBLEM.isAt(bytes, text) ? afterProcess(text) : -1;
    if (error > 0 && isError(error)) {
      sessions.problem(process, start, LineBytes.number(bytes, error, end));
    } else if (WARNING_HOSTNAME.isAt(bytes, text)) {
      sessions.pass(process, start);
    } else {
      sessions.read(process, start);
    }
  }

  /** Before Postfix 2.11 the process id stands before what went wrong; it is no part of it. */
  private int afterProcess(int text) {
    int start = text + LIBRARY_PROBLEM.length();
    int at = start;
    while (bytes[at] >= '0' && bytes[at] <= '9') {
      at++;
    }
    return at > start && bytes[at] == ':' ? at + 1 : start;
  }

  /** Whether one of OpenSSL's errors is there, at least up to what it says. */
  private boolean isError(int error) {
    int code = error + ERROR.length();
    int at = code;
    while (ERROR.isAt(bytes, error) && isHexadecimal(bytes[at])) {
      at++;
    }
    int function = at - code >= 8 && at - code <= 16 ? LineBytes.find(bytes, ':', at) : -1;
    int reason = function == at ? LineBytes.find(bytes, ':', at + 1) : -1;
    return reason > 0
        && LineBytes.find(bytes, ':', reason + 1) > 0
        && LineBytes.find(bytes, LOOKUP_ERROR, reason) < 0;
  }

  private static boolean isHexadecimal(byte here) {
    return (here >= '0' && here <= '9') || ((here | 0x20) >= 'a' && (here | 0x20) <= 'f');
  }

  /**
   * {@code Anonymous TLS connection established from PEER: PROTOCOL with cipher CIPHER (n/m bits)}
   */
  private void established(Slot process, int start, int host, int text, int end) {
    int words = ESTABLISHED.isAt(bytes, text) ? text : LineBytes.find(bytes, ' ', text) + 1;
    int peer = words + ESTABLISHED.length();
    int close = ESTABLISHED.isAt(bytes, words) ? clientEnd(peer) : -1;
    int colon = close > 0 && TO.isAt(bytes, close) ? LineBytes.find(bytes, ':', close) : close;
    int protocol = colon + 2;
    boolean isProtocol = colon > 0 && bytes[colon] == ':' && bytes[colon + 1] == ' ';
    int with = isProtocol ? LineBytes.find(bytes, ' ', protocol) : -1;
    int bits = with > 0 && WITH_CIPHER.isAt(bytes, with) ? LineBytes.find(bytes, BITS, with) : -1;
    if (bits < 0) {
      queued(process, start, host, text, end);
      return;
    }
    int open = LineBytes.find(bytes, '[', peer);
    long address = PeerNumbers.of(bytes, open + 1, LineBytes.find(bytes, ']', open));
    if (followed.contains(address)) {
      sessions.read(process, start);
      return;
    }
    long terms =
        LineBytes.number(bytes, protocol, bits) * 31 + LineBytes.number(bytes, text, words);
    sessions.established(process, client(peer), start, terms * 31 + service(host), address);
  }

  /** A line that begins with a queue id: mail was accepted, or something about a message. */
  private void queued(Slot process, int start, int host, int text, int end) {
    int colon = LineBytes.find(bytes, ':', text);
    int length = colon - text;
    if (length <= 4 || length >= MOST_QUEUE_ID || bytes[text] > 'Z' || !isQueueId(text, colon)) {
      sessions.read(process, start);
    } else if (CLIENT.isAt(bytes, colon) && clientEnd(colon + CLIENT.length()) > 0) {
      sessions.mail(process, client(colon + CLIENT.length()), start);
    } else {
      mention(process, start, colon);
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

  /** Where the client ends that stands there, with its port; -1 where less than one does. */
  private int clientEnd(int from) {
    int close = LineBytes.findEither(bytes, ' ', ']', from);
    int open = LineBytes.find(bytes, '[', from);
    int second = open < 0 ? -1 : LineBytes.find(bytes, '[', open + 1);
    boolean isClient =
        close > open && open >= 0 && bytes[close] == ']' && (second < 0 || second > close);
    if (!isClient) {
      return -1;
    }
    int digits = close + 2;
    while (bytes[close + 1] == ':' && bytes[digits] >= '0' && bytes[digits] <= '9') {
      digits++;
    }
    return digits > close + 2 ? digits : close + 1;
  }

  /** The number of the client that stands there, up to the end of its address. */
  private long client(int from) {
    return LineBytes.numberUntil(bytes, ']', from);
  }
}
