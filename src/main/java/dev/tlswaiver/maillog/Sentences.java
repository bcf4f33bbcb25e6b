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
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The sentences of smtpd(8) and tlsproxy(8), each with the Postfix source that writes it. The order
 * matters: the first that matches is the one.
 */
final class Sentences {
  /** A client as Postfix names it, and as people blot it out before they show a log. */
  private static final String PEER = "([^\\s\\[\\]]*\\[[^\\]\\s]*\\](?::[0-9]{1,5})?)";

  private static final String QUEUE_ID = "[0-9A-Za-z]{5,24}";

  private static final String CONNECT = "connect from ";
  private static final String DISCONNECT = "disconnect from ";
  private static final String SETTING_UP = "setting up TLS connection from ";
  private static final String ACCEPT_ERROR = "SSL_accept error from ";
  private static final String WARNING = "warning: ";
  private static final String LIBRARY_PROBLEM = "TLS library problem: ";
  private static final String MAIL = ": client=";
  private static final String ESTABLISHED = "TLS connection established from ";
  private static final String AFTER = " after ";
  private static final String FROM = " from ";
  private static final Set<String> LOST = Set.of("lost connection", "timeout", "too many errors");
  private static final String WITH_CIPHER = " with cipher ";
  private static final int MOST_QUEUE_ID = 24;

  /** {@code Anonymous} and a blank. */
  private static final int LONGEST_TRUST = 10;

  /**
   * A form that lines may have.
   *
   * @param key words without which no line has it; a search for them is quicker than the pattern
   */
  private record Sentence(
      String key, Pattern pattern, Function<Matcher, Optional<? extends SmtpdRecord>> reader) {}

  private static final List<Sentence> KNOWN =
      List.of(
          // tlsproxy_state.c, since 3.4; it is a client too, for smtp(8) and lmtp(8).
          sentence(
              "TLS handshake failed for service=",
              "TLS handshake failed for service=(\\S+) peer=" + PEER,
              Sentences::handshakeFailed),
          // tls_misc.c, tls_print_errors.
          sentence(
              "TLS library problem: ",
              "(?:warning: )?TLS library problem: (.*)",
              found -> OpenSslError.find(found.group(1)).map(LibraryProblem::new)),
          sentence("CONNECT from ", "CONNECT from " + PEER + ".*", peer(Connect::new)),
          sentence(
              "DISCONNECT ",
              "DISCONNECT " + PEER,
              peer(at -> new Disconnect(at, Optional.empty(), Optional.empty()))),
          sentence(
              " from ",
              "\\w+: (?:reject|reject_warning|milter-reject|hold|discard|filter|warn|info)"
                  + ": \\S+ from "
                  + PEER
                  + ".*",
              peer(Reject::new)),
          // The dump of level 3 and 4: tls_bio_dump_cb and tls_dump_buffer in tls_misc.c.
          sentence(
              " bytes => ",
              "(read from|write to) [0-9A-Fa-f]+ \\[[0-9A-Fa-f]+\\]"
                  + " \\(([0-9]{1,9}) bytes => (-?[0-9]{1,9})(?: \\(0x[0-9A-Fa-f]+\\))?\\)",
              Sentences::dump),
          sentence(
              " - <SPACES/NULLS>",
              "([0-9a-f]{4,6}) - <SPACES/NULLS>",
              found -> Optional.of(new DumpRow(Integer.parseInt(found.group(1), 16), ""))),
          sentence(
              "",
              "([0-9a-f]{4,6}) ((?:[0-9a-f]{2}[ |-]){1,16}) .*",
              found ->
                  Optional.of(
                      new DumpRow(
                          Integer.parseInt(found.group(1), 16),
                          found.group(2).replaceAll("[ |-]", "")))),
          // tls_server.c, tls_misc.c, tls_certkey.c, tls_dh.c, smtpd.c: our own configuration.
          fault("disabling TLS support", ".*disabling TLS support.*"),
          fault("No server certs available", "No server certs available\\. .*"),
          fault("cannot get ", "cannot get .*(?:certificate|private key).*"),
          fault("cannot load ", "cannot load Certification Authority data.*"),
          fault("error loading ", "error loading private keys and certificates from: .*"),
          fault("cipher grade", ".*: (?:invalid cipher grade|error setting cipher grade): .*"),
          fault("cipher exclusion", ".*: invalid unary '.*' in cipher exclusion: .*"),
          fault("aborting TLS", ".*: aborting TLS (?:session|handshake)"),
          fault("DH parameter", "(?:error opening|cannot load) .*DH param.*"),
          fault("Wrapper-mode request", "Wrapper-mode request dropped from .*"),
          fault("don't know what EHLO", "don't know what EHLO features to announce to .*"),
          sentence(
              "fatal: ",
              "fatal: (.*)",
              found -> Optional.of(new OwnFault("fatal: " + found.group(1)))),
          other("(?:SSL_accept:|SSL3 alert |initializing the |statistics: |[<>] ).*"),
          other("(?:warning: )?(?:hostname |[0-9A-Fa-f:.]+: hostname |[0-9A-Fa-f:.]+: address ).*"),
          other("(?:warning: )?table .* has changed -- restarting"),
          other(PEER + ": .*"),
          other(QUEUE_ID + ": .*"),
          other("(?:NOQUEUE|CONNECT to|warning|error|panic|info|discarding EHLO|TLS SNI|proxy-).*"),
          other("(?:last )?message repeated [0-9]+ times.*"),
          other("(?:improper command pipelining|too many |timeout|lost |TLS handshake failed ).*"),
          other("(?:Untrusted|Anonymous|Trusted|Verified|TLS) .*"));

