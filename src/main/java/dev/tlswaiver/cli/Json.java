package dev.tlswaiver.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.maillog.SyslogMessage;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.report.Explanation;
import dev.tlswaiver.report.Replay;
import dev.tlswaiver.report.Report;
import dev.tlswaiver.store.Totals;
import dev.tlswaiver.waiver.Proof;
import dev.tlswaiver.waiver.Waiver;
import java.util.Collection;
import java.util.Optional;

/** The JSON that the commands print. Field names are a contract: they are only ever added to. */
final class Json {
  private static final Gson GSON =
      new GsonBuilder().serializeNulls().setPrettyPrinting().disableHtmlEscaping().create();

  private Json() {}

  /** The object's text, ended by a newline. */
  static String text(JsonElement element) {
    return GSON.toJson(element) + "\n";
  }

  static JsonObject of(Report report) {
    JsonObject json = new JsonObject();
    json.addProperty("lines", report.lines());
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
    json.add("waivers", waivers(replay.waivers()));
    JsonArray alarms = new JsonArray();
    for (Replay.Alarm alarm : replay.alarms()) {
      JsonObject row = new JsonObject();
      row.addProperty("at", alarm.at().toString());
      row.addProperty("guard", alarm.objection().guard());
      row.addProperty("pool", alarm.pool().id());
      row.addProperty("text", alarm.objection().text());
      alarms.add(row);
    }
    json.add("alarms", alarms);
    return json;
  }

  /** What {@code list} prints. */
  static JsonObject of(Totals totals, Collection<Waiver> waivers) {
    JsonObject counted = new JsonObject();
    counted.addProperty("handshakes", totals.handshakes());
    counted.addProperty("failed", totals.failed());
    counted.add("since", orNull(totals.since()));
    JsonObject json = new JsonObject();
    json.add("totals", counted);
    json.add("waivers", waivers(waivers));
    return json;
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
      row.add("hello", line.hello().<JsonElement>map(Json::hello).orElse(JsonNull.INSTANCE));
      row.addProperty("sentence", line.sentence());
      lines.add(row);
    }
    JsonObject json = new JsonObject();
    json.add("lines", lines);
    return json;
  }

  private static JsonObject hello(ClientHello hello) {
    JsonObject row = new JsonObject();
    row.addProperty("version", hello.versionName());
    row.add("suites", words(hello.suiteNames()));
    row.add("groups", words(hello.groupNames()));
    row.add("signature_algorithms", words(hello.signatureAlgorithmNames()));
    return row;
  }

  private static JsonArray words(Collection<String> words) {
    JsonArray array = new JsonArray();
    words.forEach(array::add);
    return array;
  }

  private static JsonArray waivers(Collection<Waiver> waivers) {
    JsonArray rows = new JsonArray();
    waivers.forEach(waiver -> rows.add(waiver(waiver)));
    return rows;
  }

  private static JsonObject waiver(Waiver waiver) {
    JsonObject row = new JsonObject();
    row.addProperty("id", waiver.id());
    row.addProperty("pool", waiver.pool().id());
    JsonArray networks = new JsonArray();
    waiver.networks().forEach(network -> networks.add(network.toString()));
    row.add("networks", networks);
    row.addProperty("rung", waiver.rung().label());
    row.addProperty("reason", waiver.reason().label());
    row.addProperty("failures", waiver.failures());
    row.addProperty("first", waiver.first().toString());
    row.addProperty("last", waiver.last().toString());
    row.addProperty("at", waiver.at().toString());
    row.addProperty("state", waiver.state().name());
    row.add("granted", orNull(waiver.granted()));
    row.add("expires", orNull(waiver.expires()));
    row.add("proof", waiver.proof().<JsonElement>map(Json::proof).orElse(JsonNull.INSTANCE));
    JsonArray objections = new JsonArray();
    waiver
        .objections()
        .forEach(
            objection -> {
              JsonObject said = new JsonObject();
              said.addProperty("guard", objection.guard());
              said.addProperty("text", objection.text());
              objections.add(said);
            });
    row.add("objections", objections);
    // No ClientHello is read yet.
    row.add("hello", JsonNull.INSTANCE);
    return row;
  }

  private static JsonObject proof(Proof proof) {
    JsonObject row = new JsonObject();
    row.add("protocol", orNull(proof.protocol()));
    row.add("cipher", orNull(proof.cipher()));
    row.addProperty("queue_id", proof.queueId());
    row.addProperty("at", proof.at().toString());
    return row;
  }

  private static JsonElement orNull(Optional<?> value) {
    return value
        .<JsonElement>map(present -> new JsonPrimitive(present.toString()))
        .orElse(JsonNull.INSTANCE);
  }
}
