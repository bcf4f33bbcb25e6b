package dev.tlswaiver.maillog;

import dev.tlswaiver.maillog.SmtpdRecord.AcceptError;
import dev.tlswaiver.maillog.SmtpdRecord.AcceptedMail;
import dev.tlswaiver.maillog.SmtpdRecord.Connect;
import dev.tlswaiver.maillog.SmtpdRecord.Disconnect;
import dev.tlswaiver.maillog.SmtpdRecord.Dump;
import dev.tlswaiver.maillog.SmtpdRecord.DumpRow;
import dev.tlswaiver.maillog.SmtpdRecord.Established;
import dev.tlswaiver.maillog.SmtpdRecord.LibraryProblem;
import dev.tlswaiver.maillog.SmtpdRecord.LostConnection;
import dev.tlswaiver.maillog.SmtpdRecord.Other;
import dev.tlswaiver.maillog.SmtpdRecord.OwnFault;
import dev.tlswaiver.maillog.SmtpdRecord.Reject;
import dev.tlswaiver.maillog.SmtpdRecord.StartTls;
import dev.tlswaiver.maillog.SmtpdRecord.Unrecognized;
import dev.tlswaiver.peer.Peer;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The sentences of smtpd(8) and tlsproxy(8), each with the Postfix source that writes it.
 *
 * <p>Clients say what they like, and Postfix puts it into its sentences: greetings, addresses,
 * commands, names in certificates. It does so behind words of its own. So a sentence is known by
 * how it begins, and taken apart from the left, each field where Postfix writes it; what a client
 * said is behind that and is not looked at. Nothing is searched for in a whole line, and nothing
 * recurses or looks back: a line costs as much time as it is long, and no stack.
 */
final class Sentences {
  private static final String CONNECT = "connect from ";
  private static final String DISCONNECT = "disconnect from ";
  private static final String SETTING_UP = "setting up TLS connection from ";
  private static final String ACCEPT_ERROR = "SSL_accept error from ";
  private static final String WARNING = "warning: ";
  private static final String FATAL = "fatal: ";
  private static final String LIBRARY_PROBLEM = "TLS library problem: ";
  private static final String CLIENT = "client=";
  private static final String ESTABLISHED = "TLS connection established from ";
  private static final String AFTER = " after ";
  private static final String FROM = " from ";
  private static final String WITH_CIPHER = " with cipher ";
  private static final String BYTES = " bytes => ";
  private static final String HANDSHAKE_FAILED = "TLS handshake failed for service=";
  private static final String PROXY_CONNECT = "CONNECT from ";
  private static final String PROXY_DISCONNECT = "DISCONNECT ";
  private static final String DISABLING = "disabling TLS support";
  private static final String ABORTING_HANDSHAKE = ": aborting TLS handshake";
  private static final String ABORTING_SESSION = ": aborting TLS session";

  /** Why smtpd.c says that a session ended. */
  private static final List<String> LOST = List.of("lost connection", "timeout", "too many errors");

  private static final List<String> TRUST =
      List.of("", "Anonymous ", "Untrusted ", "Trusted ", "Verified ");

  private static final List<String> VERDICTS =
      List.of(
          "reject: ",
          "reject_warning: ",
          "milter-reject: ",
          "hold: ",
          "discard: ",
          "filter: ",
          "warn: ",
          "info: ");

  /** How what smtpd(8) says begins when it goes on without TLS, if {@link #DISABLING} follows. */
  private static final List<String> DISABLED =
      List.of(
          // tls_server.c
          "Invalid TLS protocol list ",
          "Invalid cipherlist ",
          "Cannot allocate SSL application data index",
          "Digest algorithm ",
          "disabling TLS support",
          "no entropy for TLS key generation",
          "cannot allocate server ",
          // tls_certkey.c
          "cannot set ",
          "RSA private key in ",
          "DSA private key in ",
          "ECDSA private key in ",
          // tls_misc.c
          "error allocating OpenSSL init settings",
          "error initializing the OpenSSL library",
          "error loading the '",
          "non-default ");

