package dev.tlswaiver.excerpt;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lines of a name and a value, as PowerShell's {@code Format-List} and databases' clients show an
 * object, with one column for all names.
 */
final class FieldList {
  private static final int MOST_NAME = 40;
  private static final int MOST_LINES = 100;

  private final Map<String, String> fields = new LinkedHashMap<>();
  private final List<String> lines = new ArrayList<>();
  private final int colon;
  private String last = "";

  private FieldList(int colon) {
    this.colon = colon;
  }

  /** The object that begins with the line, if one may. */
  static Optional<FieldList> begin(String line) {
    int colon = colon(line);
    boolean isColumn = colon > 0 && (line.charAt(0) == ' ' || line.charAt(colon - 1) == ' ');
    Optional<FieldList> list = !isColumn ? Optional.empty() : Optional.of(new FieldList(colon));
    list.ifPresent(begun -> begun.takes(line));
    return list;
  }

  /** Where the colon or the bar is behind a name and a blank, or between them; -1 where none is. */
  private static int colon(String line) {
    int colon = line.indexOf(':');
    int bar = line.indexOf('|');
    colon = bar > 0 && (colon < 0 || bar < colon) ? bar : colon;
    if (colon < 1 || !line.startsWith(" ", colon + 1)) {
      return -1;
    }
    String name = line.substring(0, colon).strip();
    boolean isName =
        !name.isEmpty()
            && colon <= MOST_NAME
            && name.chars().allMatch(here -> here == '_' || Character.isLetterOrDigit(here));
    return isName ? colon : -1;
  }

  /** Takes the line in, if it belongs to the object. */
  boolean takes(String line) {
    boolean isField = colon(line) == colon && !fields.containsKey(line.substring(0, colon).strip());
    boolean isMore = !last.isEmpty() && line.startsWith(" ".repeat(colon + 2)) && !line.isBlank();
    if ((!isField && !isMore) || lines.size() == MOST_LINES) {
      return false;
    }
    lines.add(line);
    String value = ExcerptReader.unquoted(line.substring(colon + 2).strip());
    if (isField) {
      last = line.substring(0, colon).strip();
      fields.putIfAbsent(last, value);
    } else {
      fields.merge(last, value, (before, more) -> before + " " + more);
    }
    return true;
  }

  /** The lines as they were. */
  List<String> lines() {
    return lines;
  }

  /** The object as a document; one that has no text tells nothing. */
  String json() {
    return fields.keySet().stream().anyMatch(CollectedJson::isText)
        ? CollectedJson.object(fields)
        : "{}";
  }
}
