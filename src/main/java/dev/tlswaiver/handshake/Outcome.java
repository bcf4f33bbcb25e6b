package dev.tlswaiver.handshake;

import dev.tlswaiver.maillog.OpenSslError;
import java.util.Optional;

/** How one TLS negotiation ended. */
public sealed interface Outcome {

  /**
   * Both sides agreed.
   *
   * @param protocol as Postfix spells it: {@code TLSv1.2}
   * @param cipher OpenSSL's name
   * @param bits the cipher's effective key length
   */
  record Completed(String protocol, String cipher, int bits) implements Outcome {}

  /**
   * No agreement.
   *
   * @param openssl the hexadecimal OpenSSL code, upper case, where the log gives one
   * @param text the words of the log that the reason was read from
   * @param late whether the peer gave up only after the server thought the handshake was done
   */
  record Failed(Reason reason, Optional<String> openssl, String text, boolean late)
      implements Outcome {

    /** What OpenSSL's error alone says. */
    public static Failed of(OpenSslError cause) {
      return new Failed(Reasons.of(cause), Optional.of(cause.code()), cause.reason(), false);
    }

    /** What the words behind {@code SSL_accept error from peer} alone say. */
    public static Failed of(String detail) {
      return new Failed(Reasons.of(detail), Optional.empty(), detail, false);
    }

    /** The same, noticed only after the server was done. */
    Failed noticedLate() {
      return new Failed(reason, openssl, text, true);
    }
  }

  /** The log does not tell: lines are missing, or logged at too low a level. */
  record Unknown() implements Outcome {}
}