  /**
   * Beginnings of sentences with words of a client behind them: smtpd.c, smtpd_chat.c,
   * smtpd_peer.c, tls_misc.c, tls_server.c, tls_stream.c, tls_verify.c.
   */
  private static final List<String> SAID_BY_CLIENTS =
      List.of(
          "improper command pipelining",
          "non-SMTP command from ",
          "Illegal address syntax from ",
          "TLS SNI",
          "subject=",
          "issuer=",
          "Read ",
          "Write ",
          "< ",
          "> ",
          "hostname ",
          "proxy-",
          "certificate verification failed for ",
          "client certificate verification failed for ");

  /** Beginnings of others that say nothing of how a handshake ended. */
  private static final List<String> OTHERS =
      List.of(
          "SSL_accept:",
          "SSL3 alert ",
          "initializing the ",
          "statistics: ",
          "table ",
          "CONNECT to",
          "discarding EHLO",
          "error",
          "panic",
          "info",
          "too many ",
          "timeout",
          "lost ",
          "Untrusted ",
          "Anonymous ",
          "Trusted ",
          "Verified ",
          "TLS ");

  /** It stands there once AUTH has succeeded, and before all that the client chose to say. */
  private static final String SASL_METHOD = ", sasl_method=";

  private static final int MOST_QUEUE_ID = 24;
  private static final int LEAST_QUEUE_ID = 5;

  /** The longest that smtpd.c puts there is {@code DATA (12345678901234567890 bytes)}. */
  private static final int MOST_AFTER = 40;

  /** OpenSSL's longest names have 7 and 33. */
  private static final int MOST_PROTOCOL = 16;

  private static final int MOST_CIPHER = 64;

  /** The system's longest words for an error have some 50. */
  private static final int MOST_DETAIL = 100;

  /** File names are in it. */
  private static final int MOST_FAULT = 300;

  private Sentences() {}

  static SmtpdRecord parse(String text) {
    // A word for the severity stands once, at the very beginning (msg_output.c).
    Optional<? extends SmtpdRecord> record =
        text.startsWith(WARNING) ? warning(text, WARNING.length()) : frequent(text);
    return record.isPresent() ? record.get() : new Unrecognized(text);
  }

  private static Optional<? extends SmtpdRecord> warning(String text, int at) {
    // smtpd_check.c: of all sentences the only ones in which a client's words, a domain, come
    // first.
    if (text.contains(" lookup error: ")) {
      return Optional.of(new Other());
    }
    if (text.startsWith(LIBRARY_PROBLEM, at)) {
      Optional<LibraryProblem> problem = problem(text, at);
      return problem.isPresent() ? problem : Optional.of(new Other());
    }
    Optional<OwnFault> fault = fault(text, at).or(() -> faultBehindClient(text, at));
    return fault.isPresent() ? fault : Optional.of(new Other());
  }

  /** Those that a busy log is full of come first. */
  private static Optional<? extends SmtpdRecord> frequent(String text) {
    // smtpd.c, smtpd_proto.
    if (text.startsWith(CONNECT)) {
      return wholeRest(text, CONNECT.length()).map(Connect::new);
    }
    if (text.startsWith(DISCONNECT)) {
      return disconnect(text);
    }
    // tls_server.c, at level 2, and at level 1 before 2.9.
    if (text.startsWith(SETTING_UP)) {
      return wholeRest(text, SETTING_UP.length()).map(StartTls::new);
    }
    if (text.startsWith(ACCEPT_ERROR)) {
      return acceptError(text);
    }
    int colon = afterQueueId(text);
    if (colon > 0 && !text.startsWith(FATAL)) {
      return queued(text, colon);
    }
    Optional<? extends SmtpdRecord> lost = lostConnection(text, 0);
    if (lost.isPresent()) {
      return lost;
    }
    Optional<? extends SmtpdRecord> established = established(text);
    return established.isPresent() ? established : rare(text);
  }

