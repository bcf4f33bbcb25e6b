package dev.tlswaiver.store;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Ended;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Observation.Neighbours;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.handshake.Service;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.waiver.Attempt;
import dev.tlswaiver.waiver.Diagnosis;
import dev.tlswaiver.waiver.Evidence;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.Objector;
import dev.tlswaiver.waiver.Proof;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Term;
import dev.tlswaiver.waiver.Transition;
import dev.tlswaiver.waiver.Waiver;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Waivers and handshakes as JSON text, and back. Only texts that this class wrote are read. */
final class Documents {
  private static final Gson GSON = new Gson();

  private record Step(String to, String at, String why) {}

  private record Said(String guard, String text) {}

  private Documents() {}

  static String write(Waiver waiver) {
    JsonObject json = new JsonObject();
    json.addProperty("pool", waiver.pool().id());
    json.add("addresses", GSON.toJsonTree(texts(waiver.addresses())));
    json.add("joined", GSON.toJsonTree(texts(waiver.joined())));
    json.add("networks", GSON.toJsonTree(texts(waiver.networks())));
    json.addProperty("rung", waiver.rung().label());
    write(waiver.evidence(), json);
    json.addProperty("at", waiver.at().toString());
    json.addProperty("state", waiver.state().name());
    json.addProperty("round", waiver.round());
    waiver.term().ifPresent(term -> json.addProperty("granted", term.from().toString()));
    waiver.term().ifPresent(term -> json.addProperty("expires", term.until().toString()));
    waiver.attempt().ifPresent(attempt -> json.add("attempt", write(attempt)));
    JsonObject needs = new JsonObject();
    waiver.needs().forEach((address, rung) -> needs.addProperty(address.toString(), rung.label()));
    json.add("needs", needs);
    waiver.proof().ifPresent(proof -> json.add("proof", write(proof)));
    json.add(
        "objections",
        GSON.toJsonTree(
            waiver.objections().stream().map(o -> new Said(o.guard().label(), o.text())).toList()));
    json.add(
        "history",
        GSON.toJsonTree(
            waiver.history().stream()
                .map(step -> new Step(step.to().name(), step.at().toString(), step.why()))
                .toList()));
    return GSON.toJson(json);
  }

  private static void write(Evidence evidence, JsonObject json) {
    json.addProperty("reason", evidence.reason().label());
    evidence.openssl().ifPresent(code -> json.addProperty("openssl", code));
    json.addProperty("rule", evidence.rule());
    json.addProperty("failures", evidence.failures());
    json.addProperty("first", evidence.first().toString());
    json.addProperty("last", evidence.last().toString());
    evidence
        .diagnosis()
        .ifPresent(
            diagnosis -> {
              JsonObject hello = write(diagnosis.hello());
              hello.addProperty("admitted_by", diagnosis.admittedBy().label());
              hello.addProperty("words", diagnosis.words());
              json.add("hello", hello);
            });
  }

  private static JsonObject write(ClientHello hello) {
    JsonObject json = new JsonObject();
    json.addProperty("version", hello.version());
    json.add("versions", GSON.toJsonTree(hello.versions()));
    json.add("suites", GSON.toJsonTree(hello.suites()));
    json.add("groups", GSON.toJsonTree(hello.groups()));
    json.add("signature_algorithms", GSON.toJsonTree(hello.signatureAlgorithms()));
    json.addProperty("fallback", hello.isFallback());
    return json;
  }

  private static JsonObject write(Attempt attempt) {
    JsonObject json = new JsonObject();
    json.addProperty("at", attempt.at().toString());
    json.addProperty("rung", attempt.rung().label());
    attempt.failed().ifPresent(reason -> json.addProperty("failed", reason.label()));
    attempt.protocol().ifPresent(protocol -> json.addProperty("protocol", protocol));
    attempt.cipher().ifPresent(cipher -> json.addProperty("cipher", cipher));
    return json;
  }

  private static JsonObject write(Proof proof) {
    JsonObject json = new JsonObject();
    json.addProperty("rung", proof.rung().label());
    proof.protocol().ifPresent(protocol -> json.addProperty("protocol", protocol));
    proof.cipher().ifPresent(cipher -> json.addProperty("cipher", cipher));
    json.addProperty("queueId", proof.queueId());
    json.addProperty("at", proof.at().toString());
    return json;
  }

