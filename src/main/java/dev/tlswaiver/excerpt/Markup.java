package dev.tlswaiver.excerpt;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What forums, issue trackers and terminals add to a log line that is shown to others: entities,
 * tags, links, escapes, colours. None of it can be the beginning of a line that a logger wrote, and
 * taking it away never moves what a stranger wrote to a line's beginning. Each goes over the line
 * once.
 */
final class Markup {
  private static final Set<String> TAGS =
      Set.of(
          "code",
          "pre",
          "p",
          "div",
          "li",
          "ul",
          "ol",
          "br",
          "span",
          "td",
          "tr",
          "th",
          "blockquote",
          "font",
          "b",
          "i",
          "em",
          "strong",
          "small",
          "center",
          "tt",
          "kbd",
          "samp");

  private static final Set<String> BOARD_TAGS =
      Set.of(
          "code", "quote", "pre", "php", "html", "log", "b", "i", "font", "size", "color",
          "spoiler");

  private static final Map<String, String> ENTITIES =
      Map.ofEntries(
          Map.entry("&lt;", "<"),
          Map.entry("&gt;", ">"),
          Map.entry("&quot;", "\""),
          Map.entry("&nbsp;", " "),
          Map.entry("&#160;", " "),
          Map.entry("&apos;", "'"),
          Map.entry("&colon;", ":"),
          Map.entry("&sol;", "/"),
          Map.entry("&lsqb;", "["),
          Map.entry("&lbrack;", "["),
          Map.entry("&rsqb;", "]"),
          Map.entry("&rbrack;", "]"),
          Map.entry("&period;", "."),
          Map.entry("&comma;", ","),
          Map.entry("&lowbar;", "_"),
          Map.entry("&num;", "#"),
          Map.entry("&equals;", "="),
          Map.entry("&amp;", "&"));

  private static final String ESCAPED = "[]_*<>`#.-";

  private static final int MOST_ENTITY = 8;
  private static final int MOST_LINK_TEXT = 253;
  private static final int MOST_LINK = 300;
  private static final int MOST_ATTRIBUTES = 200;

  private Markup() {}

  /** Whether it is the name of a tag that says how a text looks. */
  static boolean isTag(String name) {
    return TAGS.contains(name.toLowerCase(Locale.ROOT));
  }

  /** The line as it was in the log. */
  static String removed(String line) {
    String text = line;
    if (text.indexOf('\u001b') >= 0) {
      text = withoutColours(text);
    }
    text = withoutShownColours(text);
    text = text.replace('\t', ' ');
    if (text.indexOf('&') >= 0 && text.indexOf(';') >= 0) {
      text = withoutEntities(text);
      text = text.contains("&#") ? withoutEntities(text) : text; // What was escaped twice.
    }
    if (text.stripLeading().startsWith("{")) {
      return text; // JSON has escapes of its own.
    }
    if (text.indexOf('\\') >= 0) {
      text = withoutEscapes(text);
    }
    if (text.contains("](")) {
      text = withoutLinks(text);
    }
    if (text.contains("<http")) {
      text = withoutAddresses(text);
    }
    if (text.contains("|http") || text.contains("<http")) {
      text = withoutNamedLinks(text);
    }
    return withoutTags(text);
  }

  /** {@code ^[[36m} at a line's beginning and in it, or {@code [36m} at both ends. */
  private static String withoutShownColours(String line) {
    if (line.startsWith("^[[")) {
      return withoutColours(line.replace("^[[", "\u001b["));
    }
    int start = 0;
    for (int end = colourEnd(line, 0); end > start; end = colourEnd(line, start)) {
      start = end;
    }
    if (start == 0) {
      return line;
    }
    int end = line.length();
    for (int open = line.lastIndexOf('[');
        open > start && colourEnd(line, open) == end;
        open = line.lastIndexOf('[', open - 1)) {
      end = open;
    }
    return line.substring(start, end);
  }

  /** What follows {@code [0;36m}; the place itself where none stands there. */
  private static int colourEnd(String line, int from) {
    int at = from + 1;
    while (at < line.length() && ";0123456789".indexOf(line.charAt(at)) >= 0) {
      at++;
    }
    return line.startsWith("[", from) && line.startsWith("m", at) ? at + 1 : from;
  }