  private static Optional<? extends SmtpdRecord> rare(String text) {
    if (SAID_BY_CLIENTS.stream().anyMatch(text::startsWith)) {
      return Optional.of(new Other());
    }
    if (text.startsWith(LIBRARY_PROBLEM)) {
      return problem(text, 0);
    }
    if (text.startsWith(HANDSHAKE_FAILED)) {
      return handshakeFailed(text);
    }
    // tlsproxy_state.c.
    if (text.startsWith(PROXY_CONNECT)) {
      int end = Peer.end(text, PROXY_CONNECT.length());
      return end < 0 ? Optional.empty() : peer(text, PROXY_CONNECT.length(), end, Connect::new);
    }
    if (text.startsWith(PROXY_DISCONNECT)) {
      return wholeRest(text, PROXY_DISCONNECT.length())
          .map(peer -> new Disconnect(peer, Optional.empty(), Optional.empty()));
    }
    if (text.startsWith(FATAL)) {
      return Optional.of(ownFault(text, 0, text.length()));
    }
    Optional<? extends SmtpdRecord> dump = dump(text).or(() -> dumpRow(text));
    if (dump.isPresent()) {
      return dump;
    }
    Optional<OwnFault> fault = fault(text, 0).or(() -> faultBehindClient(text, 0));
    if (fault.isPresent()) {
      return fault;
    }
    boolean isKnown =
        OTHERS.stream().anyMatch(text::startsWith)
            || clientEnd(text, 0) > 0
            || isAboutAddress(text)
            || text.startsWith("message repeated ", text.startsWith("last ") ? 5 : 0);
    return isKnown ? Optional.of(new Other()) : Optional.empty();
  }

  /** The client that the rest of the text is. */
  private static Optional<Peer> wholeRest(String text, int start) {
    return Peer.announcedEnd(text, start) == text.length()
        ? Optional.of(Peer.announced(text, start, text.length()))
        : Optional.empty();
  }

  private static Optional<SmtpdRecord> peer(
      String text, int start, int end, Function<Peer, SmtpdRecord> record) {
    return Optional.of(record.apply(Peer.announced(text, start, end)));
  }

  /** tls_server.c: a number where OpenSSL reported something, else the system's words. */
  private static Optional<SmtpdRecord> acceptError(String text) {
    int end = Peer.announcedEnd(text, ACCEPT_ERROR.length());
    int colon = end >= 0 && text.startsWith(" : ", end) ? end + 1 : end;
    int detail = colon + 2;
    return end >= 0 && text.startsWith(": ", colon) && text.length() > detail
        ? peer(
            text,
            ACCEPT_ERROR.length(),
            end,
            peer ->
                new AcceptError(
                    peer, text.substring(detail, Math.min(text.length(), detail + MOST_DETAIL))))
        : Optional.empty();
  }

  /** tls_misc.c, tls_print_errors. */
  private static Optional<LibraryProblem> problem(String text, int at) {
    return OpenSslError.find(text.substring(at + LIBRARY_PROBLEM.length()))
        .map(LibraryProblem::new);
  }

  /** Where the colon is behind a queue id or NOQUEUE; -1 where none begins the text. */
  private static int afterQueueId(String text) {
    int at = 0;
    while (at < text.length() && at <= MOST_QUEUE_ID && isLetterOrDigit(text.charAt(at))) {
      at++;
    }
    return at > 0 && at <= MOST_QUEUE_ID && text.startsWith(": ", at) ? at : -1;
  }

  private static boolean isLetterOrDigit(char here) {
    return (here >= '0' && here <= '9')
        || (here >= 'A' && here <= 'Z')
        || (here >= 'a' && here <= 'z');
  }

