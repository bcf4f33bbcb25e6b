package dev.tlswaiver.excerpt;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Takes back what word processors, pages and mail programs make of plain characters: blanks of any
 * width, dashes, dots, places at which a line may break, and the escapes of a link.
 */
final class PlainText {
  /** U+001E stands before each document of a sequence of JSON (RFC 7464). */
  private static final char RECORD_SEPARATOR = '\u001e';

  /**
   * Ends of a line that are none of a log's. A client may have written one, so that the lines are
   * one: where it holds two, those that run lines together are known by it.
   */
  private static final String BREAKS = "\r\u000b\f\u0085\u2028\u2029";

  /** The characters as broad as two, in the order of ASCII from the blank on. */
  private static final char FIRST_BROAD = '\uff00';

  private static final char LAST_BROAD = '\uff5e';

  private PlainText() {}

  /** The line as a logger would have written it. */
  static String of(String line) {
    int at = 0;
    while (at < line.length() && isPlain(line.charAt(at))) {
      at++;
    }
    if (at == line.length()) {
      return line;
    }
    StringBuilder text = new StringBuilder(line.length()).append(line, 0, at);
    for (; at < line.length(); at++) {
      append(text, line.charAt(at));
    }
    return text.toString().stripTrailing();
  }

  private static boolean isPlain(char here) {
    return here < 127 && here != RECORD_SEPARATOR && BREAKS.indexOf(here) < 0;
  }

  private static void append(StringBuilder text, char here) {
    boolean isBlank =
        BREAKS.indexOf(here) >= 0
            || (here != ' ' && Character.getType(here) == Character.SPACE_SEPARATOR);
    boolean isDash = here > 127 && Character.getType(here) == Character.DASH_PUNCTUATION;
    boolean isUnseen =
        Character.getType(here) == Character.FORMAT || here == RECORD_SEPARATOR || here == 127;
    if (isBlank) {
      text.append(' ');
    } else if (isDash || here == '\u2212') {
      text.append('-');
    } else if (here == '\u2026') {
      text.append("...");
    } else if (here >= FIRST_BROAD && here <= LAST_BROAD) {
      text.append((char) (here - FIRST_BROAD + ' '));
    } else if (!isUnseen) {
      text.append(here);
    }
  }

  /**
   * The lines that a link holds, whose blanks are escaped all; else the line alone. No logger's
   * line is without a blank.
   */
  static List<String> lines(String line) {
    String plain = of(line);
    String text = plain.strip();
    int escape = text.indexOf('%');
    boolean isLink =
        escape >= 0 && text.indexOf(' ') < 0 && text.contains("smtpd") && text.contains("%3A");
    if (!isLink) {
      return List.of(plain);
    }
    String escaped = text.substring(text.lastIndexOf('=', escape) + 1);
    return unescaped(escaped.contains("%20") ? escaped : escaped.replace('+', ' '))
        .lines()
        .toList();
  }

  private static String unescaped(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int length = 0;
    for (int at = 0; at < bytes.length; at++) {
      boolean isEscape = bytes[at] == '%' && digit(bytes, at + 1) >= 0 && digit(bytes, at + 2) >= 0;
      bytes[length++] =
          isEscape ? (byte) (digit(bytes, at + 1) * 16 + digit(bytes, at + 2)) : bytes[at];
      at += isEscape ? 2 : 0;
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  private static int digit(byte[] bytes, int at) {
    return at < bytes.length ? Character.digit(bytes[at], 16) : -1;
  }
}