  /** {@code mail.example <http://mail.example/>}, which a mail program makes of a name. */
  private static String withoutAddresses(String line) {
    StringBuilder text = new StringBuilder(line.length());
    int from = 0;
    for (int at = line.indexOf("<http"); at >= 0; at = line.indexOf("<http", at + 1)) {
      int name = line.indexOf("://", at) + 3;
      int close = line.indexOf('>', at);
      if (name < 3 || close < name || close - at > MOST_LINK) {
        continue;
      }
      String address = line.substring(name, close);
      String host = address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
      String before = line.substring(from, at).stripTrailing();
      if (!host.isEmpty() && before.endsWith(host)) {
        text.append(before);
        from = close + 1;
      }
    }
    return text.append(line, from, line.length()).toString();
  }

  /** ECMA-48: a control sequence ends with a letter or its like. */
  private static String withoutColours(String line) {
    StringBuilder text = new StringBuilder(line.length());
    int at = 0;
    while (at < line.length()) {
      char here = line.charAt(at);
      if (here != '\u001b') {
        text.append(here);
        at++;
      } else if (!line.startsWith("[", at + 1)) {
        at += 2;
      } else {
        at += 2;
        while (at < line.length() && line.charAt(at) < '@') {
          at++;
        }
        at++;
      }
    }
    return text.toString();
  }

  private static String withoutEntities(String line) {
    StringBuilder text = new StringBuilder(line.length());
    int at = 0;
    while (at < line.length()) {
      String word = line.charAt(at) == '&' ? entity(line, at) : "";
      String meant = ENTITIES.getOrDefault(word, numbered(word));
      text.append(meant.isEmpty() ? line.substring(at, at + 1) : meant);
      at += meant.isEmpty() ? 1 : word.length();
    }
    return text.toString();
  }

  /**
   * The character of a numeric entity, decimal or hexadecimal; empty where it can't be in a line.
   */
  private static String numbered(String entity) {
    if (!entity.startsWith("&#")) {
      return "";
    }
    boolean isHexadecimal = entity.startsWith("x", 2) || entity.startsWith("X", 2);
    String digits = entity.substring(isHexadecimal ? 3 : 2, entity.length() - 1);
    int radix = isHexadecimal ? 16 : 10;
    boolean isNumber =
        !digits.isEmpty() && digits.chars().allMatch(here -> Character.digit(here, radix) >= 0);
    int character = isNumber ? Integer.parseInt(digits, radix) : 0;
    return character >= ' ' && character < 127 ? Character.toString(character) : "";
  }

  private static String entity(String line, int at) {
    for (int end = at + 1; end < line.length() && end - at < MOST_ENTITY; end++) {
      if (line.charAt(end) == ';') {
        return line.substring(at, end + 1);
      }
    }
    return "";
  }

  private static String withoutEscapes(String line) {
    StringBuilder text = new StringBuilder(line.length());
    for (int at = 0; at < line.length(); at++) {
      boolean isEscape =
          line.charAt(at) == '\\'
              && at + 1 < line.length()
              && ESCAPED.indexOf(line.charAt(at + 1)) >= 0;
      at += isEscape ? 1 : 0;
      text.append(line.charAt(at));
    }
    return text.toString();
  }

  /** {@code [mail.example|http://mail.example]} and {@code <http://mail.example|mail.example>}. */
  private static String withoutNamedLinks(String line) {
    StringBuilder text = new StringBuilder(line.length());
    int from = 0;
    int open = 0; // Where the word began, and within it the last bracket.
    int bar = -1;
    for (int at = 0; at < line.length(); at++) {
      char here = line.charAt(at);
      if (" [<".indexOf(here) >= 0) {
        open = at;
        bar = -1;
      } else if (here == '|' && bar < 0) {
        bar = at;
      } else if ("]>".indexOf(here) >= 0 && bar > open) {
        boolean isNameFirst = line.charAt(open) == '[' && line.startsWith("http", bar + 1);
        boolean isLink = isNameFirst || line.startsWith("<http", open);
        if (isLink && at - open <= MOST_LINK) {
          text.append(line, from, open)
              .append(isNameFirst ? line.substring(open + 1, bar) : line.substring(bar + 1, at));
          from = at + 1;
        }
        bar = -1;
      }
    }
    return text.append(line, from, line.length()).toString();
  }

  /** {@code [mail.example](http://mail.example/)}. */
  private static String withoutLinks(String line) {
    StringBuilder text = new StringBuilder(line.length());
    int open = -1; // Where in the text the last bracket is that nothing has closed.
    int at = 0;
    while (at < line.length()) {
      char here = line.charAt(at);
      if (here == '[') {
        open = text.length();
      }
      int end = here == ']' && open >= 0 ? linkEnd(line, at + 1) : -1;
      int shown = text.length() - open - 1;
      if (end > 0 && shown > 0 && shown <= MOST_LINK_TEXT) {
        text.deleteCharAt(open);
        at = end;
      } else {
        text.append(here);
        at++;
      }
      open = here == ']' ? -1 : open;
    }
    return text.toString();
  }