  /** What is said of a message, or of a session without one. */
  private static Optional<? extends SmtpdRecord> queued(String text, int colon) {
    int start = colon + 2;
    // smtpd.c, mail_open_stream: the message has a queue file now.
    if (text.startsWith(CLIENT, start)) {
      int end = Peer.announcedEnd(text, start + CLIENT.length());
      return end < 0
          ? Optional.empty()
          : peer(
              text,
              start + CLIENT.length(),
              end,
              peer ->
                  new AcceptedMail(
                      peer, text.substring(0, colon), text.startsWith(SASL_METHOD, end)));
    }
    Optional<? extends SmtpdRecord> known =
        lostConnection(text, start).or(() -> verdict(text, start));
    boolean isOther = known.isEmpty() && colon >= LEAST_QUEUE_ID;
    return isOther ? Optional.of(new Other()) : known;
  }

  /** smtpd_check.c, smtpd_milter.c: {@code reject: RCPT from PEER: } and what the client said. */
  private static Optional<SmtpdRecord> verdict(String text, int start) {
    for (String verdict : VERDICTS) {
      if (text.startsWith(verdict, start)) {
        int from = text.indexOf(' ', start + verdict.length());
        int client = from + FROM.length();
        int end = from > 0 && text.startsWith(FROM, from) ? Peer.end(text, client) : -1;
        return end < 0 ? Optional.empty() : peer(text, client, end, Reject::new);
      }
    }
    return Optional.empty();
  }

  /** smtpd.c; a queue id or NOQUEUE stands first since 3.10. */
  private static Optional<SmtpdRecord> lostConnection(String text, int start) {
    for (String reason : LOST) {
      int after = start + reason.length();
      if (text.startsWith(reason, start) && text.startsWith(AFTER, after)) {
        int where = after + AFTER.length();
        int from = text.indexOf(FROM, where);
        return from < 0 || from - where > MOST_AFTER
            ? Optional.empty()
            : wholeRest(text, from + FROM.length())
                .map(peer -> new LostConnection(peer, text.substring(where, from)));
      }
    }
    return Optional.empty();
  }

  /**
   * tls_misc.c, tls_log_summary. The trust word came with 2.5, the client's SNI with 3.4: {@code
   * from PEER to SNI: PROTOCOL with cipher CIPHER (256/256 bits)}, and more.
   */
  private static Optional<SmtpdRecord> established(String text) {
    for (String trust : TRUST) {
      if (text.startsWith(trust) && text.startsWith(ESTABLISHED, trust.length())) {
        return established(text, trust.length() + ESTABLISHED.length());
      }
    }
    return Optional.empty();
  }

  private static Optional<SmtpdRecord> established(String text, int start) {
    int end = Peer.announcedEnd(text, start);
    // A host name, or it would not be here (server_sni_callback): no blank is in it.
    int colon = end >= 0 && text.startsWith(" to ", end) ? text.indexOf(": ", end) : end;
    int protocol = colon + 2;
    int with = colon < 0 ? -1 : text.indexOf(' ', protocol);
    if (with < 0
        || with - protocol > MOST_PROTOCOL
        || !text.startsWith(": ", colon)
        || !text.startsWith(WITH_CIPHER, with)) {
      return Optional.empty();
    }
    int cipher = with + WITH_CIPHER.length();
    int bits = text.indexOf(' ', cipher);
    int slash = bits < 0 ? -1 : text.indexOf('/', bits);
    boolean isWhole =
        slash > 0
            && bits - cipher <= MOST_CIPHER
            && text.startsWith(" (", bits)
            && text.startsWith(" bits)", text.indexOf(' ', slash));
    return isWhole
        ? Digits.find(text.substring(bits + 2, slash))
            .map(
                length ->
                    new Established(
                        Peer.announced(text, start, end),
                        text.substring(protocol, with),
                        text.substring(cipher, bits),
                        length))
        : Optional.empty();
  }

