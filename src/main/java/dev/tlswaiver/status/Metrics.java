package dev.tlswaiver.status;

import dev.tlswaiver.guard.Memory;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.handshake.Service;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Objector;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/** The numbers that Prometheus scrapes. Written by any thread. */
public final class Metrics {
  /** What became of a line. */
  public enum Line {
    /** Postfix, and understood. */
    RECOGNIZED("recognized"),
    /** From a program that we read, but in words that we don't know. */
    UNRECOGNIZED("unrecognized"),
    /** From any other program. */
    FOREIGN("foreign"),
    /** Could not be read, and was set aside. */
    QUARANTINED("quarantined");

    private final String label;

    Line(String label) {
      this.label = label;
    }
  }

  private static final List<String> SERVICES = List.of("public", "relaxed", "other");
  private static final List<String> OUTCOMES = List.of("completed", "failed", "unknown");
  static final List<String> PROTOCOLS =
      List.of("SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3", "other");
  private static final String FINDINGS = "tlswaiver.findings";
  private static final String FINDINGS_HELP =
      "Findings of each rule; one finding is counted again with each further failure.";

  private static final String MEMORY = "memory";
  private static final String PUSHED_OUT = "tlswaiver.memory.pushed.out";
  private static final String NOTIFICATIONS = "tlswaiver.notifications";

  private static final String KEPT_HELP =
      "Handshakes that met the strict terms, of peers whose waiver the operator granted knowingly.";

  private static final String DRIFT_HELP =
      "How often the host was found different from what it owes the waivers.";

  private final PrometheusRegistry prometheus = new PrometheusRegistry();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(
          PrometheusConfig.DEFAULT, prometheus, io.micrometer.core.instrument.Clock.SYSTEM);

  private final String version;
  private final Map<String, Counter> counters = new HashMap<>();
  private final Map<String, AtomicLong> waivers = new TreeMap<>();
  private final Map<String, AtomicLong> modes = new TreeMap<>();
  private final AtomicLong lastLine = new AtomicLong();
  private final AtomicLong limit = new AtomicLong();
  private final AtomicLong reloadSuccess = new AtomicLong(1);
  private final AtomicLong ledgerWritable = new AtomicLong(1);
  private final AtomicLong lastCompared = new AtomicLong();
  private final AtomicLong safe = new AtomicLong();
  private final AtomicLong lastTick = new AtomicLong();
  private final Map<Memory, AtomicLong> memoryEntries = new EnumMap<>(Memory.class);
  private final Map<Memory, AtomicLong> memoryIncomplete = new EnumMap<>(Memory.class);
  private final Map<Memory, Long> pushedOut = new EnumMap<>(Memory.class);
  private final Timer apply;
  private final Timer reaction;

