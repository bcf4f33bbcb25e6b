package dev.tlswaiver.maillog;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A log line that is wrapped in JSON: an entry of the systemd journal ({@code journalctl -o json}),
 * or one of a container engine's json-file driver. A field of a kind that does not belong there is
 * one that is missing.
 *
 * @param text the line in the form that a log file would have
 * @param cursor the journal's cursor of it; empty for a container's
 * @param isWhole whether its message is there; journalctl leaves out one above 4 KiB
 */
public record JsonLine(String text, Optional<String> cursor, boolean isWhole) {
  private static final long LAST_SYSTEM_USER = 999;
  private static final String MESSAGE = "MESSAGE";
  private static final String UNIT = "_SYSTEMD_UNIT";
  private static final List<String> LIBRARIES =
      List.of("/lib/postfix/", "/lib64/postfix/", "/libexec/postfix/");

  /**
   * The wrapped line; empty where it is none, or not Postfix's. Only fields that journald itself
   * sets say what is Postfix: any user may write a line that calls itself so.
   */
  public static Optional<JsonLine> find(String entry) {
    return fields(entry)
        .flatMap(
            fields ->
                fields.containsKey(MESSAGE)
                    ? journal(fields).filter(line -> isPostfix(fields))
                    : container(fields));
  }

  /** An entry of the journal, whoever wrote it; empty where it is none. */
  public static Optional<JsonLine> entry(String entry) {
    return fields(entry).flatMap(JsonLine::journal);
  }

  /**
   * What stands in an object itself, by name. journald writes what is not UTF-8 as an array of
   * bytes, and what was left out as null, which is no text here.
   */
  private static Optional<Map<String, Optional<String>>> fields(String json) {
    return JsonTexts.find(json).filter(texts -> json.strip().startsWith("{")).map(JsonLine::byName);
  }

  private static Map<String, Optional<String>> byName(List<JsonTexts.Text> texts) {
    Map<String, Optional<String>> fields = new HashMap<>();
    Map<String, StringBuilder> arrays = new HashMap<>();
    for (JsonTexts.Text text : texts) {
      int number = text.path().indexOf(".#");
      if (number >= 0) {
        arrays
            .computeIfAbsent(text.path().substring(0, number), unseen -> new StringBuilder())
            .append(octet(text.value()));
      } else if (text.path().indexOf('.') < 0) {
        boolean isNull = !text.isQuoted() && text.value().equals("null");
        fields.put(text.path(), isNull ? Optional.empty() : Optional.of(text.value()));
      }
    }
    arrays.forEach(
        (name, bytes) ->
            fields.putIfAbsent(
                name,
                Optional.of(
                    new String(
                        bytes.toString().getBytes(StandardCharsets.ISO_8859_1),
                        StandardCharsets.UTF_8))));
    return fields;
  }

  /** The byte that a number in journald's array stands for. */
  private static char octet(String number) {
    return (char) (Digits.find(number).orElse((int) '?') & 0xFF);
  }

  private static boolean isPostfix(Map<String, Optional<String>> fields) {
    boolean isTrusted = isUnit(text(fields, UNIT)) || isProgram(text(fields, "_EXE"));
    // Postfix runs its users' commands in its own unit, and users may run its programs.
    String user = text(fields, "_UID");
    boolean isUsers =
        !user.isEmpty() && Digits.find(user).filter(id -> id <= LAST_SYSTEM_USER).isEmpty();
    // An export that was cut down to a few fields says nothing.
    boolean isCutDown =
        !fields.containsKey(UNIT) && !fields.containsKey("_EXE") && !fields.containsKey("_UID");
    boolean isJournald = text(fields, "_TRANSPORT").equals("driver");
    return (isTrusted && !isUsers) || isCutDown || isJournald;
  }

  /** {@code postfix.service}, {@code postfix@-.service}. */
  private static boolean isUnit(String unit) {
    return unit.equals("postfix.service")
        || (unit.startsWith("postfix@") && unit.endsWith(".service") && unit.indexOf('/') < 0);
  }

  private static boolean isProgram(String file) {
    String under =
        file.startsWith("/usr/local/")
            ? file.substring(10)
            : file.startsWith("/usr/") ? file.substring(4) : "";
    return LIBRARIES.stream()
        .anyMatch(folder -> under.startsWith(folder) && under.length() > folder.length());
  }

  private static Optional<JsonLine> journal(Map<String, Optional<String>> fields) {
    Optional<Instant> time = time(text(fields, "__REALTIME_TIMESTAMP"));
    String host = text(fields, "_HOSTNAME");
    return time.map(
        known ->
            new JsonLine(
                known
                    + " "
                    + (host.isEmpty() ? "localhost" : host)
                    + " "
                    + text(fields, "SYSLOG_IDENTIFIER")
                    + "["
                    + text(fields, fields.containsKey("SYSLOG_PID") ? "SYSLOG_PID" : "_PID")
                    + "]: "
                    + text(fields, MESSAGE).replace('\n', ' '),
                Optional.of(text(fields, "__CURSOR")),
                fields.getOrDefault(MESSAGE, Optional.of("")).isPresent()));
  }

  private static Optional<Instant> time(String micros) {
    try {
      return micros.isEmpty()
          ? Optional.empty()
          : Optional.of(Instant.EPOCH.plus(Long.parseLong(micros), ChronoUnit.MICROS));
    } catch (NumberFormatException | DateTimeException none) {
      return Optional.empty();
    }
  }

  /** {@code {"log": "...\n", "stream": "stdout", "time": "2026-03-01T10:00:00.5Z"}}. */
  private static Optional<JsonLine> container(Map<String, Optional<String>> fields) {
    String log = text(fields, "log").stripTrailing();
    return log.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new JsonLine(
                (text(fields, "time") + " " + log.replace('\n', ' ')).strip(),
                Optional.empty(),
                true));
  }

  private static String text(Map<String, Optional<String>> fields, String name) {
    return fields.getOrDefault(name, Optional.empty()).orElse("");
  }
}