  static Waiver readWaiver(long id, String text) {
    JsonObject json = JsonParser.parseString(text).getAsJsonObject();
    Rung rung = rung(json, "rung").orElseThrow();
    return new Waiver(
        id,
        readPool(json.get("pool").getAsString()),
        strings(json, "addresses").stream().map(IpAddress::parse).toList(),
        json.has("joined")
            ? strings(json, "joined").stream().map(IpAddress::parse).toList()
            : List.of(),
        strings(json, "networks").stream().map(IpPrefix::parse).toList(),
        rung,
        readEvidence(json),
        Instant.parse(json.get("at").getAsString()),
        State.valueOf(json.get("state").getAsString()),
        json.get("round").getAsInt(),
        time(json, "granted").map(from -> new Term(from, time(json, "expires").orElseThrow())),
        object(json, "attempt").map(Documents::readAttempt),
        object(json, "needs").map(Documents::readNeeds).orElse(Map.of()),
        object(json, "proof").map(proof -> readProof(proof, rung)),
        json.getAsJsonArray("objections").asList().stream()
            .map(said -> GSON.fromJson(said, Said.class))
            .map(said -> new Objection(Objector.ofLabel(said.guard()), said.text()))
            .toList(),
        json.getAsJsonArray("history").asList().stream()
            .map(step -> GSON.fromJson(step, Step.class))
            .map(
                step ->
                    new Transition(State.valueOf(step.to()), Instant.parse(step.at()), step.why()))
            .toList());
  }

  /** Earlier releases took each IPv6 address without a name for a peer of its own. */
  private static Pool readPool(String id) {
    return IpAddress.find(id)
        .filter(IpAddress::isIpv6)
        .map(Pools::ofNamelessIpv6)
        .orElseGet(() -> new Pool(id));
  }

  private static Evidence readEvidence(JsonObject json) {
    return new Evidence(
        json.get("rule").getAsString(),
        reason(json, "reason").orElseThrow(),
        string(json, "openssl"),
        json.get("failures").getAsInt(),
        Instant.parse(json.get("first").getAsString()),
        Instant.parse(json.get("last").getAsString()),
        object(json, "hello")
            .map(
                hello ->
                    new Diagnosis(
                        readHello(hello),
                        rung(hello, "admitted_by").orElseThrow(),
                        hello.get("words").getAsString())));
  }

  private static ClientHello readHello(JsonObject json) {
    return new ClientHello(
        json.get("version").getAsInt(),
        numbers(json, "versions"),
        numbers(json, "suites"),
        numbers(json, "groups"),
        numbers(json, "signature_algorithms"),
        json.get("fallback").getAsBoolean());
  }

  private static Attempt readAttempt(JsonObject json) {
    return new Attempt(
        Instant.parse(json.get("at").getAsString()),
        rung(json, "rung").orElseThrow(),
        reason(json, "failed"),
        string(json, "protocol"),
        string(json, "cipher"));
  }

  private static Map<IpAddress, Rung> readNeeds(JsonObject json) {
    Map<IpAddress, Rung> needs = new HashMap<>();
    json.keySet()
        .forEach(address -> needs.put(IpAddress.parse(address), rung(json, address).orElseThrow()));
    return needs;
  }

  /** The first release knew no rung of a proof but the waiver's, and wrote what is empty as "". */
  private static Proof readProof(JsonObject json, Rung waivers) {
    return new Proof(
        rung(json, "rung").orElse(waivers),
        string(json, "protocol").filter(text -> !text.isEmpty()),
        string(json, "cipher").filter(text -> !text.isEmpty()),
        json.get("queueId").getAsString(),
        Instant.parse(json.get("at").getAsString()));
  }

  /** A failed handshake with a time. */
  static String write(Handshake handshake, Failed failed) {
    JsonObject json = whose(handshake, handshake.peer());
    json.addProperty("reason", failed.reason().label());
    failed.openssl().ifPresent(code -> json.addProperty("openssl", code));
    json.addProperty("text", failed.text());
    json.addProperty("late", failed.late());
    handshake.hello().ifPresent(hello -> json.add("hello", write(hello)));
    return GSON.toJson(json);
  }

  private static JsonObject whose(Observation observation, Peer peer) {
    JsonObject json = new JsonObject();
    json.addProperty("instance", observation.service().instance());
    json.addProperty("service", observation.service().name());
    peer.name().ifPresent(name -> json.addProperty("name", name.text()));
    peer.address().ifPresent(ip -> json.addProperty("address", ip.toString()));
    return json;
  }