  public Metrics(
      String version,
      Collection<String> rules,
      Collection<String> stages,
      Collection<String> modes,
      Collection<String> gaps,
      Collection<String> components) {
    String lines = "Log lines read, by what became of them.";
    for (Line line : Line.values()) {
      counter("tlswaiver.log.lines", lines, "result", line.label);
    }
    for (String kind : gaps) {
      counter("tlswaiver.log.gaps", "Places where log lines may be missing.", "kind", kind);
    }
    gauge("tlswaiver.log.last.line.timestamp.seconds", "When the last line was read.", lastLine);
    for (String service : SERVICES) {
      for (String outcome : OUTCOMES) {
        counter(
            "tlswaiver.handshakes",
            "TLS handshakes seen in the log.",
            "service",
            service,
            "outcome",
            outcome);
      }
    }
    for (Reason reason : Reason.values()) {
      counter(
          "tlswaiver.handshake.failures", "Failed handshakes by reason.", "reason", reason.label());
    }
    for (String protocol : PROTOCOLS) {
      counter(
          "tlswaiver.handshakes.established",
          "Completed handshakes by protocol.",
          "protocol",
          protocol);
    }
    for (String rule : rules) {
      counter(FINDINGS, FINDINGS_HELP, "rule", rule);
    }
    for (GuardName guard : GuardName.values()) {
      counter("tlswaiver.objections", "Proposals that a guard refused.", "guard", guard.label());
    }
    for (State state : State.values()) {
      counter("tlswaiver.waiver.transitions", "Waivers that came to a state.", "to", state.name());
      for (Rung rung : Rung.values()) {
        AtomicLong count = new AtomicLong();
        waivers.put(state + "/" + rung, count);
        gauge(
            "tlswaiver.waivers",
            "Waivers in the ledger.",
            count,
            "state",
            state.name(),
            "rung",
            rung.label());
      }
    }
    gauge("tlswaiver.waivers.limit", "How many waivers there may be.", limit);
    counter("tlswaiver.waivers.proven", "Waivers that mail was seen to come through.");
    counter("tlswaiver.messages.rescued", "Messages accepted on a relaxed listener.");
    counter("tlswaiver.strict.successes.kept", KEPT_HELP);
    counter(
        "tlswaiver.plaintext.after.failure",
        "Messages that a sender gave us in plaintext after its handshake failed.");
    for (String stage : stages) {
      counter("tlswaiver.apply.failures", "Plans that failed, by stage.", "stage", stage);
      counter(
          "tlswaiver.rollbacks",
          "Plans that were undone, by the stage that failed.",
          "reason",
          stage);
    }
    for (String component : components) {
      counter("tlswaiver.drift", DRIFT_HELP, "component", component);
    }
    for (String way : List.of("mail", "command")) {
      for (String outcome : List.of("delivered", "failed")) {
        counter(NOTIFICATIONS, "Notices, by way.", "way", way, "outcome", outcome);
      }
    }
    for (String result : List.of("told", "held-back")) {
      counter("tlswaiver.alarms", "Alarms, by whether they were told.", "result", result);
    }
    for (String result : List.of("complete", "incomplete")) {
      counter(
          "tlswaiver.lookups",
          "Looks into DNS for the neighbours of a failing address, by whether all was answered.",
          "result",
          result);
    }
    counter("tlswaiver.notifications.dropped", "Notices that there was no room for.");
    for (String mode : modes) {
      AtomicLong isMode = new AtomicLong();
      this.modes.put(mode, isMode);
      gauge("tlswaiver.mode", "1 for the mode in force.", isMode, "mode", mode);
    }
    gauge(
        "tlswaiver.config.reload.success",
        "Whether the last reading of the file was good.",
        reloadSuccess);
    gauge(
        "tlswaiver.reconcile.last.success.timestamp.seconds",
        "When the host was last compared with the ledger, or put in order; 0 before that.",
        lastCompared);
    gauge("tlswaiver.safe.mode", "1 while a damaged ledger keeps the agent from acting.", safe);
    gauge(
        "tlswaiver.last.tick.timestamp.seconds",
        "When the agent last looked at the time, which it does each second.",
        lastTick);
    for (Memory memory : Memory.values()) {
      AtomicLong entries = new AtomicLong();
      AtomicLong incomplete = new AtomicLong();
      memoryEntries.put(memory, entries);
      memoryIncomplete.put(memory, incomplete);
      gauge(
          "tlswaiver.memory.entries",
          "Who is remembered, by number.",
          entries,
          MEMORY,
          memory.label());
      gauge(
          "tlswaiver.memory.incomplete.since.timestamp.seconds",
          "Since when somebody is missing whom it should still know; 0 where nobody is.",
          incomplete,
          MEMORY,
          memory.label());
      counter(
          PUSHED_OUT, "Entries that were pushed out before their time.", MEMORY, memory.label());
    }
    gauge("tlswaiver.ledger.writable", "Whether the ledger could be written last.", ledgerWritable);
    AtomicLong one = new AtomicLong(1);
    this.version = version;
    gauge("tlswaiver.build.info", "Always 1.", one, "version", version);
    apply =
        Timer.builder("tlswaiver.apply.duration")
            .description("From the start of staging to the end of the probe.")
            .register(registry);
    reaction =
        Timer.builder("tlswaiver.reaction")
            .description("From reading the failure that decided it to the redirect in force.")
            .register(registry);
  }

  private Counter counter(String name, String help, String... tags) {
    return counters.computeIfAbsent(
        key(name, tags),
        unseen -> Counter.builder(name).description(help).tags(tags).register(registry));
  }

  private void count(String name, String... tags) {
    Counter counter = counters.get(key(name, tags));
    if (counter == null) {
      throw new IllegalStateException("no such metric: " + key(name, tags));
    }
    counter.increment();
  }

  /** Made for each line: plain text, and not Micrometer's sorted tags. */
  private static String key(String name, String... tags) {
    return name + " " + String.join(" ", tags);
  }

  private void gauge(String name, String help, AtomicLong value, String... tags) {
    Gauge.builder(name, value, AtomicLong::get)
        .description(help)
        .tags(tags)
        .strongReference(true)
        .register(registry);
  }

  /** What the HTTP server shows. */
  PrometheusRegistry prometheus() {
    return prometheus;
  }

  public void line(Line line, Instant read) {
    count("tlswaiver.log.lines", "result", line.label);
    lastLine.set(read.getEpochSecond());
  }

  public void gap(String kind) {
    count("tlswaiver.log.gaps", "kind", kind);
  }