  private Sentences() {}

  static SmtpdRecord parse(String text) {
    Optional<? extends SmtpdRecord> record = frequent(text);
    return record.isPresent() ? record.get() : rare(text);
  }

  /** Those that a busy log is full of, read without a pattern. */
  private static Optional<? extends SmtpdRecord> frequent(String text) {
    // smtpd.c, smtpd_proto.
    if (text.startsWith(CONNECT)) {
      return Peer.find(text.substring(CONNECT.length())).map(Connect::new);
    }
    if (text.startsWith(DISCONNECT)) {
      return disconnect(text);
    }
    // tls_server.c, at level 2, and at level 1 before 2.9.
    if (text.startsWith(SETTING_UP)) {
      return Peer.find(text.substring(SETTING_UP.length())).map(StartTls::new);
    }
    // tls_server.c: a number where OpenSSL reported something, else the system's words.
    if (text.startsWith(ACCEPT_ERROR)) {
      int end = Peer.end(text, ACCEPT_ERROR.length());
      int colon = end > 0 && text.startsWith(" : ", end) ? end + 1 : end;
      return end > 0 && text.startsWith(": ", colon) && text.length() > colon + 2
          ? Peer.find(text.substring(ACCEPT_ERROR.length(), end))
              .map(peer -> new AcceptError(peer, text.substring(colon + 2)))
          : Optional.empty();
    }
    // tls_misc.c, tls_print_errors.
    int problem = text.startsWith(WARNING) ? WARNING.length() : 0;
    if (text.startsWith(LIBRARY_PROBLEM, problem)) {
      return OpenSslError.find(text.substring(problem + LIBRARY_PROBLEM.length()))
          .map(LibraryProblem::new);
    }
    int mail = text.indexOf(MAIL);
    if (mail > 0 && mail <= MOST_QUEUE_ID) {
      return mail(text, mail);
    }
    int after = text.indexOf(AFTER);
    if (after > 0) {
      Optional<SmtpdRecord> lost = lostConnection(text, after);
      if (lost.isPresent()) {
        return lost;
      }
    }
    int established = text.indexOf(ESTABLISHED);
    return established >= 0 && established <= LONGEST_TRUST
        ? established(text, established + ESTABLISHED.length())
        : Optional.empty();
  }

  /** smtpd.c; a queue id or NOQUEUE stands first since 3.10. */
  private static Optional<SmtpdRecord> lostConnection(String text, int after) {
    int colon = text.indexOf(": ");
    int start = colon < 0 || colon > MOST_QUEUE_ID ? 0 : colon + 2;
    int from = text.lastIndexOf(FROM);
    boolean isLost = after > start && from > after && LOST.contains(text.substring(start, after));
    return isLost
        ? Peer.find(text.substring(from + FROM.length()))
            .map(peer -> new LostConnection(peer, text.substring(after + AFTER.length(), from)))
        : Optional.empty();
  }

