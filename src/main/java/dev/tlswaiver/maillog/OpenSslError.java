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
 * @param function empty from OpenSSL 3.0 on
 * @param reason the text, which is safer than the number: numbers were used again
 * @param data what came with it: {@code SSL alert number 48}
 */
public record OpenSslError(
    String code, String library, String function, String reason, String data) {
  private static final Pattern FORM =
      Pattern.compile(
          "(?:[0-9]+:)?error:([0-9A-Fa-f]{8,16}):([^:]*):([^:]*):([^:]*)(?::.*?:[0-9]+:(?:(.*):)?)?");

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
    return library.equals("SSL routines") || library.equals("lib(20)");
  }

  /**
   * The reason number. OpenSSL 3 prints no function and packs {@code lib<<23 | reason}; before, it
   * was {@code lib<<24 | func<<12 | reason} (ERR_PACK in err.h). All reasons of the SSL library fit
   * the last three digits in both.
   */
  public int reasonNumber() {
    return Integer.parseInt(code.substring(code.length() - 3), 16);
  }

  /** Whether OpenSSL 3.0 or later wrote it. */
  public boolean isFromOpenSsl3() {
    return function.isEmpty();
  }

  /** Whether OpenSSL 1.0.2 or earlier wrote it: numbers 101 to 118 meant other things there. */
  public boolean isBeforeOpenSsl11() {
    return !function.isEmpty()
        && (function.toUpperCase(Locale.ROOT).startsWith("SSL3_GET_")
            || function.startsWith("SSL23_")
            || function.equals(function.toUpperCase(Locale.ROOT)));
  }
}
