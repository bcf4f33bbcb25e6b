package dev.tlswaiver.agent;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.tlswaiver.handshake.Notes;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Lines that could not be read: the last few of each kind, for {@code tlswaiver support}. They are
 * noted in the ledger, in the same transaction as the place behind them. Used by one thread.
 *
 * <p>A note, under its kind:
 *
 * <pre>
 * {"count": 4, "first": "2026-03-01T10:00:00Z", "last": "2026-03-01T10:09:00Z", "lines": ["Mar  1 ..."]}
 * </pre>
 */
final class Quarantine {
  /** Whose the notes are, in the ledger. */
  static final String NAME = "quarantine";

  /** What is thrown and where: a program has few ways to fail. The rest is put together. */
  static final int MOST_KINDS = 32;

  static final int MOST_LINES_EACH = 3;

  /** The beginning of a line shows what it is; what makes it unreadable is often its length. */
  static final int MOST_CHARACTERS = 2_048;

  private static final String REST = "of other kinds";

  private static final class Kind {
    private long count;
    private Instant first = Instant.EPOCH;
    private Instant last = Instant.EPOCH;
    private final Deque<String> lines = new ArrayDeque<>();

    String json() {
      JsonObject json = new JsonObject();
      json.addProperty("count", count);
      json.addProperty("first", first.toString());
      json.addProperty("last", last.toString());
      JsonArray rows = new JsonArray();
      lines.forEach(rows::add);
      json.add("lines", rows);
      return json.toString();
    }
  }

  private final Map<String, Kind> kinds = new LinkedHashMap<>();
  private final Notes notes = new Notes();

  /** What a restart needs, and support. */
  Notes notes() {
    return notes;
  }

  /** Takes up what an earlier run noted. */
  void restore(String name, String noted) {
    JsonObject json = JsonParser.parseString(noted).getAsJsonObject();
    Kind kind = new Kind();
    kind.count = json.get("count").getAsLong();
    kind.first = Instant.parse(json.get("first").getAsString());
    kind.last = Instant.parse(json.get("last").getAsString());
    for (JsonElement line : json.getAsJsonArray("lines")) {
      kind.lines.addLast(line.getAsString());
    }
    kinds.put(name, kind);
    notes.restored(name);
  }

  /** What is noted under a kind, for a person to read: each line as it was in the log. */
  static String text(String name, String noted) {
    JsonObject json = JsonParser.parseString(noted).getAsJsonObject();
    StringBuilder text = new StringBuilder();
    text.append(name).append(": ").append(json.get("count").getAsLong()).append(" times, from ");
    text.append(json.get("first").getAsString()).append(" to ");
    text.append(json.get("last").getAsString()).append('\n');
    json.getAsJsonArray("lines").forEach(line -> text.append(line.getAsString()).append('\n'));
    return text.toString();
  }

  /**
   * Keeps a line.
   *
   * @return whether it is the first of its kind
   */
  boolean setAside(String what, String line, Instant at) {
    String name = kinds.containsKey(what) || kinds.size() < MOST_KINDS - 1 ? what : REST;
    boolean isNews = !kinds.containsKey(name);
    Kind kind = kinds.computeIfAbsent(name, unseen -> new Kind());
    kind.first = kind.count == 0 ? at : kind.first;
    kind.last = at;
    kind.count++;
    kind.lines.addLast(line.substring(0, Math.min(line.length(), MOST_CHARACTERS)));
    if (kind.lines.size() > MOST_LINES_EACH) {
      kind.lines.removeFirst();
    }
    notes.put(name, kind::json);
    return isNews;
  }
}
