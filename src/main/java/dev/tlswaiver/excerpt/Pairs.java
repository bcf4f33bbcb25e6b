package dev.tlswaiver.excerpt;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Fields that are no JSON, but can be: {@code name="value"} and what Ruby shows. */
final class Pairs {
  private Pairs() {}

  /** {@code ts=2026-03-01T10:00:00Z app=postfix/smtpd msg="..."} as a document. */
  static Optional<String> json(String line) {
    Map<String, String> fields = new LinkedHashMap<>();
    int at = 0;
    while (at < line.length()) {
      int equals = nameEnd(line, at);
      if (equals == at || equals == line.length() || line.charAt(equals) != '=') {
        return Optional.empty();
      }
      int end = valueEnd(line, equals + 1);
      String value = line.substring(equals + 1, end);
      boolean isQuoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
      fields.putIfAbsent(
          line.substring(at, equals),
          isQuoted ? unescaped(value.substring(1, value.length() - 1)) : value);
      at = end;
      while (at < line.length() && line.charAt(at) == ' ') {
        at++;
      }
    }
    return fields.size() < 2 ? Optional.empty() : Optional.of(CollectedJson.object(fields));
  }

  private static int nameEnd(String line, int from) {
    int at = from;
    while (at < line.length()
        && (Character.isLetterOrDigit(line.charAt(at)) || "_.@-".indexOf(line.charAt(at)) >= 0)) {
      at++;
    }
    return at;
  }

  private static int valueEnd(String line, int from) {
    boolean isQuoted = line.startsWith("\"", from);
    int at = isQuoted ? from + 1 : from;
    while (at < line.length() && line.charAt(at) != (isQuoted ? '"' : ' ')) {
      at += isQuoted && line.charAt(at) == '\\' ? 2 : 1;
    }
    return Math.min(line.length(), isQuoted ? at + 1 : at);
  }

  private static String unescaped(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      boolean isEscape = text.charAt(i) == '\\' && i + 1 < text.length();
      i += isEscape ? 1 : 0;
      plain.append(text.charAt(i));
    }
    return plain.toString();
  }

  /** Fluent Bit's {@code [0] mail: [1772359200.0, {"log"=>"..."}]} as a document. */
  static Optional<String> ruby(String line) {
    int close = line.indexOf("] ");
    int open = line.indexOf(": [", Math.max(0, close));
    boolean isForm =
        line.startsWith("[")
            && close > 1
            && line.substring(1, close).chars().allMatch(here -> here >= '0' && here <= '9')
            && open > 0
            && line.indexOf("\"=>", open) > 0;
    if (!isForm) {
      return Optional.empty();
    }
    int time = open + 2;
    while (time < line.length() && line.charAt(time) == '[') {
      time++;
    }
    int timeEnd = time;
    while (timeEnd < line.length() && ".0123456789".indexOf(line.charAt(timeEnd)) >= 0) {
      timeEnd++;
    }
    return Optional.of(
        "{\"time\":\""
            + line.substring(time, timeEnd)
            + "\",\"event\":"
            + lenient(line.substring(open + 2))
            + "}");
  }

  /** What Ruby and Python show of a hash, as the document that it nearly is. */
  static String lenient(String hash) {
    StringBuilder json = new StringBuilder(hash.length());
    int at = 0;
    while (at < hash.length()) {
      char here = hash.charAt(at);
      if (here == '"' || here == '\'') {
        at = copyText(hash, at, json);
      } else if (hash.startsWith("=>", at)) {
        json.append(':');
        at += 2;
      } else if ("{}[]:, ".indexOf(here) >= 0) {
        json.append(here);
        at++;
      } else {
        int end = wordEnd(hash, at);
        json.append(word(hash.substring(at, end)));
        at = end;
      }
    }
    return json.toString();
  }

  /** Copies a text in quotes of either kind; the place behind it. */
  private static int copyText(String hash, int open, StringBuilder json) {
    char quote = hash.charAt(open);
    int at = open + 1;
    json.append('"');
    while (at < hash.length() && hash.charAt(at) != quote) {
      boolean isEscape = hash.charAt(at) == '\\' && at + 1 < hash.length();
      char here = hash.charAt(isEscape ? at + 1 : at);
      boolean isKept = isEscape && here != '\'';
      json.append(isKept || here == '"' ? "\\" : "").append(here);
      at += isEscape ? 2 : 1;
    }
    json.append('"');
    return at + 1;
  }

  private static int wordEnd(String hash, int from) {
    int at = from;
    while (at < hash.length()
        && ",}] ".indexOf(hash.charAt(at)) < 0
        && !hash.startsWith("=>", at)) {
      at++;
    }
    return at;
  }

  /** A number, or a word of theirs for one of JSON's, or a time that has no quotes. */
  private static String word(String word) {
    return switch (word) {
      case "nil", "None" -> "null";
      case "true", "True" -> "true";
      case "false", "False" -> "false";
      default ->
          word.chars().allMatch(here -> "0123456789.-".indexOf(here) >= 0)
              ? word
              : "\"" + word.replace("\\", "").replace("\"", "") + "\"";
    };
  }
}
