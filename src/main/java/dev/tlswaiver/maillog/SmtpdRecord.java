package dev.tlswaiver.maillog;

import dev.tlswaiver.peer.Peer;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a sentence of smtpd(8) or tlsproxy(8) says, as far as TLS is concerned. */
public sealed interface SmtpdRecord {

  /** The record's word in JSON. */
  String word();

  record Connect(Peer peer) implements SmtpdRecord {
    @Override
    public String word() {
      return "connect";
    }
  }

  record StartTls(Peer peer) implements SmtpdRecord {
    @Override
    public String word() {
      return "starttls";
    }
  }

  record Established(Peer peer, String protocol, String cipher, int bits) implements SmtpdRecord {
    @Override
    public String word() {
      return "established";
    }
  }

  /**
   * The handshake failed.
   *
   * @param detail a number, {@code lost connection}, or the system's words for what happened
   */
  record AcceptError(Peer peer, String detail) implements SmtpdRecord {
    @Override
    public String word() {
      return "accept-error";
    }
  }

  record LibraryProblem(OpenSslError error) implements SmtpdRecord {
    @Override
    public String word() {
      return "library-problem";
    }
  }

  record LostConnection(Peer peer, String after) implements SmtpdRecord {
    @Override
    public String word() {
      return "lost-connection";
    }
  }

  /**
   * The session's end.
   *
   * @param starttls how many of its STARTTLS commands were accepted
   * @param commands how many commands there were in all; both empty before Postfix 3.0
   */
  record Disconnect(Peer peer, Optional<Integer> starttls, Optional<Integer> commands)
      implements SmtpdRecord {
    @Override
    public String word() {
      return "disconnect";
    }
  }

  record AcceptedMail(Peer peer, String queueId) implements SmtpdRecord {
    @Override
    public String word() {
      return "accepted-mail";
    }
  }

  record Reject(Peer peer) implements SmtpdRecord {
    @Override
    public String word() {
      return "reject";
    }
  }

  /** Something wrong with our own configuration. */
  record OwnFault(String text) implements SmtpdRecord {
    @Override
    public String word() {
      return "own-fault";
    }
  }

  /** Known, and of no interest here. */
  record Other() implements SmtpdRecord {
    @Override
    public String word() {
      return "other";
    }
  }

  /** Not known. A value, and a metric. */
  record Unrecognized(String text) implements SmtpdRecord {
    @Override
    public String word() {
      return "unrecognized";
    }
  }

  /** Reads the sentence. */
  static SmtpdRecord parse(String text) {
    return Sentences.parse(text);
  }

  /** The sentences, each with the Postfix source that writes it. */
  final class Sentences {
    private static final String PEER = "(\\S*\\[[0-9A-Za-z:.]+\\](?::[0-9]{1,5})?)";
    private static final String QUEUE_ID = "[0-9A-Za-z]{5,24}";

    private record Sentence(Pattern pattern, Function<Matcher, Optional<SmtpdRecord>> reader) {}

