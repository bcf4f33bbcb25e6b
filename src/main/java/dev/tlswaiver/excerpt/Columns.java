package dev.tlswaiver.excerpt;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The fields of a line of a table: quoted or not, and separated by tabs, commas or semicolons. */
final class Columns {
  private static final int MOST = 200;
  private static final String SEPARATORS = ",;\t";

  private Columns() {}

  /** The fields of a line that begins with a quoted one; empty where it is no table's. */
  static Optional<List<String>> quoted(String line) {
    int end = line.startsWith("\"") ? endOfQuoted(line, 0) : -1;
    boolean isTable =
        end > 0 && (end == line.length() || SEPARATORS.indexOf(line.charAt(end)) >= 0);
    return isTable
        ? Optional.of(split(line, end == line.length() ? ',' : line.charAt(end)))
        : Optional.empty();
  }

  /** The fields of a line with such a separator. */
  static List<String> split(String line, char separator) {
    List<String> fields = new ArrayList<>();
    int at = 0;
    while (at <= line.length() && fields.size() < MOST) {
      int quoted = line.startsWith("\"", at) ? endOfQuoted(line, at) : -1;
      boolean isQuoted =
          quoted > 0 && (quoted == line.length() || line.charAt(quoted) == separator);
      int end = isQuoted ? quoted : line.indexOf(separator, at);
      end = end < 0 ? line.length() : end;
      fields.add(
          isQuoted
              ? line.substring(at + 1, end - 1).replace("\"\"", "\"")
              : line.substring(at, end));
      at = end + 1;
    }
    return fields;
  }

  /** What follows the closing quote; -1 where there is none. A quote within is doubled. */
  private static int endOfQuoted(String line, int open) {
    int at = line.indexOf('"', open + 1);
    while (at >= 0 && line.startsWith("\"", at + 1)) {
      at = line.indexOf('"', at + 2);
    }
    return at < 0 ? -1 : at + 1;
  }
}
