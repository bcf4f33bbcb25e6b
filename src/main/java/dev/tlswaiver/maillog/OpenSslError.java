package dev.tlswaiver.maillog;

import java.util.Locale;
import java.util.Optional;

/**
 * One entry of OpenSSL's error queue, as ERR_error_string_n(3) and Postfix print it.
 *
 * @param code the whole number, hexadecimal, upper case, at least eight digits
 * @param library {@code SSL routines} for the library that negotiates
 * @param function empty from OpenSSL 3.0 on; LibreSSL names the state of the handshake instead
 * @param reason the text, which is safer than the number: numbers were used again
 * @param file the name of the source file that reported it; empty where the line was cut off before
 * @param data what came with it: {@code SSL alert number 48}
 */
public record OpenSslError(
    String code, String library, String function, String reason, String file, String data) {
  private static final int SSL_LIBRARY = 20; // ERR_LIB_SSL in err.h.

  private static final String ERROR = "error:";
  private static final int LEAST_CODE = 8;
  private static final int MOST_CODE = 16;

  /** OpenSSL's longest text and its longest function have some 50 characters. */
  private static final int MOST_IN_FIELD = 64;

  /** Which line of releases wrote it; the meaning of a number depends on it. */
  public enum Generation {
    /** OpenSSL 0.9.x to 1.0.2, and LibreSSL, which came from 1.0.1. */
    BEFORE_1_1,
    /** OpenSSL 1.1.0 and 1.1.1. */
    FROM_1_1,
    /** OpenSSL 3.0 and later. */
    FROM_3
  }

  public OpenSslError {
    library = cut(library);
    function = cut(function);
    reason = cut(reason);
    file = cut(file);
    data = cut(data);
  }

  private static String cut(String text) {
    return text.length() <= MOST_IN_FIELD ? text : text.substring(0, MOST_IN_FIELD);
  }

  /**
   * The printed form: {@code error:CODE:library:function:reason:file:line:data:}. Before Postfix
   * 2.11 a process id stands first, and what follows the reason may be cut off.
   */
  public static Optional<OpenSslError> find(String text) {
    int start = afterDigits(text, 0);
    int code = (start > 0 && text.startsWith(":", start) ? start + 1 : 0) + ERROR.length();
    int library = text.indexOf(':', code) + 1;
    int function = library == 0 ? 0 : text.indexOf(':', library) + 1;
    int reason = function == 0 ? 0 : text.indexOf(':', function) + 1;
    if (reason == 0
        || !text.startsWith(ERROR, code - ERROR.length())
        || !isCode(text, code, library - 1)) {
      return Optional.empty();
    }
    int file = text.indexOf(':', reason) + 1;
    int line = file == 0 ? 0 : text.indexOf(':', file) + 1;
    int data = line == 0 ? 0 : afterDigits(text, line) + 1;
    int last = text.lastIndexOf(':');
    return Optional.of(
        new OpenSslError(
            text.substring(code, library - 1).toUpperCase(Locale.ROOT),
            text.substring(library, function - 1),
            text.substring(function, reason - 1),
            text.substring(reason, file == 0 ? text.length() : file - 1),
            line == 0 ? "" : name(text.substring(file, line - 1)),
            data > line + 1 && last >= data ? text.substring(data, last) : ""));
  }

  private static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static int afterDigits(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at;
  }

  private static boolean isCode(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (Character.digit(text.charAt(i), 16) < 0 || text.charAt(i) > 'f') {
        return false;
      }
    }
    return to - from >= LEAST_CODE && to - from <= MOST_CODE;
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