    private static final List<Sentence> KNOWN =
        List.of(
            // smtpd.c, smtpd_proto; tlsproxy.c writes CONNECT.
            sentence("connect from " + PEER, peer(Connect::new)),
            sentence("CONNECT from " + PEER + ".*", peer(Connect::new)),
            // tls_server.c, at level 2, and at level 1 before 2.9.
            sentence("setting up TLS connection from " + PEER, peer(StartTls::new)),
            // tls_misc.c, tls_log_summary; the trust word came with 2.5, the tail with 3.4.
            sentence(
                "(?:[A-Z][a-z]+ )?TLS connection (?:established|reused) from "
                    + PEER
                    + "(?: to \\S+)?: (\\S+) with cipher (\\S+) \\(([0-9]{1,6})/[0-9]{1,6} bits\\).*",
                found ->
                    Peer.find(found.group(1))
                        .map(
                            peer ->
                                new Established(
                                    peer,
                                    found.group(2),
                                    found.group(3),
                                    Integer.parseInt(found.group(4))))),
            // tls_server.c: a number where OpenSSL reported something, else the system's words.
            sentence(
                "SSL_accept error from " + PEER + ": (.+)",
                found ->
                    Peer.find(found.group(1)).map(peer -> new AcceptError(peer, found.group(2)))),
            // tlsproxy_state.c, since 3.4.
            sentence(
                "TLS handshake failed for service=\\S+ peer=" + PEER,
                found -> Peer.find(found.group(1)).map(peer -> new AcceptError(peer, "-1"))),
            // tls_misc.c, tls_print_errors.
            sentence(
                "(?:warning: )?TLS library problem: (.*)",
                found -> OpenSslError.find(found.group(1)).map(LibraryProblem::new)),
            // smtpd.c; a queue id or NOQUEUE stands first since 3.10.
            sentence(
                "(?:\\S+: )?(?:lost connection|timeout|too many errors) after (.+?) from " + PEER,
                found ->
                    Peer.find(found.group(2))
                        .map(peer -> new LostConnection(peer, found.group(1)))),
            // smtpd.c; the statistics came with 3.0.
            sentence("disconnect from " + PEER + "(.*)", Sentences::disconnect),
            sentence(
                "DISCONNECT " + PEER,
                peer(at -> new Disconnect(at, Optional.empty(), Optional.empty()))),
            // smtpd.c, mail_open_stream: the message has a queue file now.
            sentence(
                "(" + QUEUE_ID + "): client=" + PEER + ".*",
                found ->
                    Peer.find(found.group(2)).map(peer -> new AcceptedMail(peer, found.group(1)))),
            sentence(
                "\\S+: (?:reject|reject_warning|milter-reject|hold|discard|filter): \\S+ from "
                    + PEER
                    + ".*",
                peer(Reject::new)),
            // tls_server.c, tls_misc.c, tls_certkey.c, smtpd.c: our own configuration.
            fault("Invalid TLS protocol list .*"),
            fault(".*disabling TLS support.*"),
            fault("No server certs available\\. .*"),
            fault("cannot get .*(?:certificate|private key).*"),
            fault("error loading private keys and certificates from: .*"),
            fault(".*: invalid cipher grade: .*"),
            fault(".*error setting cipher grade: .*"),
            fault("Wrapper-mode request dropped from .*"),
            sentence("fatal: (.*)", found -> Optional.of(new OwnFault("fatal: " + found.group(1)))),
            sentence(
                "(?:SSL_accept:|SSL3 alert |initializing the |statistics: ).*", Sentences::other),
            sentence("(?:warning: )?(?:hostname |[0-9A-Fa-f:.]+: hostname ).*", Sentences::other),
            sentence("(?:warning: )?table .* has changed -- restarting", Sentences::other),
            sentence(PEER + ": .*", Sentences::other),
            sentence(QUEUE_ID + ": .*", Sentences::other),
            sentence("(?:NOQUEUE|warning|error|panic|info|discarding EHLO).*", Sentences::other),
            // The hexadecimal dump of level 3 and 4.
            sentence("[0-9A-Fa-f]{4} .*|(?:read|write) (?:from|to) .*", Sentences::other),
            sentence(
                "(?:improper command pipelining|too many |timeout|lost ).*", Sentences::other));

    private Sentences() {}

    static SmtpdRecord parse(String text) {
      for (Sentence sentence : KNOWN) {
        Matcher matcher = sentence.pattern().matcher(text);
        if (matcher.matches()) {
          Optional<SmtpdRecord> read = sentence.reader().apply(matcher);
          if (read.isPresent()) {
            return read.get();
          }
        }
      }
      return new Unrecognized(text);
    }

    private static Sentence sentence(
        String pattern, Function<Matcher, Optional<? extends SmtpdRecord>> reader) {
      return new Sentence(Pattern.compile(pattern), found -> reader.apply(found).map(it -> it));
    }

    private static Sentence fault(String pattern) {
      return sentence(
          "(?:warning: )?(" + pattern + ")", found -> Optional.of(new OwnFault(found.group(1))));
    }

    private static Function<Matcher, Optional<? extends SmtpdRecord>> peer(
        Function<Peer, SmtpdRecord> record) {
      return found -> Peer.find(found.group(1)).map(record);
    }

    private static Optional<SmtpdRecord> other(Matcher found) {
      return Optional.of(new Other());
    }

    private static Optional<SmtpdRecord> disconnect(Matcher found) {
      Optional<Integer> starttls = Optional.empty();
      Optional<Integer> commands = Optional.empty();
      for (String word : found.group(2).strip().split(" ")) {
        if (word.startsWith("starttls=")) {
          starttls = count(word, 0);
        }
        if (word.startsWith("commands=")) {
          commands = count(word, 1);
        }
      }
      Optional<Integer> accepted = starttls;
      Optional<Integer> all = commands;
      return Peer.find(found.group(1)).map(peer -> new Disconnect(peer, accepted, all));
    }

    /** Of {@code name=accepted/total} the one at the index; without a total both are the same. */
    private static Optional<Integer> count(String word, int index) {
      String[] counts = word.substring(word.indexOf('=') + 1).split("/");
      String digits = counts[Math.min(index, counts.length - 1)];
      return digits.matches("[0-9]{1,9}") ? Optional.of(Integer.valueOf(digits)) : Optional.empty();
    }
  }
}
