package dev.tlswaiver.maillog;

import dev.tlswaiver.peer.Peer;
import java.util.Optional;

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

  /**
   * A message that has a queue file now.
   *
   * @param isLoggedIn whether its sender had logged in with AUTH
   */
  record AcceptedMail(Peer peer, String queueId, boolean isLoggedIn) implements SmtpdRecord {
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

  /**
   * The dump of level 3 begins a read or a write.
   *
   * @param isRead whether the peer's bytes follow, and not ours
   * @param length how many there are; 0 where nothing was read yet
   */
  record Dump(boolean isRead, int length) implements SmtpdRecord {
    @Override
    public String word() {
      return isRead ? "hello" : "other";
    }
  }

  /**
   * One row of the dump.
   *
   * @param offset of its first byte in the read
   * @param bytes in hexadecimal, without blanks; empty for {@code <SPACES/NULLS>}, which stands for
   *     all that is left of the read
   */
  record DumpRow(int offset, String bytes) implements SmtpdRecord {
    @Override
    public String word() {
      return "hello";
    }
  }

  /** tlsproxy(8) failed as a client: the library's lines before it are no sender's. */
  record OutboundFailure() implements SmtpdRecord {
    @Override
    public String word() {
      return "other";
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
}
