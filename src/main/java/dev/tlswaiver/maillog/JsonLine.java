package dev.tlswaiver.maillog;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A log line that is wrapped in JSON: an entry of the systemd journal ({@code journalctl -o json}),
 * or one of a container engine's json-file driver.
 *
 * @param text the line in the form that a log file would have
 * @param cursor the journal's cursor of it; empty for a container's
 * @param isWhole whether its message is there; journalctl leaves out one above 4 KiB
 */
public record JsonLine(String text, Optional<String> cursor, boolean isWhole) {
  private static final long LAST_SYSTEM_USER = 999;
  private static final Pattern UNIT = Pattern.compile("postfix(?:@[^/]*)?\\.service");
  private static final Pattern PROGRAM =
      Pattern.compile("/usr/(?:local/)?(?:lib|lib64|libexec)/postfix/.+");

  /**
   * The wrapped line; empty where it is none, or not Postfix's. Only fields that journald itself
   * sets say what is Postfix: any user may write a line that calls itself so.
   */
  public static Optional<JsonLine> find(String entry) {
    try {
      JsonObject json = JsonParser.parseString(entry).getAsJsonObject();
      if (json.has("MESSAGE")) {
        return isPostfix(json) ? Optional.of(journal(json)) : Optional.empty();
      }
      return container(json);
    } catch (JsonParseException | IllegalStateException | NumberFormatException odd) {
      return Optional.empty();
    } catch (StackOverflowError tooDeep) {
      return Optional.empty(); // A stranger's brackets, thousands of them.
    }
  }

  /** An entry of the journal, whoever wrote it; empty where it is none. */
  public static Optional<JsonLine> entry(String entry) {
    try {
      return Optional.of(journal(JsonParser.parseString(entry).getAsJsonObject()));
    } catch (JsonParseException | IllegalStateException | NumberFormatException odd) {
      return Optional.empty();
    }
  }

  private static boolean isPostfix(JsonObject json) {
    boolean isTrusted =
        UNIT.matcher(text(json, "_SYSTEMD_UNIT")).matches()
            || PROGRAM.matcher(text(json, "_EXE")).matches();
    // Postfix runs its users' commands in its own unit, and users may run its programs.
    String user = text(json, "_UID");
    boolean isUsers = !user.isEmpty() && Long.parseLong(user) > LAST_SYSTEM_USER;
    // An export that was cut down to a few fields says nothing.
    boolean isCutDown = !json.has("_SYSTEMD_UNIT") && !json.has("_EXE") && !json.has("_UID");
    boolean isJournald = text(json, "_TRANSPORT").equals("driver");
    return (isTrusted && !isUsers) || isCutDown || isJournald;
  }

  private static JsonLine journal(JsonObject json) {
    long micros = Long.parseLong(text(json, "__REALTIME_TIMESTAMP"));
    String host = text(json, "_HOSTNAME");
    return new JsonLine(
        Instant.EPOCH.plus(micros, ChronoUnit.MICROS)
            + " "
            + (host.isEmpty() ? "localhost" : host)
            + " "
            + text(json, "SYSLOG_IDENTIFIER")
            + "["
            + text(json, json.has("SYSLOG_PID") ? "SYSLOG_PID" : "_PID")
            + "]: "
            + text(json, "MESSAGE").replace('\n', ' '),
        Optional.of(text(json, "__CURSOR")),
        !json.has("MESSAGE") || !json.get("MESSAGE").isJsonNull());
  }

  private static Optional<JsonLine> container(JsonObject json) {
    return json.has("log") ? line(json, "", text(json, "log")) : collected(json);
  }

  /** What collectors of logs write, each with names of its own for the same few fields. */
  private static Optional<JsonLine> collected(JsonObject json) {
    String text = any(json, "message", "msg", "MSG");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    String program =
        any(json, "syslogtag", "programname", "app-name", "appname", "program", "ident");
    String process = any(json, "procid", "pid", "PID");
    String tag =
        program.isEmpty() || program.endsWith(":")
            ? program
            : program + (process.isEmpty() ? "" : "[" + process + "]") + ":";
    String host = any(json, "hostname", "host", "fromhost", "HOST");
    return line(json, tag.isEmpty() ? "" : (host + " " + tag + " ").stripLeading(), text);
  }

  private static Optional<JsonLine> line(JsonObject json, String header, String text) {
    String time = any(json, "time", "@timestamp", "timestamp", "timereported", "DATE");
    return Optional.of(
        new JsonLine((time + " " + header + text.stripTrailing()).strip(), Optional.empty(), true));
  }

  /** The first of the fields that is there and is a word. */
  private static String any(JsonObject json, String... fields) {
    for (String field : fields) {
      if (json.get(field) instanceof JsonPrimitive value && !value.getAsString().isEmpty()) {
        return value.getAsString().replace('\n', ' ');
      }
    }
    return "";
  }

  /** A field's text; journald writes what is not UTF-8 as an array of bytes. */
  private static String text(JsonObject json, String field) {
    JsonElement value = json.get(field);
    if (value == null || value.isJsonNull()) {
      return "";
    }
    if (value instanceof JsonArray bytes) {
      byte[] raw = new byte[bytes.size()];
      for (int i = 0; i < raw.length; i++) {
        raw[i] = bytes.get(i).getAsByte();
      }
      return new String(raw, StandardCharsets.UTF_8);
    }
    return value.getAsString();
  }
}
