package dev.tlswaiver.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.tlswaiver.guard.Pause;
import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.waiver.Attempt;
import dev.tlswaiver.waiver.Diagnosis;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.Proof;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Term;
import dev.tlswaiver.waiver.Transition;
import dev.tlswaiver.waiver.Waiver;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Waivers in JSON. Field names are a contract: they are only ever added to. */
public final class WaiverJson {
  private static final Gson GSON =
      new GsonBuilder().serializeNulls().setPrettyPrinting().disableHtmlEscaping().create();

  private WaiverJson() {}

  /** The element's text, ended by a newline. */
  public static String text(JsonElement element) {
    return GSON.toJson(element) + "\n";
  }

  public static JsonArray of(Collection<Waiver> waivers) {
    JsonArray rows = new JsonArray();
    waivers.forEach(waiver -> rows.add(of(waiver)));
    return rows;
  }

  public static JsonObject of(Waiver waiver) {
    JsonObject row = new JsonObject();
    row.addProperty("id", waiver.id());
    row.addProperty("pool", waiver.pool().id());
    row.add("networks", words(waiver.networks()));
    row.addProperty("rung", waiver.rung().label());
    row.addProperty("reason", waiver.evidence().reason().label());
    row.addProperty("failures", waiver.evidence().failures());
    row.addProperty("first", waiver.evidence().first().toString());
    row.addProperty("last", waiver.evidence().last().toString());
    row.addProperty("at", waiver.at().toString());
    row.addProperty("state", waiver.state().name());
    Optional<Term> term = waiver.term().filter(known -> waiver.state() != State.PROPOSED);
    row.add("granted", orNull(term.map(Term::from)));
    row.add("expires", orNull(term.map(Term::until)));
    row.add("proof", orNullOf(waiver.proof().map(WaiverJson::of)));
    row.add("objections", objections(waiver.objections()));
    row.add("hello", orNullOf(waiver.evidence().diagnosis().map(WaiverJson::of)));
    return row;
  }

  /** With its whole life, for {@code show}. */
  static JsonObject inFull(Waiver waiver) {
    JsonObject row = of(waiver);
    row.addProperty("rule", waiver.evidence().rule());
    row.add("openssl", orNull(waiver.evidence().openssl()));
    row.add("addresses", words(waiver.addresses()));
    row.add("joined", words(waiver.joined()));
    row.addProperty("round", waiver.round());
    row.add("attempt", orNullOf(waiver.attempt().map(WaiverJson::of)));
    JsonArray history = new JsonArray();
    for (Transition step : waiver.history()) {
      JsonObject json = new JsonObject();
      json.addProperty("at", step.at().toString());
      json.addProperty("to", step.to().name());
      json.addProperty("why", step.why());
      history.add(json);
    }
    row.add("history", history);
    return row;
  }

  static JsonArray objections(List<Objection> objections) {
    JsonArray array = new JsonArray();
    for (Objection objection : objections) {
      JsonObject said = new JsonObject();
      said.addProperty("guard", objection.guard().label());
      said.addProperty("text", objection.text());
      array.add(said);
    }
    return array;
  }

  /** What a peer offers. */
  public static JsonObject of(ClientHello hello) {
    JsonObject row = new JsonObject();
    row.addProperty("version", hello.versionName());
    row.add("suites", words(hello.suiteNames()));
    row.add("groups", words(hello.groupNames()));
    row.add("signature_algorithms", words(hello.signatureAlgorithmNames()));
    return row;
  }

  static JsonObject of(Diagnosis diagnosis) {
    JsonObject row = of(diagnosis.hello());
    row.addProperty(
        "admitted_by",
        diagnosis.admittedBy() == Rung.DIAGNOSE ? "strict" : diagnosis.admittedBy().label());
    row.addProperty("text", diagnosis.words());
    return row;
  }

  private static JsonObject of(Attempt attempt) {
    JsonObject row = new JsonObject();
    row.addProperty("at", attempt.at().toString());
    row.addProperty("rung", attempt.rung().label());
    row.add("failed", orNull(attempt.failed().map(Reason::label)));
    row.add("protocol", orNull(attempt.protocol()));
    row.add("cipher", orNull(attempt.cipher()));
    return row;
  }

  private static JsonObject of(Proof proof) {
    JsonObject row = new JsonObject();
    row.add("protocol", orNull(proof.protocol()));
    row.add("cipher", orNull(proof.cipher()));
    row.addProperty("queue_id", proof.queueId());
    row.addProperty("at", proof.at().toString());
    return row;
  }

  static JsonObject of(Situation situation) {
    JsonObject json = new JsonObject();
    json.addProperty("running", situation.isRunning());
    json.addProperty("mode", situation.mode());
    json.add("paused_until", orNull(situation.pause().map(Pause::until)));
    json.add("safe_mode", orNull(situation.safe()));
    return json;
  }

  static JsonArray words(Collection<?> words) {
    JsonArray array = new JsonArray();
    words.forEach(word -> array.add(word.toString()));
    return array;
  }

  static JsonElement orNull(Optional<?> value) {
    return orNullOf(value.map(present -> new JsonPrimitive(present.toString())));
  }

  static JsonElement orNullOf(Optional<? extends JsonElement> value) {
    return value.<JsonElement>map(present -> present).orElse(JsonNull.INSTANCE);
  }
}
