package dev.tlswaiver.maillog;

import java.util.Map;
import java.util.regex.Pattern;

/**
 * What forums, issue trackers and terminals add to a log line that is shown to others: entities,
 * tags, links, escapes, colours. None of it can be the beginning of a line that a logger wrote, and
 * taking it away never moves what a stranger wrote to a line's beginning.
 */
final class Markup {
  private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;]*m");

  /** {@code [mail.example](http://mail.example/)}. */
  private static final Pattern LINK =
      Pattern.compile("\\[([^\\[\\]]{1,253})\\]\\((?:https?|mailto):[^()\\s]{0,300}\\)");

  private static final Pattern ESCAPE = Pattern.compile("\\\\([\\[\\]_*<>`#.-])");

  private static final String TAGS =
      "code|pre|p|div|li|ul|ol|br|span|td|tr|blockquote|font|b|i|em|strong|small|center|tt|kbd";

  private static final String BOARD_TAGS =
      "code|quote|pre|php|html|log|b|i|font|size|color|spoiler";

  private static final Pattern OPENING =
      Pattern.compile(
          "(?i)(?: *(?:</?(?:"
              + TAGS
              + ")(?: [^<>]{0,200})? ?/?>|\\[/?(?:"
              + BOARD_TAGS
              + ")(?:=[^\\[\\]]{0,80})?\\]))+");

  private static final Pattern CLOSING =
      Pattern.compile(
          "(?i)(?:</?(?:" + TAGS + ") ?/?>|\\[/(?:" + BOARD_TAGS + ")\\]|`|\\*\\*| )+$");

  private static final Map<String, String> ENTITIES =
      Map.of(
          "&lt;", "<",
          "&gt;", ">",
          "&quot;", "\"",
          "&nbsp;", " ",
          "&#91;", "[",
          "&#93;", "]",
          "&#39;", "'",
          "&#58;", ":",
          "&amp;", "&");

  private Markup() {}

  /** The line as it was in the log. */
  static String removed(String line) {
    String text = line;
    if (text.indexOf('\u001b') >= 0) {
      text = COLOUR.matcher(text).replaceAll("");
    }
    text = text.replace('\t', ' ').replace('\u00a0', ' ');
    if (text.indexOf('&') >= 0 && text.indexOf(';') >= 0) {
      text = withoutEntities(text);
    }
    if (text.indexOf('\\') >= 0) {
      text = ESCAPE.matcher(text).replaceAll("$1");
    }
    if (text.contains("](")) {
      text = LINK.matcher(text).replaceAll("$1");
    }
    return withoutTags(text);
  }

  private static String withoutEntities(String line) {
    String text = line;
    for (Map.Entry<String, String> entity : ENTITIES.entrySet()) {
      if (!entity.getKey().equals("&amp;")) {
        text = text.replace(entity.getKey(), entity.getValue());
      }
    }
    // Last, so that what was escaped twice is unescaped once.
    return text.replace("&amp;", "&");
  }

  private static String withoutTags(String line) {
    if (line.isEmpty()) {
      return line;
    }
    String text = line;
    char first = text.stripLeading().isEmpty() ? ' ' : text.stripLeading().charAt(0);
    if (first == '<' || first == '[') {
      var opening = OPENING.matcher(text);
      text = opening.lookingAt() ? text.substring(opening.end()) : text;
    }
    char last = line.charAt(line.length() - 1);
    // A client's address ends with a bracket too, in every other line of a log.
    boolean mayClose = " >`*".indexOf(last) >= 0 || (last == ']' && line.contains("[/"));
    if (mayClose) {
      var closing = CLOSING.matcher(text);
      text = closing.find() ? text.substring(0, closing.start()) : text;
    }
    return text;
  }
}
