package dev.tlswaiver.handshake;

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
      implements Outcome {}

  /** The log does not tell: lines are missing, or logged at too low a level. */
  record Unknown() implements Outcome {}
}
