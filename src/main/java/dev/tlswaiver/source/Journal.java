package dev.tlswaiver.source;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The systemd journal, followed with journalctl(1). Only fields that journald itself sets say what
 * is Postfix: any user may write a line that calls itself so.
 */
public final class Journal implements Source {
  private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
  private static final String CURSOR = "journal:";

  private final Process process;
  private final Thread thread;

  private Journal(Process process, LogListener listener, InstantSource clock) {
    this.process = process;
    this.thread = new Thread(() -> read(listener, clock), "journal");
    thread.setDaemon(true);
  }

  /**
   * Begins to follow the journal.
   *
   * @param start where to go on; without it, at the end
   * @throws IOException if journalctl can't be started
   */
  public static Journal follow(Optional<Cursor> start, LogListener listener, InstantSource clock)
      throws IOException {
    List<String> command =
        new ArrayList<>(List.of("journalctl", "--output=json", "--follow", "--no-pager"));
    Optional<String> place =
        start
            .map(Cursor::text)
            .filter(text -> text.startsWith(CURSOR))
            .map(text -> text.substring(CURSOR.length()));
    command.add(place.map(cursor -> "--after-cursor=" + cursor).orElse("--lines=0"));
    Journal journal =
        new Journal(
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start(),
            listener,
            clock);
    journal.thread.start();
    return journal;
  }

  private void read(LogListener listener, InstantSource clock) {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String entry = reader.readLine(); entry != null; entry = reader.readLine()) {
        line(entry)
            .ifPresent(
                line ->
                    listener.line(
                        new LogLine(
                            line.text(), clock.instant(), new Cursor(CURSOR + line.cursor()))));
      }
    } catch (IOException ended) {
      LOG.warn("the journal ends: {}", ended.getMessage());
    }
  }

  /** A line of the journal as a log line, and the place after it. */
  record Line(String text, String cursor) {}

  /** One entry in the form that a log file would have; empty where it is not Postfix's. */
  static Optional<Line> line(String entry) {
    try {
      JsonObject json = JsonParser.parseString(entry).getAsJsonObject();
      String unit = text(json, "_SYSTEMD_UNIT");
      String program = text(json, "_EXE");
      if (!unit.startsWith("postfix") && !program.contains("/postfix/")) {
        return Optional.empty();
      }
      long micros = Long.parseLong(text(json, "__REALTIME_TIMESTAMP"));
      String pid = text(json, json.has("SYSLOG_PID") ? "SYSLOG_PID" : "_PID");
      String host = text(json, "_HOSTNAME");
      return Optional.of(
          new Line(
              java.time.Instant.EPOCH.plus(micros, ChronoUnit.MICROS)
                  + " "
                  + (host.isEmpty() ? "localhost" : host)
                  + " "
                  + text(json, "SYSLOG_IDENTIFIER")
                  + "["
                  + pid
                  + "]: "
                  + text(json, "MESSAGE").replace('\n', ' '),
              text(json, "__CURSOR")));
    } catch (JsonParseException | IllegalStateException | NumberFormatException odd) {
      return Optional.empty();
    }
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

  @Override
  public boolean isFollowing() {
    return process.isAlive();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return "the journal";
  }
}
