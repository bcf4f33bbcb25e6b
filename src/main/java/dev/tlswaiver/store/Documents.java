package dev.tlswaiver.store;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.handshake.Service;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.Proof;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Transition;
import dev.tlswaiver.waiver.Waiver;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Waivers and handshakes as JSON text, and back. Only texts that this class wrote are read. */
final class Documents {
  private static final Gson GSON = new Gson();

  private record Step(String to, String at, String why) {}

  private record Seen(String protocol, String cipher, String queueId, String at) {}

  private record Said(String guard, String text) {}

  private Documents() {}

  static String write(Waiver waiver) {
    JsonObject json = new JsonObject();
    json.addProperty("pool", waiver.pool().id());
    json.add("addresses", GSON.toJsonTree(texts(waiver.addresses())));
    json.add("networks", GSON.toJsonTree(texts(waiver.networks())));
    json.addProperty("rung", waiver.rung().label());
    json.addProperty("reason", waiver.reason().label());
    waiver.openssl().ifPresent(code -> json.addProperty("openssl", code));
    json.addProperty("rule", waiver.rule());
    json.addProperty("failures", waiver.failures());
    json.addProperty("first", waiver.first().toString());
    json.addProperty("last", waiver.last().toString());
    json.addProperty("at", waiver.at().toString());
    json.addProperty("state", waiver.state().name());
    json.addProperty("round", waiver.round());
    waiver.granted().ifPresent(time -> json.addProperty("granted", time.toString()));
    waiver.expires().ifPresent(time -> json.addProperty("expires", time.toString()));
    waiver
        .proof()
        .ifPresent(
            proof ->
                json.add(
                    "proof",
                    GSON.toJsonTree(
                        new Seen(
                            proof.protocol().orElse(""),
                            proof.cipher().orElse(""),
                            proof.queueId(),
                            proof.at().toString()))));
    json.add(
        "objections",
        GSON.toJsonTree(
            waiver.objections().stream().map(o -> new Said(o.guard(), o.text())).toList()));
    json.add(
        "history",
        GSON.toJsonTree(
            waiver.history().stream()
                .map(step -> new Step(step.to().name(), step.at().toString(), step.why()))
                .toList()));
    return GSON.toJson(json);
  }

  static Waiver readWaiver(long id, String text) {
    JsonObject json = JsonParser.parseString(text).getAsJsonObject();
    return new Waiver(
        id,
        new Pool(json.get("pool").getAsString()),
        strings(json, "addresses").stream().map(IpAddress::parse).toList(),
        strings(json, "networks").stream().map(IpPrefix::parse).toList(),
        Rung.find(json.get("rung").getAsString()).orElseThrow(),
        Reason.find(json.get("reason").getAsString()).orElseThrow(),
        string(json, "openssl"),
        json.get("rule").getAsString(),
        json.get("failures").getAsInt(),
        Instant.parse(json.get("first").getAsString()),
        Instant.parse(json.get("last").getAsString()),
        Instant.parse(json.get("at").getAsString()),
        State.valueOf(json.get("state").getAsString()),
        json.get("round").getAsInt(),
        string(json, "granted").map(Instant::parse),
        string(json, "expires").map(Instant::parse),
        Optional.ofNullable(json.get("proof"))
            .map(seen -> GSON.fromJson(seen, Seen.class))
            .map(
                seen ->
                    new Proof(
                        Optional.of(seen.protocol()).filter(protocol -> !protocol.isEmpty()),
                        Optional.of(seen.cipher()).filter(cipher -> !cipher.isEmpty()),
                        seen.queueId(),
                        Instant.parse(seen.at()))),
        json.getAsJsonArray("objections").asList().stream()
            .map(said -> GSON.fromJson(said, Said.class))
            .map(said -> new Objection(said.guard(), said.text()))
            .toList(),
        json.getAsJsonArray("history").asList().stream()
            .map(step -> GSON.fromJson(step, Step.class))
            .map(
                step ->
                    new Transition(State.valueOf(step.to()), Instant.parse(step.at()), step.why()))
            .toList());
  }

  /** A failed handshake with a time. */
  static String write(Handshake handshake, Failed failed) {
    JsonObject json = new JsonObject();
    json.addProperty("instance", handshake.service().instance());
    json.addProperty("service", handshake.service().name());
    handshake.peer().name().ifPresent(name -> json.addProperty("name", name.text()));
    handshake.peer().address().ifPresent(ip -> json.addProperty("address", ip.toString()));
    json.addProperty("reason", failed.reason().label());
    failed.openssl().ifPresent(code -> json.addProperty("openssl", code));
    json.addProperty("text", failed.text());
    json.addProperty("late", failed.late());
    return GSON.toJson(json);
  }

  static Handshake readFailure(Instant at, String text) {
    JsonObject json = JsonParser.parseString(text).getAsJsonObject();
    return new Handshake(
        Optional.of(at),
        new Service(json.get("instance").getAsString(), json.get("service").getAsString()),
        new Peer(
            string(json, "name").map(HostName::new), string(json, "address").map(IpAddress::parse)),
        new Failed(
            Reason.find(json.get("reason").getAsString()).orElseThrow(),
            string(json, "openssl"),
            json.get("text").getAsString(),
            json.get("late").getAsBoolean()));
  }

  private static List<String> texts(List<?> values) {
    return values.stream().map(Object::toString).toList();
  }

  private static List<String> strings(JsonObject json, String name) {
    return json.getAsJsonArray(name).asList().stream().map(JsonElement::getAsString).toList();
  }

  private static Optional<String> string(JsonObject json, String name) {
    return Optional.ofNullable(json.get(name)).map(JsonElement::getAsString);
  }
}