  /** A handshake, the end of a session, or what DNS said. */
  static String write(Observation observation) {
    if (observation instanceof Neighbours neighbours) {
      JsonObject json = new JsonObject();
      json.addProperty("pool", neighbours.pool().id());
      json.addProperty("block", neighbours.block().toString());
      json.addProperty("complete", neighbours.isComplete());
      JsonObject names = new JsonObject();
      neighbours
          .peers()
          .forEach(
              peer ->
                  names.addProperty(
                      peer.address().orElseThrow().toString(), peer.name().orElseThrow().text()));
      json.add("names", names);
      return GSON.toJson(json);
    }
    if (observation instanceof Ended ended) {
      JsonObject json = whose(ended, ended.peer());
      ended.commands().ifPresent(count -> json.addProperty("commands", count));
      json.addProperty("plaintext", ended.plaintextMessages());
      return GSON.toJson(json);
    }
    if (!(observation instanceof Handshake handshake)) {
      throw new IllegalStateException("not kept: " + observation);
    }
    if (handshake.outcome() instanceof Failed failed) {
      return write(handshake, failed);
    }
    if (!(handshake.outcome() instanceof Completed completed)) {
      throw new IllegalStateException("not kept: " + observation);
    }
    JsonObject json = whose(handshake, handshake.peer());
    json.addProperty("protocol", completed.protocol());
    json.addProperty("cipher", completed.cipher());
    json.addProperty("bits", completed.bits());
    return GSON.toJson(json);
  }

  static Observation readSight(Instant at, String text) {
    JsonObject json = JsonParser.parseString(text).getAsJsonObject();
    if (json.has("reason")) {
      return readFailure(at, text);
    }
    if (json.has("block")) {
      return readNeighbours(at, json);
    }
    if (json.has("plaintext")) {
      return new Ended(
          Optional.of(at),
          service(json),
          peer(json),
          Optional.ofNullable(json.get("commands")).map(JsonElement::getAsInt),
          json.get("plaintext").getAsInt());
    }
    return new Handshake(
        Optional.of(at),
        service(json),
        peer(json),
        new Completed(
            json.get("protocol").getAsString(),
            json.get("cipher").getAsString(),
            json.get("bits").getAsInt()));
  }

  static Neighbours readNeighbours(Instant at, String text) {
    return readNeighbours(at, JsonParser.parseString(text).getAsJsonObject());
  }

  private static Neighbours readNeighbours(Instant at, JsonObject json) {
    JsonObject names = json.getAsJsonObject("names");
    return new Neighbours(
        Optional.of(at),
        new Pool(json.get("pool").getAsString()),
        IpPrefix.parse(json.get("block").getAsString()),
        names.keySet().stream()
            .map(
                address ->
                    new Peer(
                        Optional.of(new HostName(names.get(address).getAsString())),
                        Optional.of(IpAddress.parse(address))))
            .toList(),
        json.get("complete").getAsBoolean());
  }

  private static Service service(JsonObject json) {
    return new Service(json.get("instance").getAsString(), json.get("service").getAsString());
  }

  private static Peer peer(JsonObject json) {
    return new Peer(
        string(json, "name").map(HostName::new), string(json, "address").map(IpAddress::parse));
  }

  static Handshake readFailure(Instant at, String text) {
    JsonObject json = JsonParser.parseString(text).getAsJsonObject();
    return new Handshake(
        Optional.of(at),
        service(json),
        peer(json),
        new Failed(
            reason(json, "reason").orElseThrow(),
            string(json, "openssl"),
            json.get("text").getAsString(),
            json.get("late").getAsBoolean()),
        object(json, "hello").map(Documents::readHello));
  }

  private static List<String> texts(List<?> values) {
    return values.stream().map(Object::toString).toList();
  }

  private static List<String> strings(JsonObject json, String name) {
    return json.getAsJsonArray(name).asList().stream().map(JsonElement::getAsString).toList();
  }

  private static List<Integer> numbers(JsonObject json, String name) {
    return json.getAsJsonArray(name).asList().stream().map(JsonElement::getAsInt).toList();
  }

  private static Optional<JsonObject> object(JsonObject json, String name) {
    return Optional.ofNullable(json.getAsJsonObject(name));
  }

  private static Optional<Rung> rung(JsonObject json, String name) {
    return string(json, name).map(label -> Rung.find(label).orElseThrow());
  }

  private static Optional<Reason> reason(JsonObject json, String name) {
    return string(json, name).map(label -> Reason.find(label).orElseThrow());
  }

  private static Optional<Instant> time(JsonObject json, String name) {
    return string(json, name).map(Instant::parse);
  }

  private static Optional<String> string(JsonObject json, String name) {
    return Optional.ofNullable(json.get(name)).map(JsonElement::getAsString);
  }
}
