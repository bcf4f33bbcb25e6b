package dev.tlswaiver.maillog;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One entry of OpenSSL's error queue, as ERR_error_string_n(3) and Postfix print it.
 *
 * @param code the whole number, hexadecimal, upper case, at least eight digits
 * @param library {@code SSL routines} for the library that negotiates
 * @param function empty from OpenSSL 3.0 on; LibreSSL names the state of the handshake instead
 * @param reason the text, which is safer than the number: numbers were used again
 * @param data what came with it: {@code SSL alert number 48}
 */
public record OpenSslError(
    String code, String library, String function, String reason, String data) {
  private static final int SSL_LIBRARY = 20; // ERR_LIB_SSL in err.h.

  private static final Pattern FORM =
      Pattern.compile(
          "(?:[0-9]+:)?error:([0-9A-Fa-f]{8,16}):([^:]*):([^:]*):([^:]*)(?::.*?:[0-9]+:?(?:(.*):)?)?"
              + ".*");

  /** Which line of releases wrote it; the meaning of a number depends on it. */
  public enum Generation {
    /** OpenSSL 0.9.x to 1.0.2, and LibreSSL, which came from 1.0.1. */
    BEFORE_1_1,
    /** OpenSSL 1.1.0 and 1.1.1. */
    FROM_1_1,
    /** OpenSSL 3.0 and later. */
    FROM_3
  }

  /** The printed form: {@code error:CODE:library:function:reason:file:line:data:}. */
  public static Optional<OpenSslError> find(String text) {
    Matcher matcher = FORM.matcher(text);
    return matcher.matches()
        ? Optional.of(
            new OpenSslError(
                matcher.group(1).toUpperCase(Locale.ROOT),
                matcher.group(2),
                matcher.group(3),
                matcher.group(4),
                Optional.ofNullable(matcher.group(5)).orElse("")))
        : Optional.empty();
  }

  /** Whether the library that negotiates reported it, and not one that it called. */
  public boolean isFromSsl() {
    return library.equals("SSL routines")
        || library.equals("lib(" + SSL_LIBRARY + ")")
        || (library.isEmpty() && number() >>> 24 == SSL_LIBRARY);
  }

  /** The reason number; only with the {@link #generation} it means something. */
  public int reasonNumber() {
    long number = number();
    // OpenSSL 3: lib<<23 | flags<<18 | reason; before: lib<<24 | func<<12 | reason (err.h).
    return (int) (generation() == Generation.FROM_3 ? number & 0x3ffff : number & 0xfff);
  }

  private long number() {
    return Long.parseUnsignedLong(code, 16);
  }

  /** Which releases print it so. */
  public Generation generation() {
    if (function.isEmpty()) {
      return Generation.FROM_3;
    }
    boolean isOldName =
        function.equals(function.toUpperCase(Locale.ROOT))
            || function.startsWith("ssl3_get_")
            || function.startsWith("ssl23_")
            || function.startsWith("(UNKNOWN)");
    // ssl3_get_record is one of the few that kept its name.
    boolean isNewName = function.equals("ssl3_get_record");
    return isOldName && !isNewName ? Generation.BEFORE_1_1 : Generation.FROM_1_1;
  }

  /** Whether OpenSSL had no words for it, only a number. */
  public boolean lacksText() {
    return reason.isEmpty() || reason.startsWith("reason(");
  }
}
