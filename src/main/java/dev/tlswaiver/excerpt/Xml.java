package dev.tlswaiver.excerpt;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * An element of XML as a document of JSON: its attributes and those of the elements in it, and
 * their texts, each by its name. What is no element is text.
 */
final class Xml {
  private static final String RAW = "<![CDATA[";
  private static final String END_OF_RAW = "]]>";
  private static final int MOST_TAG = 1_000;
  private static final int MOST_FIELDS = 200;

  private Xml() {}

  /** The name of the element that the text begins with; empty where it begins with none. */
  static Optional<String> begins(String text) {
    int end = nameEnd(text, 1);
    boolean isElement =
        text.startsWith("<")
            && end > 1
            && end < text.length()
            && " />".indexOf(text.charAt(end)) >= 0;
    return isElement ? Optional.of(text.substring(1, end)) : Optional.empty();
  }

  /** Whether the element with this name ends in the text. */
  static boolean ends(String text, String name) {
    boolean isEmpty =
        text.startsWith("<" + name) && text.endsWith("/>") && text.indexOf('<', 1) < 0;
    return isEmpty || text.contains("</" + name + ">");
  }

  /** The element that the whole text is. */
  static Optional<String> json(String text) {
    Optional<String> name = begins(text);
    if (name.filter(known -> ends(text, known)).isEmpty()) {
      return Optional.empty();
    }
    Map<String, String> fields = new LinkedHashMap<>();
    String whole = local(name.get());
    String inside = whole;
    int at = 0;
    while (at < text.length() && fields.size() < MOST_FIELDS) {
      int end = text.charAt(at) == '<' ? tagEnd(text, at) : -1;
      int raw = text.startsWith(RAW, at) ? text.indexOf(END_OF_RAW, at) : -1;
      if (raw > 0) {
        fields.putIfAbsent(inside, text.substring(at + RAW.length(), raw));
        at = raw + END_OF_RAW.length();
      } else if (end > 0) {
        inside = begins(text.substring(at, end)).map(Xml::local).orElse(inside);
        attributes(inside, text.substring(at + 1, end - 1), fields);
        at = end;
      } else {
        int next = text.indexOf('<', at + 1);
        next = next < 0 ? text.length() : next;
        String said = text.substring(at, next);
        if (!said.isBlank()) {
          fields.merge(inside.equals(whole) ? "message" : inside, said, String::concat);
        }
        at = next;
      }
    }
    return Optional.of(CollectedJson.object(fields));
  }

  /** The name without its namespace's. */
  private static String local(String name) {
    return name.substring(name.indexOf(':') + 1);
  }

  /** What follows a tag; -1 where what stands there is none. */
  private static int tagEnd(String text, int open) {
    int name = text.startsWith("/", open + 1) ? open + 2 : open + 1;
    int at = nameEnd(text, name);
    int most = Math.min(text.length(), open + MOST_TAG);
    boolean isTag = at > name && at < most && " />".indexOf(text.charAt(at)) >= 0;
    boolean isQuoted = false;
    for (; isTag && at < most; at++) {
      char here = text.charAt(at);
      isQuoted ^= here == '"';
      if (here == '>' && !isQuoted) {
        return at + 1;
      }
    }
    return -1;
  }

  private static void attributes(String element, String tag, Map<String, String> fields) {
    int equals = tag.indexOf("=\"");
    while (equals > 0) {
      int close = tag.indexOf('"', equals + 2);
      if (close < 0) {
        return;
      }
      String name = tag.substring(tag.lastIndexOf(' ', equals) + 1, equals);
      fields.putIfAbsent(element + "." + name, tag.substring(equals + 2, close));
      equals = tag.indexOf("=\"", close + 1);
    }
  }

  private static int nameEnd(String text, int from) {
    int at = from;
    while (at < text.length()
        && (Character.isLetterOrDigit(text.charAt(at)) || "_:.-".indexOf(text.charAt(at)) >= 0)) {
      at++;
    }
    return from < text.length() && Character.isLetter(text.charAt(from)) ? at : from;
  }
}