  /** What follows {@code (http:...)}; -1 where none stands there. */
  private static int linkEnd(String line, int from) {
    boolean isLink =
        line.startsWith("(http:", from)
            || line.startsWith("(https:", from)
            || line.startsWith("(mailto:", from);
    for (int at = from + 1; isLink && at < line.length() && at - from < MOST_LINK; at++) {
      char here = line.charAt(at);
      if (here == ')') {
        return at + 1;
      }
      if (here == '(' || here == ' ') {
        return -1;
      }
    }
    return -1;
  }

  private static String withoutTags(String line) {
    String bare = line.stripLeading();
    if (bare.isEmpty()) {
      return line;
    }
    char first = bare.charAt(0);
    String text = first == '<' || first == '[' ? withoutOpening(line) : line;
    if (first == '<' && text.length() < line.length() && text.indexOf('<') >= 0) {
      return withoutTagsWithin(text); // The source of a page, in which no text has a bracket.
    }
    char last = line.charAt(line.length() - 1);
    // A client's address ends with a bracket too, in every other line of a log.
    boolean mayClose = " >`*".indexOf(last) >= 0 || (last == ']' && line.contains("[/"));
    return mayClose ? withoutClosing(text) : text;
  }

  private static String withoutTagsWithin(String line) {
    StringBuilder text = new StringBuilder(line.length());
    int at = 0;
    while (at < line.length()) {
      int end = line.charAt(at) == '<' ? afterTag(line, at) : at;
      if (end == at) {
        text.append(line.charAt(at));
        end++;
      } else if (line.startsWith("</t", at) || line.startsWith("<br", at)) {
        text.append(' '); // Words in two cells are two words.
      }
      at = end;
    }
    return text.toString().stripTrailing();
  }

  private static String withoutOpening(String line) {
    int at = 0;
    int end = afterTag(line, 0);
    while (end > at) {
      at = end;
      end = afterTag(line, at);
    }
    return line.substring(at);
  }

  /** What follows blanks and a tag; the place itself where none stands there. */
  private static int afterTag(String line, int from) {
    int at = from;
    while (at < line.length() && line.charAt(at) == ' ') {
      at++;
    }
    if (at == line.length() || (line.charAt(at) != '<' && line.charAt(at) != '[')) {
      return from;
    }
    boolean isBoard = line.charAt(at) == '[';
    char close = isBoard ? ']' : '>';
    int most = Math.min(line.length(), at + MOST_ATTRIBUTES);
    for (int end = at + 1; end < most; end++) {
      char here = line.charAt(end);
      if (here == close) {
        return isTag(line.substring(at + 1, end), isBoard) ? end + 1 : from;
      }
      if (here == '<' || here == '[') {
        return from;
      }
    }
    return from;
  }

  /** Whether what stands between the brackets is a tag, with attributes maybe. */
  private static boolean isTag(String inside, boolean isBoard) {
    String name = inside.startsWith("/") ? inside.substring(1) : inside;
    int end = 0;
    while (end < name.length() && Character.isLetter(name.charAt(end))) {
      end++;
    }
    String rest = name.substring(end);
    boolean isEnded =
        rest.isEmpty() || (isBoard ? rest.startsWith("=") : " /".indexOf(rest.charAt(0)) >= 0);
    return isEnded
        && (isBoard ? BOARD_TAGS : TAGS).contains(name.substring(0, end).toLowerCase(Locale.ROOT));
  }

  private static String withoutClosing(String line) {
    int end = line.length();
    int before = closingStart(line, end);
    while (before < end) {
      end = before;
      before = closingStart(line, end);
    }
    return line.substring(0, end);
  }

  /** Where the mark begins that ends at the place; the place itself where none does. */
  private static int closingStart(String line, int end) {
    if (end == 0) {
      return end;
    }
    char last = line.charAt(end - 1);
    if (last == ' ' || last == '`') {
      return end - 1;
    }
    if (last == '*') {
      return end > 1 && line.charAt(end - 2) == '*' ? end - 2 : end;
    }
    int open = last == '>' || last == ']' ? line.lastIndexOf(last == '>' ? '<' : '[', end - 1) : -1;
    boolean isTag =
        open >= 0
            && end - open <= "</blockquote />".length()
            && (last == '>' || line.startsWith("/", open + 1))
            && isTag(line.substring(open + 1, end - 1), last == ']');
    return isTag ? open : end;
  }
}
