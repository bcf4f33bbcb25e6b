package dev.tlswaiver.excerpt;

import java.util.List;

/**
 * Completes a sentence whose end a window or a list cut off, as far as the rest leaves no doubt. It
 * says no more of a failure than the part that is left: OpenSSL's number stands before its words.
 */
final class CutSentence {
  private static final String FAILED = "SSL_accept error from ";
  private static final String PROBLEM = "TLS library problem: ";
  private static final String ERROR = "error:";
  private static final String LIBRARY = "SSL routines";
  private static final int CODE = 8;

  /** OpenSSL 3 has 20 as its SSL library's number 23 bits up, older ones 24, with a function. */
  private static final String CODE_OF_3 = "0A";

  private static final String OLDER_CODE = "14";

  /** What viewers put where they cut. */
  private static final List<String> MARKS = List.of("...", ">", "$");

  /** What smtpd(8) says of a failure: OpenSSL's number, or the system's words. */
  static final List<String> WHY =
      List.of(
          "-1",
          "lost connection",
          "Connection timed out",
          "Connection reset by peer",
          "Broken pipe",
          "Success");

  private CutSentence() {}

  /** The text of a line of smtpd(8), whole. */
  static String whole(String text) {
    if (text.startsWith(FAILED)) {
      return failure(text);
    }
    int problem = text.indexOf(PROBLEM);
    return problem == 0 || text.startsWith("warning: " + PROBLEM)
        ? problem(text, problem + PROBLEM.length())
        : text;
  }

  private static String failure(String text) {
    int client = text.indexOf(']') + 1;
    if (client == 0) {
      return text;
    }
    String left = withoutMark(text.substring(client));
    String why = left.startsWith(": ") ? left.substring(2) : "";
    boolean isCut = ": -".startsWith(left) || left.startsWith(": ");
    List<String> meant = WHY.stream().filter(words -> words.startsWith(why)).toList();
    // Of a number only that there was one is told; the library's line says the rest.
    return isCut && (meant.size() == 1 || why.isEmpty())
        ? text.substring(0, client) + ": " + meant.get(0)
        : text;
  }

  /** An error that is cut before its words counts by its number. */
  private static String problem(String text, int at) {
    int code = text.indexOf(ERROR, at) + ERROR.length();
    int end = code + CODE;
    boolean isFirst =
        code >= ERROR.length() && text.substring(at, code - ERROR.length()).length() <= 8;
    if (!isFirst || text.length() < end || text.chars().filter(here -> here == ':').count() < 2) {
      return text;
    }
    String[] fields = withoutMark(text.substring(end)).split(":", 4);
    boolean isWhole = fields.length > 3;
    boolean isOfSsl = fields.length < 2 || LIBRARY.startsWith(fields[1]);
    boolean isOf3 = text.startsWith(CODE_OF_3, code);
    if (isWhole
        || !fields[0].isEmpty()
        || !isOfSsl
        || !(isOf3 || text.startsWith(OLDER_CODE, code))) {
      return text;
    }
    return text.substring(0, end) + ":" + LIBRARY + ":" + (isOf3 ? "" : "(UNKNOWN)") + ":reason()";
  }

  /** The text without what tells that it is cut. */
  static String withoutMark(String text) {
    return MARKS.stream()
        .filter(text::endsWith)
        .findFirst()
        .map(mark -> text.substring(0, text.length() - mark.length()))
        .orElse(text)
        .stripTrailing();
  }
}