  public void handshake(Handshake handshake) {
    Outcome outcome = handshake.outcome();
    count(
        "tlswaiver.handshakes",
        "service",
        service(handshake.service()),
        "outcome",
        outcome instanceof Failed
            ? "failed"
            : outcome instanceof Completed ? "completed" : "unknown");
    if (outcome instanceof Failed failed) {
      count("tlswaiver.handshake.failures", "reason", failed.reason().label());
    }
    if (outcome instanceof Completed completed) {
      String protocol = PROTOCOLS.contains(completed.protocol()) ? completed.protocol() : "other";
      count("tlswaiver.handshakes.established", "protocol", protocol);
    }
  }

  private static String service(Service service) {
    if (service.rungLabel().isPresent()) {
      return "relaxed";
    }
    return service.facesMx() ? "public" : "other";
  }

  /** A finding of a rule, which a reload of the configuration may have added. */
  public void finding(String rule) {
    counter(FINDINGS, FINDINGS_HELP, "rule", rule).increment();
  }

  /** Counts what a guard of this release said: the labels are a closed set. */
  public void objection(Objector by) {
    if (by instanceof GuardName guard) {
      count("tlswaiver.objections", "guard", guard.label());
    }
  }

  public void transition(State to) {
    count("tlswaiver.waiver.transitions", "to", to.name());
    if (to == State.PROVEN) {
      count("tlswaiver.waivers.proven");
    }
  }

  public void ledgerWritable(boolean isWritable) {
    ledgerWritable.set(isWritable ? 1 : 0);
  }

  /** Sets the gauges of the ledger. */
  public void ledger(Collection<Waiver> all, int most) {
    Map<String, Long> counts = new TreeMap<>();
    all.forEach(waiver -> counts.merge(waiver.state() + "/" + waiver.rung(), 1L, Long::sum));
    waivers.forEach((key, gauge) -> gauge.set(Optional.ofNullable(counts.get(key)).orElse(0L)));
    limit.set(most);
  }

  /**
   * How a memory is.
   *
   * @param lost how many were pushed out since it was complete last
   * @param since since when it is incomplete; empty where it is not
   */
  public void memory(Memory memory, int entries, long lost, Optional<Instant> since) {
    Objects.requireNonNull(memoryEntries.get(memory)).set(entries);
    Objects.requireNonNull(memoryIncomplete.get(memory))
        .set(since.map(Instant::getEpochSecond).orElse(0L));
    long before = Optional.ofNullable(pushedOut.put(memory, lost)).orElse(0L);
    // Fewer than before: it was complete meanwhile, and lost these since.
    long more = lost >= before ? lost - before : lost;
    Objects.requireNonNull(counters.get(key(PUSHED_OUT, MEMORY, memory.label())))
        .increment((double) more);
  }

  public void messageRescued() {
    count("tlswaiver.messages.rescued");
  }

  /** A peer met the strict terms, and its waiver stays. */
  public void strictSuccessKept() {
    count("tlswaiver.strict.successes.kept");
  }

  public void plaintextAfterFailure() {
    count("tlswaiver.plaintext.after.failure");
  }

  public void applied(Duration duration) {
    apply.record(duration);
  }

  public void reacted(Duration duration) {
    reaction.record(duration);
  }

  public void applyFailed(String stage) {
    count("tlswaiver.apply.failures", "stage", stage);
  }

  public void rolledBack(String stage) {
    count("tlswaiver.rollbacks", "reason", stage);
  }

  /** A part of the host was found different from what it owes the waivers. */
  public void drift(String component) {
    count("tlswaiver.drift", "component", component);
  }

  /** An attempt to tell somebody. */
  public void notified(String way, boolean isDelivered) {
    count(NOTIFICATIONS, "way", way, "outcome", isDelivered ? "delivered" : "failed");
  }

  /** Something that a person should look at; one too many is not told. */
  public void alarm(boolean isTold) {
    count("tlswaiver.alarms", "result", isTold ? "told" : "held-back");
  }

  /** The neighbours of an address were looked up. */
  public void lookedUp(boolean isComplete) {
    count("tlswaiver.lookups", "result", isComplete ? "complete" : "incomplete");
  }

  public void notificationDropped() {
    count("tlswaiver.notifications.dropped");
  }

  public void mode(String inForce) {
    modes.forEach((mode, gauge) -> gauge.set(mode.equals(inForce) ? 1 : 0));
  }

  /** The host was compared with the ledger, or put in order. */
  public void compared(Instant at) {
    lastCompared.set(at.getEpochSecond());
  }

  /** A damaged ledger keeps the agent from acting. */
  public void safeMode() {
    safe.set(1);
  }

  /** The agent is not stuck. */
  public void ticked(Instant at) {
    lastTick.set(at.getEpochSecond());
  }

  /** The agent's. */
  String version() {
    return version;
  }

  public void configurationRefused() {
    reloadSuccess.set(0);
  }
}
