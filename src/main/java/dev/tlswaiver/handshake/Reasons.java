package dev.tlswaiver.handshake;

import dev.tlswaiver.maillog.OpenSslError;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What an OpenSSL error means for a failed handshake. The text decides, since numbers were given
 * out again; the number where OpenSSL printed none ({@code reason(193)}).
 */
final class Reasons {
  /** The second error that OpenSSL 3.2 and later queue after one of the record layer. */
  private static final int RECORD_LAYER_FAILURE = 313;

  private static final Map<String, Reason> BY_TEXT =
      Map.ofEntries(
          Map.entry("no shared cipher", Reason.NO_SHARED_CIPHER),
          Map.entry("unknown protocol", Reason.UNKNOWN_PROTOCOL),
          Map.entry("unsupported protocol", Reason.UNSUPPORTED_PROTOCOL),
          Map.entry("version too low", Reason.VERSION_TOO_LOW),
          Map.entry("no suitable signature algorithm", Reason.NO_SIGNATURE_ALGORITHM),
          Map.entry("wrong signature type", Reason.NO_SIGNATURE_ALGORITHM),
          Map.entry("no shared signature algorithms", Reason.NO_SIGNATURE_ALGORITHM),
          Map.entry("no shared sigature algorithms", Reason.NO_SIGNATURE_ALGORITHM),
          Map.entry("no suitable key share", Reason.TLS13_TROUBLE),
          Map.entry("bad key share", Reason.TLS13_TROUBLE),
          Map.entry("no suitable groups", Reason.TLS13_TROUBLE),
          Map.entry("missing sigalgs extension", Reason.TLS13_TROUBLE),
          Map.entry("missing supported groups extension", Reason.TLS13_TROUBLE),
          Map.entry("dh key too small", Reason.DH_KEY_TOO_SMALL),
          Map.entry("inappropriate fallback", Reason.INAPPROPRIATE_FALLBACK),
          Map.entry("http request", Reason.NOT_TLS),
          Map.entry("https proxy request", Reason.NOT_TLS),
          Map.entry("packet length too long", Reason.NOT_TLS),
          Map.entry("decryption failed or bad record mac", Reason.CORRUPTED),
          Map.entry("length mismatch", Reason.CORRUPTED),
          Map.entry("length too short", Reason.CORRUPTED),
          Map.entry("bad packet", Reason.CORRUPTED),
          Map.entry("bad extension", Reason.CORRUPTED),
          Map.entry("parse tlsext", Reason.CORRUPTED),
          Map.entry("digest check failed", Reason.CORRUPTED),
          Map.entry("block cipher pad is wrong", Reason.CORRUPTED),
          Map.entry("unexpected eof while reading", Reason.DISCONNECTED),
          Map.entry("no certificate set", Reason.OWN_FAULT),
          Map.entry("no certificate assigned", Reason.OWN_FAULT),
          Map.entry("no ciphers available", Reason.OWN_FAULT),
          Map.entry("no cipher match", Reason.OWN_FAULT),
          Map.entry("no protocols available", Reason.OWN_FAULT),
          Map.entry("callback failed", Reason.OWN_FAULT),
          Map.entry("cert cb error", Reason.OWN_FAULT),
          Map.entry("ee key too small", Reason.OWN_FAULT),
          Map.entry("ca md too weak", Reason.OWN_FAULT),
          Map.entry("missing tmp dh key", Reason.OWN_FAULT),
          Map.entry("missing tmp ecdh key", Reason.OWN_FAULT));

  /** Numbers that meant the same in every generation, for errors without a text. */
  private static final Map<Integer, Reason> BY_NUMBER =
      Map.of(
          193, Reason.NO_SHARED_CIPHER,
          252, Reason.UNKNOWN_PROTOCOL,
          258, Reason.UNSUPPORTED_PROTOCOL,
          396, Reason.VERSION_TOO_LOW,
          394, Reason.DH_KEY_TOO_SMALL,
          373, Reason.INAPPROPRIATE_FALLBACK,
          156, Reason.NOT_TLS,
          155, Reason.NOT_TLS,
          198, Reason.NOT_TLS,
          281, Reason.CORRUPTED);

  private Reasons() {}

  /** Whether the error says something of its own. */
  static boolean isTelling(OpenSslError error) {
    return error.isFromSsl() && error.reasonNumber() != RECORD_LAYER_FAILURE;
  }

  static Reason of(OpenSslError error) {
    if (!error.isFromSsl()) {
      return Reason.OTHER;
    }
    int number = error.reasonNumber();
    if (number >= 1000) {
      return alert(number - 1000);
    }
    String text = error.reason().toLowerCase(Locale.ROOT);
    if (text.equals("wrong version number")) {
      return wrongVersion(error);
    }
    return Optional.ofNullable(BY_TEXT.get(text))
        .or(
            () ->
                text.startsWith("reason(")
                    ? Optional.ofNullable(BY_NUMBER.get(number))
                    : Optional.empty())
        .orElse(Reason.OTHER);
  }

  /**
   * One text for opposite things: in OpenSSL up to 1.0.2 the ClientHello of an SSLv3 sender,
   * anywhere else bytes that are not TLS.
   */
  private static Reason wrongVersion(OpenSslError error) {
    return error.function().equalsIgnoreCase("SSL3_GET_CLIENT_HELLO")
        ? Reason.UNSUPPORTED_PROTOCOL
        : Reason.NOT_TLS;
  }

  /** An alert that the peer sent, by its number in RFC 8446 and its predecessors. */
  private static Reason alert(int alert) {
    return switch (alert) {
      case 20, 21, 22, 30, 50, 51 -> Reason.CORRUPTED;
      case 40 -> Reason.HANDSHAKE_FAILURE_ALERT;
      case 42, 43, 44, 45, 46, 48 -> Reason.CERTIFICATE_REJECTED;
      case 70 -> Reason.PROTOCOL_VERSION_ALERT;
      case 71 -> Reason.INSUFFICIENT_SECURITY_ALERT;
      case 86 -> Reason.INAPPROPRIATE_FALLBACK;
      default -> Reason.OTHER;
    };
  }

  /** A failure without a library line, from the words after {@code SSL_accept error from peer}. */
  static Reason of(String detail) {
    if (detail.equalsIgnoreCase("Connection timed out")) {
      return Reason.TIMED_OUT;
    }
    // A bare number is Postfix before 2.9, which had no words for a peer that left.
    return detail.equals("lost connection")
            || detail.equals("Connection reset by peer")
            || detail.equals("Broken pipe")
            || detail.matches("-?[0-9]+")
        ? Reason.DISCONNECTED
        : Reason.OTHER;
  }
}