  /** tlsproxy_state.c, since 3.4; it is a client too, for smtp(8) and lmtp(8). */
  private static Optional<SmtpdRecord> handshakeFailed(String text) {
    int blank = text.indexOf(' ', HANDSHAKE_FAILED.length());
    int client = blank + " peer=".length();
    if (blank < 0 || !text.startsWith(" peer=", blank)) {
      return Optional.of(new Other());
    }
    String service = text.substring(HANDSHAKE_FAILED.length(), blank);
    return service.equals("smtp") || service.equals("lmtp")
        ? Optional.of(new SmtpdRecord.OutboundFailure())
        : wholeRest(text, client).map(peer -> new AcceptError(peer, "-1"));
  }

  /**
   * The dump of level 3 and 4, tls_bio_dump_cb in tls_misc.c: {@code read from ADDRESS [ADDRESS]
   * (11 bytes => -1 (0xFFFFFFFFFFFFFFFF))}.
   */
  private static Optional<SmtpdRecord> dump(String text) {
    boolean isRead = text.startsWith("read from ");
    int bytes = isRead || text.startsWith("write to ") ? text.indexOf(BYTES) : -1;
    if (bytes < 0) {
      return Optional.empty();
    }
    int count = bytes + BYTES.length();
    int end = count;
    while (end < text.length() && " )".indexOf(text.charAt(end)) < 0) {
      end++;
    }
    boolean isNone = text.startsWith("-", count);
    return Digits.find(text.substring(isNone ? count + 1 : count, end))
        .map(length -> new Dump(isRead, isNone ? 0 : length));
  }

  /** tls_dump_buffer in tls_misc.c: {@code 0000 16 03 00 00 93 01 00 00|8f 03 }, and as text. */
  private static Optional<SmtpdRecord> dumpRow(String text) {
    int at = 0;
    while (at < text.length() && at < 7 && isHexadecimal(text.charAt(at))) {
      at++;
    }
    if (at < 4 || at > 6 || !text.startsWith(" ", at)) {
      return Optional.empty();
    }
    int offset = Integer.parseInt(text.substring(0, at), 16);
    if (text.startsWith(" - <SPACES/NULLS>", at)) {
      return Optional.of(new DumpRow(offset, ""));
    }
    StringBuilder bytes = new StringBuilder(32);
    at++;
    while (bytes.length() < 32
        && at + 2 < text.length()
        && isHexadecimal(text.charAt(at))
        && isHexadecimal(text.charAt(at + 1))
        && " |-".indexOf(text.charAt(at + 2)) >= 0) {
      bytes.append(text, at, at + 2);
      at += 3;
    }
    return bytes.isEmpty() || !text.startsWith(" ", at)
        ? Optional.empty()
        : Optional.of(new DumpRow(offset, bytes.toString()));
  }

  private static boolean isHexadecimal(char here) {
    return (here >= '0' && here <= '9') || (here >= 'a' && here <= 'f');
  }

  /**
   * What is wrong with our own configuration, by the words that Postfix begins with. Of the client
   * that met it nothing is kept: it is the same fault for all.
   */
  private static Optional<OwnFault> fault(String text, int at) {
    for (String beginning : DISABLED) {
      if (text.startsWith(beginning, at)) {
        return text.indexOf(DISABLING, at) < 0
            ? Optional.empty()
            : Optional.of(ownFault(text, at, text.length()));
      }
    }
    // tls_certkey.c; a name that a client asked for may be the last word.
    String chains = "error loading private keys and certificates from: ";
    if (text.startsWith(chains, at)) {
      boolean isForClient = text.endsWith(ABORTING_HANDSHAKE);
      return Optional.of(
          ownFault(text, at, isForClient ? at + chains.length() - 2 : text.length()));
    }
    // smtpd.c.
    String wrapper = "Wrapper-mode request dropped";
    if (text.startsWith(wrapper + FROM, at)) {
      return Optional.of(ownFault(text, at, at + wrapper.length()));
    }
    String features = "don't know what EHLO features to announce";
    if (text.startsWith(features + " to ", at)) {
      return Optional.of(ownFault(text, at, at + features.length()));
    }
    boolean isFault =
        text.startsWith("No server certs available. ", at)
            || isAboutFile(text, at, "cannot get ", " certificate ")
            || isAboutFile(text, at, "cannot get ", " private key ")
            || text.startsWith("cannot load Certification Authority data", at)
            || text.startsWith("cannot load Certificate Authority data", at)
            // tls_dh.c.
            || isAboutFile(text, at, "error opening ", " DH param")
            || isAboutFile(text, at, "cannot load ", " DH param");
    return isFault ? Optional.of(ownFault(text, at, text.length())) : Optional.empty();
  }

