package dev.tlswaiver.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Offer;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.rule.Windows;
import dev.tlswaiver.waiver.Attempt;
import dev.tlswaiver.waiver.Diagnosis;
import dev.tlswaiver.waiver.Evidence;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.Proof;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Everything that is known of one pool: why it has a waiver or none, and what comes next.
 *
 * @param waiver its latest, in whatever state
 * @param earlier the ids of those before
 * @param failureCount how many failures the ledger still holds
 * @param failures the latest of them, in the order of their times
 * @param diagnosis what it offers, from the waiver or from a failure
 * @param objections what the guards would say if it failed once more now
 * @param strict what the public service accepts
 * @param next what happens next, in a sentence
 */
public record Story(
    Pool pool,
    Optional<Waiver> waiver,
    List<Long> earlier,
    int failureCount,
    List<Handshake> failures,
    List<Windows.Progress> progress,
    Suspicion suspicion,
    Memories memories,
    Optional<Diagnosis> diagnosis,
    List<Objection> objections,
    Optional<Offer> strict,
    String next,
    Situation situation) {

  /** As many as a person reads. */
  private static final int MOST_ROWS = 10;

  /**
   * Whether it looks like a scanner.
   *
   * @param limit the score from which on it does
   * @param parts each with its points
   */
  public record Suspicion(int score, int limit, List<String> parts) {}

  /**
   * When it was seen to do well, to the minute.
   *
   * @param strong when a host of it met the strict terms last
   * @param mail when it gave us mail last
   * @param strongAddresses the same of each address that failed
   */
  public record Memories(
      Optional<Instant> strong, Optional<Instant> mail, Map<IpAddress, Instant> strongAddresses) {
    public Memories {
      strongAddresses = Collections.unmodifiableMap(new TreeMap<>(strongAddresses));
    }
  }

  public Story {
    earlier = List.copyOf(earlier);
    failures = List.copyOf(failures);
    progress = List.copyOf(progress);
    objections = List.copyOf(objections);
  }

  /** The latest failure, or what the waiver keeps of it. */
  Optional<Handshake> latestFailure() {
    return failures.isEmpty() ? Optional.empty() : Optional.of(failures.get(failures.size() - 1));
  }

  /** The whole for a person to read. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(pool)
        .append(": ")
        .append(
            waiver.map(known -> known.state() + " (waiver " + known.id() + ")").orElse("no waiver"))
        .append('\n');
    text.append(Columns.align(facts()));
    situation.notes().forEach(note -> text.append("  ").append(note).append('\n'));
    text.append(failuresText());
    if (!progress.isEmpty()) {
      text.append("\nIn the windows of the rules\n").append(Columns.align(progressRows(progress)));
    }
    text.append("\nObjections, if it failed once more now\n");
    if (objections.isEmpty()) {
      text.append("  none\n");
    }
    objections.forEach(
        objection ->
            text.append("  ")
                .append(objection.guard().label())
                .append(": ")
                .append(objection.text())
                .append('\n'));
    text.append("\nProbe score ")
        .append(suspicion.score())
        .append(", a probe from ")
        .append(suspicion.limit())
        .append(" up\n");
    suspicion.parts().forEach(part -> text.append("  ").append(part).append('\n'));
    text.append("\nSeen to do well\n").append(Columns.align(memoryRows()));
    diagnosis.ifPresent(known -> text.append("\nWhat it offers\n").append(hello(known)));
    waiver.ifPresent(known -> text.append("\nHistory\n").append(history(known)));
    return text.toString();
  }

  private List<List<String>> facts() {
    List<List<String>> rows = new ArrayList<>();
    if (waiver.isPresent()) {
      Waiver known = waiver.get();
      Evidence evidence = known.evidence();
      rows.add(fact("networks", join(known.networks())));
      if (!known.joined().isEmpty()) {
        rows.add(fact("not failed yet", joined(known.joined())));
      }
      rows.add(fact("rung", known.rung().label()));
      known
          .term()
          .filter(term -> known.state() != State.PROPOSED)
          .ifPresent(
              term ->
                  rows.add(
                      fact(
                          "in force",
                          WaiverText.time(term.from()) + " to " + WaiverText.time(term.until()))));
      rows.add(
          fact(
              "evidence",
              "rule "
                  + evidence.rule()
                  + ": "
                  + evidence.failures()
                  + " failures, "
                  + evidence.reason().label()
                  + evidence.openssl().map(code -> " (" + code + ")").orElse("")
                  + ", from "
                  + WaiverText.time(evidence.first())
                  + " to "
                  + WaiverText.time(evidence.last())));
      known.attempt().ifPresent(attempt -> rows.add(fact("attempt", attempt(attempt))));
      known.proof().ifPresent(proof -> rows.add(fact("proof", proof(proof))));
      if (!earlier.isEmpty()) {
        rows.add(
            fact(
                "earlier",
                earlier.stream().map(id -> "waiver " + id).collect(Collectors.joining(", "))));
      }
    }
    rows.add(fact("next", next));
    return rows;
  }

  private static List<String> fact(String name, String value) {
    return List.of("  " + name, value);
  }

  private static String joined(List<IpAddress> neighbours) {
    return join(IpPrefix.merge(neighbours.stream().map(IpAddress::toPrefix).toList()))
        + ": neighbours that DNS names for the same domain";
  }

  private static String join(List<IpPrefix> networks) {
    return networks.stream().map(IpPrefix::toString).collect(Collectors.joining(", "));
  }

  private static String attempt(Attempt attempt) {
    return WaiverText.time(attempt.at())
        + " on "
        + attempt.rung().label()
        + ": "
        + attempt
            .failed()
            .map(reason -> "failed, " + reason.label())
            .orElse(attempt.protocol().orElse("?") + " with " + attempt.cipher().orElse("?"));
  }

  private static String proof(Proof proof) {
    return WaiverText.time(proof.at())
        + " on "
        + proof.rung().label()
        + ": mail "
        + proof.queueId()
        + ", "
        + proof
            .protocol()
            .map(protocol -> protocol + " with " + proof.cipher().orElse("?"))
            .orElse("plaintext");
  }

  private String failuresText() {
    if (failures.isEmpty()) {
      return "\nNo failure of it is in the ledger any more.\n";
    }
    List<List<String>> rows = new ArrayList<>();
    for (Handshake handshake :
        failures.subList(Math.max(0, failures.size() - MOST_ROWS), failures.size())) {
      if (handshake.outcome() instanceof Failed failed) {
        rows.add(
            List.of(
                "  " + handshake.time().map(WaiverText::time).orElse("?"),
                handshake.peer().toString(),
                failed.reason().label() + (failed.late() ? ", late" : ""),
                failed.openssl().orElse("-")));
      }
    }
    String title =
        (failureCount == 1 ? "1 failure" : failureCount + " failures")
            + (failureCount == rows.size() ? "" : ", the latest " + rows.size())
            + "\n";
    return "\n" + title + Columns.align(rows) + latestReason();
  }

  private String latestReason() {
    return latestFailure()
        .map(Handshake::outcome)
        .filter(Failed.class::isInstance)
        .map(Failed.class::cast)
        .map(
            failed ->
                "  " + failed.reason().label() + ": " + ReasonText.of(failed.reason()) + ".\n")
        .orElse("");
  }

  /** A table of how far each pool has come. */
  static List<List<String>> progressRows(List<Windows.Progress> progress) {
    List<List<String>> rows = new ArrayList<>();
    for (Windows.Progress row : progress) {
      rows.add(
          List.of(
              "  rule " + row.rule(),
              row.failures() + " of " + row.needed() + " failures",
              "over " + WaiverText.spread(row)));
    }
    return rows;
  }

  private List<List<String>> memoryRows() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("  met the strict terms", memories.strong().map(Story::at).orElse("never")));
    memories
        .strongAddresses()
        .forEach((address, at) -> rows.add(List.of("  " + address + " did", at(at))));
    rows.add(List.of("  gave us mail", memories.mail().map(Story::at).orElse("never")));
    return rows;
  }

  private static String at(Instant at) {
    return "last at " + WaiverText.time(at);
  }

  private static String hello(Diagnosis diagnosis) {
    ClientHello hello = diagnosis.hello();
    return "  "
        + diagnosis.words()
        + "\n"
        + Columns.align(
            List.of(
                fact("version", hello.versionName()),
                fact(
                    "suites",
                    hello.hasSuites() ? String.join(" ", hello.suiteWords()) : "not in the log"),
                fact("admitted by", admittedBy(diagnosis))));
  }

  private static String admittedBy(Diagnosis diagnosis) {
    return diagnosis.admittedBy() == Rung.DIAGNOSE
        ? "the strict terms"
        : "the rung " + diagnosis.admittedBy().label();
  }

  private static String history(Waiver waiver) {
    return Columns.align(
        waiver.history().stream()
            .map(step -> List.of("  " + WaiverText.time(step.at()), step.to().name(), step.why()))
            .toList());
  }

  /** The whole for a program. */
  public JsonObject json() {
    JsonObject json = new JsonObject();
    json.addProperty("pool", pool.id());
    json.add("state", WaiverJson.orNull(waiver.map(known -> known.state().name())));
    json.add("waiver", WaiverJson.orNullOf(waiver.map(WaiverJson::inFull)));
    JsonArray ids = new JsonArray();
    earlier.forEach(ids::add);
    json.add("earlier", ids);
    JsonObject failed = new JsonObject();
    failed.addProperty("count", failureCount);
    JsonArray latest = new JsonArray();
    failures.forEach(handshake -> latest.add(failure(handshake)));
    failed.add("latest", latest);
    json.add("failures", failed);
    JsonArray rows = new JsonArray();
    progress.forEach(row -> rows.add(progress(row)));
    json.add("progress", rows);
    json.add("objections", WaiverJson.objections(objections));
    JsonObject probe = new JsonObject();
    probe.addProperty("score", suspicion.score());
    probe.addProperty("limit", suspicion.limit());
    probe.add("parts", WaiverJson.words(suspicion.parts()));
    json.add("probe", probe);
    JsonObject memory = new JsonObject();
    memory.add("strong", WaiverJson.orNull(memories.strong()));
    memory.add("mail", WaiverJson.orNull(memories.mail()));
    JsonObject addresses = new JsonObject();
    memories
        .strongAddresses()
        .forEach((address, at) -> addresses.addProperty(address.toString(), at.toString()));
    memory.add("strong_addresses", addresses);
    json.add("memory", memory);
    json.add("hello", WaiverJson.orNullOf(diagnosis.map(WaiverJson::of)));
    json.addProperty("next", next);
    json.add("agent", WaiverJson.of(situation));
    return json;
  }

  private static JsonObject failure(Handshake handshake) {
    JsonObject row = new JsonObject();
    row.add("at", WaiverJson.orNull(handshake.time()));
    row.add("name", WaiverJson.orNull(handshake.peer().name()));
    row.add("address", WaiverJson.orNull(handshake.peer().address()));
    row.addProperty("service", handshake.service().name());
    if (handshake.outcome() instanceof Failed failed) {
      row.addProperty("reason", failed.reason().label());
      row.add("openssl", WaiverJson.orNull(failed.openssl()));
      row.addProperty("late", failed.late());
    }
    return row;
  }

  private static JsonObject progress(Windows.Progress progress) {
    JsonObject row = new JsonObject();
    row.addProperty("rule", progress.rule());
    row.addProperty("failures", progress.failures());
    row.addProperty("needed", progress.needed());
    row.addProperty("spread", progress.spread().toSeconds());
    row.addProperty("needed_spread", progress.neededSpread().toSeconds());
    return row;
  }

  /** The peers that failed, each once, the latest first. */
  List<Peer> peers() {
    List<Peer> peers =
        failures.stream()
            .map(Handshake::peer)
            .filter(peer -> peer.address().isPresent())
            .distinct()
            .collect(Collectors.toCollection(ArrayList::new));
    Collections.reverse(peers);
    return peers;
  }
}
