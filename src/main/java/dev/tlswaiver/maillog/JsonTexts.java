package dev.tlswaiver.maillog;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The values of a JSON document, each with the way to it. Read from the left in one loop: brackets
 * within brackets cost a place in a list and not a frame of the stack, and beyond {@value
 * #MOST_DEPTH} of them the document is none.
 */
public final class JsonTexts {
  private static final int MOST_DEPTH = 32;

  /**
   * A value that is no object and no array.
   *
   * @param path names and, as {@code #3}, numbers of elements, joined by dots
   * @param isQuoted whether it is a text, and not a number or {@code true}, {@code false}, {@code
   *     null}
   */
  public record Text(String path, String value, boolean isQuoted) {}

  /** An object or array that is open. */
  private static final class Level {
    private final String prefix;
    private final boolean isArray;
    private int elements;

    Level(String prefix, boolean isArray) {
      this.prefix = prefix;
      this.isArray = isArray;
    }
  }

  private final String json;
  private final List<Text> texts = new ArrayList<>();
  private final List<Level> open = new ArrayList<>();
  private int at;

  private JsonTexts(String json) {
    this.json = json;
  }

  /** The values in their order; empty where it is no document. */
  public static Optional<List<Text>> find(String json) {
    JsonTexts texts = new JsonTexts(json);
    return texts.read() ? Optional.of(texts.texts) : Optional.empty();
  }

  private boolean read() {
    if (!value("")) {
      return false;
    }
    while (!open.isEmpty()) {
      if (!step(open.get(open.size() - 1))) {
        return false;
      }
    }
    skipBlanks();
    return at == json.length();
  }

  /** Reads the end of the innermost object or array, or its next element. */
  private boolean step(Level level) {
    skipBlanks();
    if (takes(level.isArray ? ']' : '}')) {
      open.remove(open.size() - 1);
      return true;
    }
    if (level.elements > 0 && !takes(',')) {
      return false;
    }
    int element = level.elements++;
    skipBlanks();
    String name = "#" + element;
    if (!level.isArray) {
      String read = quoted();
      skipBlanks();
      if (read == null || !takes(':')) {
        return false;
      }
      name = read;
    }
    return value(level.prefix.isEmpty() ? name : level.prefix + "." + name);
  }

  private boolean value(String path) {
    skipBlanks();
    if (at == json.length()) {
      return false;
    }
    char first = json.charAt(at);
    if (first == '{' || first == '[') {
      at++;
      open.add(new Level(path, first == '['));
      return open.size() <= MOST_DEPTH;
    }
    String text = first == '"' ? quoted() : word();
    if (text == null) {
      return false;
    }
    texts.add(new Text(path, text, first == '"'));
    return true;
  }

  /** A number, or {@code true} and the like; null where neither stands there. */
  private @Nullable String word() {
    int start = at;
    while (at < json.length() && isOfWord(json.charAt(at))) {
      at++;
    }
    return at == start ? null : json.substring(start, at);
  }

  private static boolean isOfWord(char here) {
    return (here >= 'a' && here <= 'z')
        || Digits.isDigit(here)
        || here == '-'
        || here == '+'
        || here == '.'
        || here == 'E';
  }

  /** The text in quotes; null where none stands there. */
  private @Nullable String quoted() {
    if (!takes('"')) {
      return null;
    }
    int end = json.indexOf('"', at);
    if (end < 0) {
      return null;
    }
    String text = json.substring(at, end);
    if (text.indexOf('\\') >= 0) {
      return escaped();
    }
    at = end + 1;
    return text;
  }

  private @Nullable String escaped() {
    StringBuilder text = new StringBuilder();
    while (at < json.length()) {
      char here = json.charAt(at++);
      if (here == '"') {
        return text.toString();
      }
      if (here != '\\') {
        text.append(here);
      } else if (!escape(text)) {
        return null;
      }
    }
    return null;
  }

  private boolean escape(StringBuilder text) {
    if (at == json.length()) {
      return false;
    }
    char kind = json.charAt(at++);
    switch (kind) {
      case 'n' -> text.append('\n');
      case 't' -> text.append('\t');
      case 'r' -> text.append('\r');
      case 'b', 'f' -> text.append(' ');
      case 'u' -> {
        return unicode(text);
      }
      default -> text.append(kind);
    }
    return true;
  }

  private boolean unicode(StringBuilder text) {
    int number = 0;
    for (int i = 0; i < 4; i++) {
      int digit = at < json.length() ? Character.digit(json.charAt(at), 16) : -1;
      if (digit < 0) {
        return false;
      }
      number = number * 16 + digit;
      at++;
    }
    text.append((char) number);
    return true;
  }

  private void skipBlanks() {
    while (at < json.length() && json.charAt(at) <= ' ') {
      at++;
    }
  }

  private boolean takes(char wanted) {
    boolean isThere = at < json.length() && json.charAt(at) == wanted;
    at += isThere ? 1 : 0;
    return isThere;
  }
}
