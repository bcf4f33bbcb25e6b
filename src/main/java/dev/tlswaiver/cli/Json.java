package dev.tlswaiver.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.tlswaiver.guard.Alarms;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.maillog.SyslogMessage;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.report.Comparison;
import dev.tlswaiver.report.Explanation;
import dev.tlswaiver.report.Replay;
import dev.tlswaiver.report.Report;
import dev.tlswaiver.report.WaiverJson;
import dev.tlswaiver.waiver.Waiver;
import java.util.List;
import java.util.Optional;

/** The JSON that the commands print. Field names are a contract: they are only ever added to. */
final class Json {
  private Json() {}

  /** The object's text, ended by a newline. */
  static String text(JsonElement element) {
    return WaiverJson.text(element);
  }

  static JsonObject of(Report report) {
    JsonObject json = new JsonObject();
    json.addProperty("lines", report.lines());
    json.addProperty("postfix_lines", report.postfixLines());
    json.addProperty("unrecognized", report.unrecognized());
    json.addProperty("gaps", report.gaps());
    json.add("from", orNull(report.from()));
    json.add("to", orNull(report.to()));
    JsonArray failures = new JsonArray();
    for (Report.Failure failure : report.failures()) {
      JsonObject row = new JsonObject();
      row.add("name", orNull(failure.name()));
      row.add("address", orNull(failure.address()));
      row.add("pool", orNull(failure.pool()));
      row.addProperty("service", failure.service());
      row.addProperty("reason", failure.reason().label());
      row.add("openssl", orNull(failure.openssl()));
      row.addProperty("late", failure.late());
      row.addProperty("count", failure.count());
      row.add("first", orNull(failure.first()));
      row.add("last", orNull(failure.last()));
      failures.add(row);
    }
    json.add("failures", failures);
    JsonArray established = new JsonArray();
    for (Report.Established row : report.established()) {
      JsonObject object = new JsonObject();
      object.addProperty("service", row.service());
      object.addProperty("protocol", row.protocol());
      object.addProperty("cipher", row.cipher());
      object.addProperty("bits", row.bits());
      object.addProperty("count", row.count());
      object.addProperty("peers", row.peers());
      established.add(object);
    }
    json.add("established", established);
    JsonArray faults = new JsonArray();
    for (Report.OwnFaults fault : report.ownFaults()) {
      JsonObject row = new JsonObject();
      row.addProperty("text", fault.text());
      row.addProperty("count", fault.count());
      faults.add(row);
    }
    json.add("own_faults", faults);
    JsonArray plaintext = new JsonArray();
    for (Report.PlaintextAfterFailure fallBack : report.plaintextAfterFailure()) {
      JsonObject row = new JsonObject();
      row.addProperty("pool", fallBack.pool().id());
      row.addProperty("messages", fallBack.messages());
      plaintext.add(row);
    }
    json.add("plaintext_after_failure", plaintext);
    return json;
  }

  static JsonObject of(Replay replay) {
    JsonObject json = new JsonObject();
    json.addProperty("handshakes", replay.handshakes());
    json.addProperty("failed", replay.failed());
    JsonArray waivers = new JsonArray();
    for (Waiver waiver : replay.waivers()) {
      JsonObject row = WaiverJson.of(waiver);
      Optional<Replay.Loss> loss = Optional.ofNullable(replay.losses().get(waiver.id()));
      row.addProperty("lost_before", loss.map(Replay.Loss::before).orElse(0));
      row.addProperty("lost_after", loss.map(Replay.Loss::after).orElse(0));
      row.addProperty("plaintext_before", loss.map(Replay.Loss::plaintextBefore).orElse(0));
      row.addProperty("plaintext_after", loss.map(Replay.Loss::plaintextAfter).orElse(0));
      waivers.add(row);
    }
    json.add("waivers", waivers);
    JsonArray alarms = new JsonArray();
    for (Alarms.Alarm alarm : replay.alarms()) {
      JsonObject row = new JsonObject();
      row.addProperty("at", alarm.at().toString());
      row.addProperty("guard", alarm.objection().guard().label());
      row.add("pool", orNull(alarm.pool()));
      row.addProperty("text", alarm.objection().text());
      alarms.add(row);
    }
    json.add("alarms", alarms);
    JsonArray timeline = new JsonArray();
    for (Replay.Moment moment : replay.timeline()) {
      JsonObject row = new JsonObject();
      row.addProperty("at", moment.at().toString());
      row.addProperty("kind", moment.kind().label());
      row.add("pool", orNull(moment.pool()));
      row.add(
          "waiver", moment.waiver().<JsonElement>map(JsonPrimitive::new).orElse(JsonNull.INSTANCE));
      row.addProperty("text", moment.text());
      timeline.add(row);
    }
    json.add("timeline", timeline);
    json.add("plaintext_after_failure", plaintext(replay.plaintextAfterFailure()));
    return json;
  }

  static JsonObject of(Comparison comparison) {
    JsonArray differences = new JsonArray();
    for (Comparison.Difference difference : comparison.differences()) {
      JsonObject row = new JsonObject();
      row.addProperty("pool", difference.pool().id());
      row.addProperty("kind", difference.kind().label());
      row.addProperty("text", difference.text());
      differences.add(row);
    }
    JsonObject json = new JsonObject();
    json.add("first", of(comparison.first().replay()));
    json.add("second", of(comparison.second().replay()));
    json.add("differences", differences);
    return json;
  }

  private static JsonArray plaintext(List<Report.PlaintextAfterFailure> fallBacks) {
    JsonArray rows = new JsonArray();
    for (Report.PlaintextAfterFailure fallBack : fallBacks) {
      JsonObject row = new JsonObject();
      row.addProperty("pool", fallBack.pool().id());
      row.addProperty("messages", fallBack.messages());
      rows.add(row);
    }
    return rows;
  }

  static JsonObject of(Explanation explanation) {
    JsonArray lines = new JsonArray();
    for (Explanation.Line line : explanation.lines()) {
      Optional<SyslogMessage> message = line.message().filter(it -> !it.service().isEmpty());
      JsonObject row = new JsonObject();
      row.addProperty("text", line.text());
      row.add("time", orNull(line.message().flatMap(SyslogMessage::time)));
      row.add("host", orNull(message.flatMap(SyslogMessage::host)));
      row.add("service", orNull(message.map(SyslogMessage::service)));
      row.add("instance", orNull(message.map(SyslogMessage::instance)));
      row.add(
          "pid",
          message
              .flatMap(SyslogMessage::pid)
              .<JsonElement>map(JsonPrimitive::new)
              .orElse(JsonNull.INSTANCE));
      row.addProperty("record", line.record().word());
      row.add("name", orNull(line.peer().flatMap(Peer::name)));
      row.add("address", orNull(line.peer().flatMap(Peer::address)));
      row.add("reason", orNull(line.reason().map(Reason::label)));
      row.add("openssl", orNull(line.openssl()));
      row.add("hello", line.hello().<JsonElement>map(WaiverJson::of).orElse(JsonNull.INSTANCE));
      row.addProperty("sentence", line.sentence());
      lines.add(row);
    }
    JsonObject json = new JsonObject();
    json.add("lines", lines);
    return json;
  }

  private static JsonElement orNull(Optional<?> value) {
    return value
        .<JsonElement>map(present -> new JsonPrimitive(present.toString()))
        .orElse(JsonNull.INSTANCE);
  }
}