  /** Whether these words stand there, and those not far behind. */
  private static boolean isAboutFile(String text, int at, String beginning, String words) {
    int found =
        text.startsWith(beginning, at) ? text.indexOf(words, at + beginning.length() - 1) : -1;
    return found >= 0 && found <= at + 40;
  }

  /** tls_misc.c, tls_set_ciphers: the list of suites is of no use, as a client finds out. */
  private static Optional<OwnFault> faultBehindClient(String text, int at) {
    int start = clientEnd(text, at) + 2;
    boolean isFault =
        start > at + 2
            && (text.startsWith("invalid cipher grade: ", start)
                || text.startsWith("error setting cipher grade: ", start)
                || text.startsWith("invalid unary '!+-@' in cipher exclusion: ", start)
                // Up to 3.3.
                || (text.startsWith("invalid ", start) && text.endsWith(ABORTING_SESSION)));
    return isFault ? Optional.of(ownFault(text, start, text.length())) : Optional.empty();
  }

  private static OwnFault ownFault(String text, int from, int to) {
    return new OwnFault(text.substring(from, Math.min(to, from + MOST_FAULT)));
  }

  /**
   * Where the colon is behind a client with which the text begins, a name and an address as
   * smtpd(8) writes them and nothing else in brackets; -1 where none does.
   */
  private static int clientEnd(String text, int at) {
    int end = Peer.end(text, at);
    if (end < 0 || !text.startsWith(": ", end)) {
      return -1;
    }
    String client = Peer.announced(text, at, end).toString();
    return text.regionMatches(true, at, client, 0, client.length()) ? end : -1;
  }

  /** smtpd_peer.c, before 2.9: {@code 192.0.2.1: hostname NAME verification failed}. */
  private static boolean isAboutAddress(String text) {
    int at = 0;
    while (at < text.length()
        && (text.charAt(at) == '.'
            || text.charAt(at) == ':'
            || Character.digit(text.charAt(at), 16) >= 0)) {
      at++;
    }
    return at > 1 && (text.startsWith(" hostname ", at) || text.startsWith(" address ", at));
  }

  /** smtpd.c; the statistics came with 3.0. */
  private static Optional<SmtpdRecord> disconnect(String text) {
    int end = Peer.announcedEnd(text, DISCONNECT.length());
    if (end < 0 || (end < text.length() && text.charAt(end) != ' ')) {
      return Optional.empty();
    }
    Optional<Integer> starttls = statistic(text, " starttls=", end).map(Statistic::accepted);
    Optional<Integer> commands = statistic(text, " commands=", end).map(Statistic::total);
    return peer(text, DISCONNECT.length(), end, peer -> new Disconnect(peer, starttls, commands));
  }

  private record Statistic(int accepted, int total) {}

  /** {@code name=accepted/total}; without a total both are the same. */
  private static Optional<Statistic> statistic(String text, String name, int from) {
    int at = text.indexOf(name, from);
    if (at < 0) {
      return Optional.empty();
    }
    int start = at + name.length();
    int end = text.indexOf(' ', start);
    String counts = text.substring(start, end < 0 ? text.length() : end);
    int slash = counts.indexOf('/');
    Optional<Integer> accepted = Digits.find(slash < 0 ? counts : counts.substring(0, slash));
    Optional<Integer> total = slash < 0 ? accepted : Digits.find(counts.substring(slash + 1));
    return accepted.isPresent() && total.isPresent()
        ? Optional.of(new Statistic(accepted.get(), total.get()))
        : Optional.empty();
  }
}
