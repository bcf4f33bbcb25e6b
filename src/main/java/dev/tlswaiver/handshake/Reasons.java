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
  private static final String RECORD_LAYER_FAILURE = "record layer failure";

  /** SSL_AD_REASON_OFFSET in ssl.h. */
  private static final int FIRST_ALERT = 1_000;

  /** What every release that has the text means by it. */
  private static final Map<String, Reason> BY_TEXT =
      Map.ofEntries(
          Map.entry("no shared cipher", Reason.NO_SHARED_CIPHER),
          Map.entry("unknown protocol", Reason.UNKNOWN_PROTOCOL),
          Map.entry("unsupported protocol", Reason.UNSUPPORTED_PROTOCOL),
          Map.entry("version too low", Reason.VERSION_TOO_LOW),
          Map.entry("no suitable signature algorithm", Reason.NO_SIGNATURE_ALGORITHM),
          Map.entry("wrong signature type", Reason.NO_SIGNATURE_ALGORITHM),
          Map.entry("no shared signature algorithms", Reason.NO_SIGNATURE_ALGORITHM),
          // As OpenSSL 1.0.2 and 1.1.0 spelled it.
          Map.entry("no shared sigature algorithms", Reason.NO_SIGNATURE_ALGORITHM),
          Map.entry("legacy sigalg disallowed or unsupported", Reason.NO_SIGNATURE_ALGORITHM),
          Map.entry("no suitable key share", Reason.TLS13_TROUBLE),
          Map.entry("bad key share", Reason.TLS13_TROUBLE),
          Map.entry("no suitable groups", Reason.TLS13_TROUBLE),
          Map.entry("missing sigalgs extension", Reason.TLS13_TROUBLE),
          Map.entry("missing supported groups extension", Reason.TLS13_TROUBLE),
          Map.entry("missing psk kex modes extension", Reason.TLS13_TROUBLE),
          Map.entry("binder does not verify", Reason.TLS13_TROUBLE),
          Map.entry("dh key too small", Reason.DH_KEY_TOO_SMALL),
          Map.entry("inappropriate fallback", Reason.INAPPROPRIATE_FALLBACK),
          Map.entry("http request", Reason.NOT_TLS),
          Map.entry("https proxy request", Reason.NOT_TLS),
          Map.entry("packet length too long", Reason.NOT_TLS),
          Map.entry("record too large", Reason.NOT_TLS),
          Map.entry("decryption failed or bad record mac", Reason.CORRUPTED),
          Map.entry("decryption failed", Reason.CORRUPTED),
          Map.entry("length mismatch", Reason.CORRUPTED),
          Map.entry("length too short", Reason.CORRUPTED),
          Map.entry("bad length", Reason.CORRUPTED),
          Map.entry("bad packet", Reason.CORRUPTED),
          Map.entry("bad extension", Reason.CORRUPTED),
          Map.entry("bad ecpoint", Reason.CORRUPTED),
          Map.entry("parse tlsext", Reason.CORRUPTED),
          Map.entry("clienthello tlsext", Reason.CORRUPTED),
          Map.entry("record length mismatch", Reason.CORRUPTED),
          Map.entry("record too small", Reason.CORRUPTED),
          Map.entry("data length too long", Reason.CORRUPTED),
          Map.entry("encrypted length too long", Reason.CORRUPTED),
          Map.entry("excessive message size", Reason.CORRUPTED),
          Map.entry("unexpected message", Reason.CORRUPTED),
          Map.entry("unexpected record", Reason.CORRUPTED),
          Map.entry("bad record type", Reason.CORRUPTED),
          Map.entry("invalid alert", Reason.CORRUPTED),
          Map.entry("unknown alert type", Reason.CORRUPTED),
          Map.entry("no ciphers specified", Reason.CORRUPTED),
          Map.entry("no ciphers passed", Reason.CORRUPTED),
          Map.entry("no compression specified", Reason.CORRUPTED),
          Map.entry("bad legacy version", Reason.CORRUPTED),
          Map.entry("digest check failed", Reason.CORRUPTED),
          Map.entry("block cipher pad is wrong", Reason.CORRUPTED),
          Map.entry("ccs received early", Reason.CORRUPTED),
          Map.entry("got a fin before a ccs", Reason.CORRUPTED),
          Map.entry("bad change cipher spec", Reason.CORRUPTED),
          Map.entry("app data in handshake", Reason.CORRUPTED),
          Map.entry("data between ccs and finished", Reason.CORRUPTED),
          Map.entry("unexpected eof while reading", Reason.DISCONNECTED),
          Map.entry("no certificate set", Reason.OWN_FAULT),
          Map.entry("no certificate assigned", Reason.OWN_FAULT),
          Map.entry("no private key assigned", Reason.OWN_FAULT),
          Map.entry("no ciphers available", Reason.OWN_FAULT),
          Map.entry("no cipher match", Reason.OWN_FAULT),
          Map.entry("no protocols available", Reason.OWN_FAULT),
          Map.entry("no suitable digest algorithm", Reason.OWN_FAULT),
          Map.entry("callback failed", Reason.OWN_FAULT),
          Map.entry("cert cb error", Reason.OWN_FAULT),
          Map.entry("ee key too small", Reason.OWN_FAULT),
          Map.entry("ca md too weak", Reason.OWN_FAULT),
          Map.entry("missing tmp dh key", Reason.OWN_FAULT),
          Map.entry("missing tmp ecdh key", Reason.OWN_FAULT));

  /** Numbers that meant the same in every generation, for errors without a text. */
  private static final Map<Integer, String> TEXT_OF =
      Map.of(
          193, "no shared cipher",
          252, "unknown protocol",
          258, "unsupported protocol",
          267, "wrong version number",
          373, "inappropriate fallback",
          156, "http request",
          155, "https proxy request",
          198, "packet length too long",
          159, "length mismatch",
          281, "decryption failed or bad record mac");

  /** Numbers that meant something else, or nothing, before OpenSSL 1.1. */
  private static final Map<Integer, String> TEXT_OF_SINCE_1_1 =
      Map.of(
          101, "no suitable key share",
          108, "bad key share",
          118, "no suitable signature algorithm",
          370, "wrong signature type",
          376, "no shared signature algorithms",
          394, "dh key too small",
          396, "version too low");

  /** Numbers that meant something else before OpenSSL 3. */
  private static final Map<Integer, String> TEXT_OF_SINCE_3 =
      Map.of(
          294, "unexpected eof while reading",
          295, "no suitable groups",
          313, RECORD_LAYER_FAILURE);

  private Reasons() {}

  /** Whether the error says something of its own. */
  static boolean isTelling(OpenSslError error) {
    return error.isFromSsl() && !text(error).equals(RECORD_LAYER_FAILURE);
  }

  /** Of two errors, in the order of the log, the one that counts: the last that says something. */
  static OpenSslError cause(OpenSslError before, OpenSslError next) {
    return isTelling(next) ? next : before;
  }

  /**
   * Whether it can come up only in a peer's handshake. Certificates, keys and lists of suites are
   * loaded without any peer, and so are parameters for Diffie-Hellman, which may be too small.
   */
  static boolean needsPeer(OpenSslError error) {
    return isTelling(error)
        && switch (of(error)) {
          case OWN_FAULT, DH_KEY_TOO_SMALL -> false;
          case OTHER -> isAlert(error.reasonNumber());
          default -> true;
        };
  }

  private static boolean isAlert(int number) {
    return number >= FIRST_ALERT && number < FIRST_ALERT + 256;
  }

  static Reason of(OpenSslError error) {
    if (!error.isFromSsl()) {
      return Reason.OTHER;
    }
    int number = error.reasonNumber();
    if (isAlert(number)) {
      return alert(number - FIRST_ALERT);
    }
    String text = text(error);
    return text.equals("wrong version number")
        ? wrongVersion(error)
        : Optional.ofNullable(BY_TEXT.get(text)).orElse(Reason.OTHER);
  }

  private static String text(OpenSslError error) {
    if (error.lacksText()) {
      return textOfNumber(error);
    }
    String text = error.reason().toLowerCase(Locale.ROOT);
    if (BY_TEXT.containsKey(text)) {
      return text;
    }
    // A line may be cut at a window's edge: "unknown pr", "unknown pr$", "unknown pr...".
    String left = text;
    while (!left.isEmpty() && "$>.\u2026".indexOf(left.charAt(left.length() - 1)) >= 0) {
      left = left.substring(0, left.length() - 1);
    }
    String whole = textOfNumber(error);
    boolean isSame =
        (!left.isEmpty() && whole.startsWith(left))
            || (!whole.isEmpty() && text.startsWith(whole)); // Somebody goes on behind it.
    return isSame ? whole : text;
  }

  private static String textOfNumber(OpenSslError error) {
    int number = error.reasonNumber();
    OpenSslError.Generation generation = error.generation();
    return Optional.ofNullable(TEXT_OF.get(number))
        .or(
            () ->
                Optional.ofNullable(TEXT_OF_SINCE_1_1.get(number))
                    .filter(text -> generation != OpenSslError.Generation.BEFORE_1_1))
        .or(
            () ->
                Optional.ofNullable(TEXT_OF_SINCE_3.get(number))
                    .filter(text -> generation == OpenSslError.Generation.FROM_3))
        .orElse("");
  }

  /**
   * One text for opposite things: in OpenSSL up to 1.0.2 the ClientHello of an SSLv3 sender,
   * anywhere else bytes that are not TLS.
   *
   * <p>LibreSSL names the state instead of the function, and has the text twice in the one in which
   * it waits for a hello: ssl_srvr.c says it of a whole hello without a common version, ssl_pkt.c
   * of a record's header that is none, before the state moves on to the record's body (its {@code
   * _C}).
   */
  private static Reason wrongVersion(OpenSslError error) {
    boolean isOfHello =
        error.function().equalsIgnoreCase("SSL3_GET_CLIENT_HELLO")
            || (error.function().startsWith("ACCEPT_SR_CLNT_HELLO")
                && (error.file().isEmpty()
                    ? error.function().endsWith("_C")
                    : error.file().endsWith("ssl_srvr.c") || error.file().endsWith("s3_srvr.c")));
    return isOfHello ? Reason.UNSUPPORTED_PROTOCOL : Reason.NOT_TLS;
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
            || isNumber(detail)
        ? Reason.DISCONNECTED
        : Reason.OTHER;
  }

  /** Whether the words are nothing but the number that OpenSSL returned. */
  static boolean isNumber(String detail) {
    int start = detail.startsWith("-") ? 1 : 0;
    return detail.length() > start
        && detail.chars().skip(start).allMatch(here -> here >= '0' && here <= '9');
  }
}