  /** smtpd.c, mail_open_stream: the message has a queue file now. */
  private static Optional<SmtpdRecord> mail(String text, int mail) {
    for (int i = 0; i < mail; i++) {
      if (!Character.isLetterOrDigit(text.charAt(i))) {
        return Optional.empty();
      }
    }
    int start = mail + MAIL.length();
    int end = Peer.end(text, start);
    return end < 0
        ? Optional.empty()
        : Peer.find(text.substring(start, end))
            .map(peer -> new AcceptedMail(peer, text.substring(0, mail)));
  }

  /** tls_misc.c, tls_log_summary; the trust word came with 2.5, the tail with 3.4. */
  private static Optional<SmtpdRecord> established(String text, int start) {
    int end = Peer.end(text, start);
    int with = end < 0 ? -1 : text.indexOf(WITH_CIPHER, end);
    int colon = with < 0 ? -1 : text.lastIndexOf(": ", with);
    int bits = with < 0 ? -1 : text.indexOf(" (", with + WITH_CIPHER.length());
    int slash = bits < 0 ? -1 : text.indexOf('/', bits);
    boolean isWhole =
        end > 0 && colon >= end && colon + 2 <= with && slash > 0 && slash - bits <= 8;
    if (!isWhole || !text.startsWith(" bits)", text.indexOf(' ', slash))) {
      return Optional.empty();
    }
    Optional<Integer> length = Digits.find(text.substring(bits + 2, slash));
    String protocol = text.substring(colon + 2, with);
    String cipher = text.substring(with + WITH_CIPHER.length(), bits);
    return length.isEmpty() || protocol.indexOf(' ') >= 0 || cipher.indexOf(' ') >= 0
        ? Optional.empty()
        : Peer.find(text.substring(start, end))
            .map(peer -> new Established(peer, protocol, cipher, length.get()));
  }

  private static SmtpdRecord rare(String text) {
    for (Sentence sentence : KNOWN) {
      if (text.contains(sentence.key())) {
        Matcher matcher = sentence.pattern().matcher(text);
        if (matcher.matches()) {
          Optional<? extends SmtpdRecord> read = sentence.reader().apply(matcher);
          if (read.isPresent()) {
            return read.get();
          }
        }
      }
    }
    return new Unrecognized(text);
  }

  private static Sentence sentence(
      String key, String pattern, Function<Matcher, Optional<? extends SmtpdRecord>> reader) {
    return new Sentence(key, Pattern.compile(pattern), reader);
  }

  private static Sentence fault(String key, String pattern) {
    return sentence(
        key, "(?:warning: )?(" + pattern + ")", found -> Optional.of(new OwnFault(found.group(1))));
  }

  private static Sentence other(String pattern) {
    return sentence("", pattern, found -> Optional.of(new Other()));
  }

  private static Function<Matcher, Optional<? extends SmtpdRecord>> peer(
      Function<Peer, SmtpdRecord> record) {
    return found -> Peer.find(found.group(1)).map(record);
  }

  private static Optional<? extends SmtpdRecord> handshakeFailed(Matcher found) {
    boolean isOutbound = found.group(1).equals("smtp") || found.group(1).equals("lmtp");
    return isOutbound
        ? Optional.of(new SmtpdRecord.OutboundFailure())
        : Peer.find(found.group(2)).map(peer -> new AcceptError(peer, "-1"));
  }

  private static Optional<? extends SmtpdRecord> dump(Matcher found) {
    return Optional.of(
        new Dump(found.group(1).startsWith("read"), Math.max(0, Integer.parseInt(found.group(3)))));
  }

  /** smtpd.c; the statistics came with 3.0. */
  private static Optional<? extends SmtpdRecord> disconnect(String text) {
    int end = Peer.end(text, DISCONNECT.length());
    if (end < 0 || (end < text.length() && text.charAt(end) != ' ')) {
      return Optional.empty();
    }
    Optional<Integer> starttls = statistic(text, " starttls=", end).map(Statistic::accepted);
    Optional<Integer> commands = statistic(text, " commands=", end).map(Statistic::total);
    return Peer.find(text.substring(DISCONNECT.length(), end))
        .map(peer -> new Disconnect(peer, starttls, commands));
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
