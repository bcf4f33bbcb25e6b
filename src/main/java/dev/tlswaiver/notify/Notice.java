package dev.tlswaiver.notify;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.tlswaiver.guard.Alarms.Alarm;
import dev.tlswaiver.report.WaiverJson;
import dev.tlswaiver.report.WaiverText;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.time.Instant;
import java.util.Optional;

/**
 * One thing to be told. Its JSON, which a command reads and the ledger keeps:
 *
 * <pre>
 * {"id": "waiver-41-2", "event": "active", "at": "2026-03-01T10:00:02Z",
 *  "subject": "waiver 41 ACTIVE: oldbank.example, rung legacy", "text": "waiver 41 PROPOSED -> ...",
 *  "waiver": {... as list --format json ...}, "alarm": null}
 * </pre>
 *
 * <p>{@code waiver} and {@code alarm} are null where it is not about one. Fields are only ever
 * added to.
 *
 * @param id the same however often it is told
 * @param subject one short line
 * @param text for a person
 */
public record Notice(
    String id,
    Topic topic,
    Instant at,
    String subject,
    String text,
    Optional<JsonObject> waiver,
    Optional<JsonObject> alarm) {
  private static final int MOST_IN_SUBJECT = 160;

  /** What a pipe takes without anybody reading: a command that does not read must not block us. */
  public static final int MOST_IN_JSON = 32 * 1024;

  public Notice {
    subject = line(subject, MOST_IN_SUBJECT);
    text = text.replaceAll("[\\p{Cc}\\p{Cf}&&[^\n]]", "?");
  }

  /** A line without anything that ends a header or moves a terminal, and in ASCII. */
  private static String line(String text, int most) {
    String printable = text.replaceAll("[^ -~]", "?");
    return printable.length() <= most ? printable : printable.substring(0, most - 3) + "...";
  }

  /** That a waiver came to its state. */
  public static Notice of(Topic topic, Optional<State> before, Waiver waiver, Instant at) {
    return new Notice(
        "waiver-" + waiver.id() + "-" + waiver.history().size(),
        topic,
        at,
        "waiver "
            + waiver.id()
            + " "
            + waiver.state()
            + ": "
            + waiver.pool()
            + ", rung "
            + waiver.rung().label(),
        WaiverText.transition(before, waiver) + "\n\n" + next(topic, waiver) + "\n",
        Optional.of(WaiverJson.of(waiver)),
        Optional.empty());
  }

  private static String next(Topic topic, Waiver waiver) {
    String show = "The whole story: tlswaiver show " + waiver.id();
    return switch (topic) {
      case PROPOSED ->
          show + "\nIn mode propose it waits for your word: tlswaiver approve " + waiver.id();
      case ACTIVE -> show + "\nTo take it back: tlswaiver revoke " + waiver.id();
      default -> show;
    };
  }

  public static Notice of(Alarm alarm) {
    JsonObject json = new JsonObject();
    json.addProperty("guard", alarm.objection().guard().label());
    json.add("pool", alarm.pool().map(pool -> text(pool.id())).orElse(JsonNull.INSTANCE));
    json.addProperty("text", alarm.objection().text());
    String whom = alarm.pool().map(pool -> ": " + pool).orElse("");
    return new Notice(
        "alarm-" + alarm.at().toEpochMilli() + "-" + Integer.toHexString(json.hashCode()),
        Topic.ALARM,
        alarm.at(),
        "alarm " + alarm.objection().guard().label() + whom,
        alarm.objection().text() + "\n",
        Optional.empty(),
        Optional.of(json));
  }

  private static JsonElement text(String word) {
    return new com.google.gson.JsonPrimitive(word);
  }

  public static Notice rolledBack(String why, Instant at) {
    return new Notice(
        "rolled-back-" + at.toEpochMilli(),
        Topic.ROLLED_BACK,
        at,
        "a plan was rolled back",
        why + "\n\nPostfix and nftables are as they were before. What is wrong: tlswaiver doctor\n",
        Optional.empty(),
        Optional.empty());
  }

  /** Any other, with an id of its own. */
  public static Notice plain(String id, Topic topic, Instant at, String subject, String text) {
    return new Notice(id, topic, at, subject, text, Optional.empty(), Optional.empty());
  }

  /** Its JSON on one line. */
  public String json() {
    String whole = json(waiver);
    if (whole.length() <= MOST_IN_JSON) {
      return whole;
    }
    // A hello may be long, and tlswaiver show has it.
    JsonObject less = waiver.map(JsonObject::deepCopy).orElseGet(JsonObject::new);
    less.add("hello", JsonNull.INSTANCE);
    String shorter = json(Optional.of(less));
    return shorter.length() <= MOST_IN_JSON ? shorter : json(Optional.empty());
  }

  private String json(Optional<JsonObject> shown) {
    JsonObject json = new JsonObject();
    json.addProperty("id", id);
    json.addProperty("event", topic.label());
    json.addProperty("at", at.toString());
    json.addProperty("subject", subject);
    json.addProperty("text", text);
    json.add("waiver", shown.<JsonElement>map(row -> row).orElse(JsonNull.INSTANCE));
    json.add("alarm", alarm.<JsonElement>map(row -> row).orElse(JsonNull.INSTANCE));
    return json.toString();
  }

  /** The notice that was written down like this; empty where that can't be told any more. */
  static Optional<Notice> parse(String text) {
    try {
      JsonObject json = JsonParser.parseString(text).getAsJsonObject();
      String event = json.get("event").getAsString();
      for (Topic topic : Topic.values()) {
        if (topic.label().equals(event)) {
          return Optional.of(
              new Notice(
                  json.get("id").getAsString(),
                  topic,
                  Instant.parse(json.get("at").getAsString()),
                  json.get("subject").getAsString(),
                  json.get("text").getAsString(),
                  object(json.get("waiver")),
                  object(json.get("alarm"))));
        }
      }
      return Optional.empty();
    } catch (JsonParseException | IllegalStateException | java.time.DateTimeException other) {
      return Optional.empty(); // From a later release.
    }
  }

  private static Optional<JsonObject> object(JsonElement element) {
    return element.isJsonObject() ? Optional.of(element.getAsJsonObject()) : Optional.empty();
  }
}
