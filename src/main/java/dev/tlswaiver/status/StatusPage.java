package dev.tlswaiver.status;

import dev.tlswaiver.report.HtmlPage;
import dev.tlswaiver.report.HtmlPage.Column;
import dev.tlswaiver.report.HtmlPage.Fact;
import dev.tlswaiver.report.HtmlPage.Kind;
import dev.tlswaiver.report.WaiverText;
import dev.tlswaiver.status.Snapshot.Entry;
import dev.tlswaiver.status.Snapshot.Proven;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.State;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** A snapshot as a page, for anybody on the host. */
final class StatusPage {
  /** A snapshot is made each second; one so old says that nobody makes them. */
  private static final Duration STALE = Duration.ofSeconds(30);

  private static final int MOST_ROWS = 100;
  private static final int MOST_SUITES = 20;

  private final Snapshot snapshot;
  private final Instant now;
  private final HtmlPage page = new HtmlPage("tlswaiver", "tlswaiver");

  private StatusPage(Snapshot snapshot, Instant now) {
    this.snapshot = snapshot;
    this.now = now;
  }

  /**
   * What a page says of the agent that is not in a snapshot.
   *
   * @param isFollowing whether the log is followed
   * @param hasRefused whether a changed configuration was not taken
   */
  record Agent(String version, boolean isFollowing, boolean hasRefused) {}

  /** The page. */
  static String render(Snapshot snapshot, Instant now, Agent agent) {
    StatusPage status = new StatusPage(snapshot, now);
    status.head();
    if (agent.hasRefused()) {
      status.page.notice(
          "The configuration was changed and refused, and the last good one stays in force:"
              + " tlswaiver check names the mistakes.");
    }
    status.facts();
    status.relaxed();
    status.waiting();
    status.refused();
    status.ended();
    status.failures();
    status.suites();
    status.health(agent);
    return status.page.text();
  }

  /** What there is before the agent has put the host in order. */
  static String renderEmpty() {
    return new HtmlPage("tlswaiver", "tlswaiver")
        .notice("The agent starts: it puts the host in order before it reads the log.")
        .text();
  }

  private void head() {
    page.words("Mode " + snapshot.mode() + ", as of " + time(snapshot.at()) + ". Times in UTC.");
    page.words(
        "No sender is named here, where any user of this host can look: tlswaiver list and"
            + " tlswaiver show ID say who it is, and why.");
    Duration age = Duration.between(snapshot.at(), now);
    if (age.compareTo(STALE) > 0) {
      page.notice(
          "This is "
              + WaiverText.length(age)
              + " old: the agent is busy with a plan, or hangs. journalctl -u tlswaiver says"
              + " what it did last.");
    }
    if (snapshot.isSafe()) {
      page.notice(
          "Safe mode: a damaged ledger was set aside, and nothing is changed until tlswaiver"
              + " resume. tlswaiver list says where it is.");
    }
    snapshot
        .pausedUntil()
        .ifPresent(
            end ->
                page.notice(
                    "Paused until "
                        + time(end)
                        + ": tlswaiver list says why, tlswaiver resume ends it."));
    if (!snapshot.health().isLedgerWritable()) {
      page.notice(
          "The ledger can't be written, and nothing is acted on until it can: is the disk full?");
    }
    snapshot
        .health()
        .outOfOrder()
        .ifPresent(
            at ->
                page.notice(
                    "At "
                        + time(at)
                        + " the host could not be made what the ledger says: journalctl -u"
                        + " tlswaiver says why."));
  }

  private void facts() {
    long failed = snapshot.trend().failures();
    page.facts(
        List.of(
            fact(count(State::isInForce) + " of " + snapshot.limit(), "waivers in force"),
            fact(HtmlPage.number(count(state -> state == State.PROVEN)), "of them proven"),
            fact(HtmlPage.number(count(state -> state == State.DIAGNOSING)), "senders asked"),
            fact(HtmlPage.number(count(state -> state == State.PROPOSED)), "proposals wait"),
            fact(HtmlPage.number(failed), "failed handshakes in " + Trend.HOURS + " hours"),
            fact(HtmlPage.number(snapshot.trend().completed()), "completed since the start")));
  }

  private static Fact fact(String value, String name) {
    return new Fact(value, name);
  }

  private long count(Predicate<State> states) {
    return snapshot.standing().stream().filter(waiver -> states.test(waiver.state())).count();
  }

  private static Column sentence(String name) {
    return new Column(name, Kind.SENTENCE);
  }

  private static final Column ID = new Column("ID", Kind.NUMBER);

  private void relaxed() {
    page.heading("Relaxed now");
    table(
        List.of(
            ID,
            Column.of("Rung"),
            Column.of("State"),
            Column.of("Until"),
            new Column("Networks", Kind.NUMBER),
            sentence("Proof"),
            sentence("Why")),
        snapshot.standing().stream()
            .filter(waiver -> waiver.state().isOnHost())
            .map(
                waiver ->
                    List.of(
                        Long.toString(waiver.id()),
                        waiver.rung().label(),
                        waiver.state().name(),
                        waiver.until().map(this::until).orElse("-"),
                        HtmlPage.number(waiver.networks()),
                        waiver.proven().map(StatusPage::proof).orElse("none yet"),
                        evidence(waiver)))
            .toList());
  }

  private String until(Instant end) {
    return time(end)
        + (end.isAfter(now) ? " (in " + WaiverText.length(Duration.between(now, end)) + ")" : "");
  }

  private static String proof(Proven proven) {
    return "mail at "
        + time(proven.at())
        + ", "
        + proven.suite().map(suite -> suite.protocol() + " " + suite.cipher()).orElse("plaintext");
  }

  private static String evidence(Entry waiver) {
    String failures = waiver.failures() + " failures, " + waiver.reason().label();
    return waiver.isOperators() ? "granted by hand; " + failures : failures;
  }

  private void waiting() {
    List<Entry> proposals =
        snapshot.standing().stream().filter(waiver -> waiver.state() == State.PROPOSED).toList();
    if (proposals.isEmpty()) {
      return;
    }
    page.heading("Proposed");
    table(
        List.of(
            ID,
            Column.of("Rung"),
            Column.of("Since"),
            new Column("Networks", Kind.NUMBER),
            sentence("Why")),
        proposals.stream()
            .map(
                waiver ->
                    List.of(
                        Long.toString(waiver.id()),
                        waiver.rung().label(),
                        time(waiver.since()),
                        HtmlPage.number(waiver.networks()),
                        evidence(waiver)))
            .toList());
  }

  private void refused() {
    page.heading("Refused lately");
    table(
        List.of(ID, Column.of("At"), Column.of("Failure"), sentence("By")),
        snapshot.ended().stream()
            .filter(waiver -> waiver.state() == State.REFUSED)
            .map(
                waiver ->
                    List.of(
                        Long.toString(waiver.id()),
                        time(waiver.since()),
                        waiver.reason().label(),
                        guards(waiver)))
            .toList());
  }

  private static String guards(Entry waiver) {
    return waiver.guards().isEmpty()
        ? "no guard"
        : waiver.guards().stream().map(GuardName::label).collect(Collectors.joining(", "));
  }

  private void ended() {
    page.heading("Ended lately");
    table(
        List.of(ID, Column.of("At"), Column.of("Rung"), Column.of("State"), sentence("Proof")),
        snapshot.ended().stream()
            .filter(waiver -> waiver.state() != State.REFUSED)
            .map(
                waiver ->
                    List.of(
                        Long.toString(waiver.id()),
                        time(waiver.since()),
                        waiver.rung().label(),
                        waiver.state().name(),
                        waiver.proven().map(StatusPage::proof).orElse("none")))
            .toList());
  }

  private void table(List<Column> columns, List<List<String>> rows) {
    page.table(columns, rows.stream().limit(MOST_ROWS).toList());
    if (rows.size() > MOST_ROWS) {
      page.words("And " + (rows.size() - MOST_ROWS) + " more: tlswaiver list --all");
    }
  }

  private void failures() {
    page.heading("Failed handshakes in " + Trend.HOURS + " hours, by reason");
    Map<String, Long> totals = new TreeMap<>();
    snapshot
        .trend()
        .hours()
        .forEach(hour -> hour.failures().forEach((name, n) -> totals.merge(name, n, Long::sum)));
    if (totals.isEmpty()) {
      page.words("None.");
      return;
    }
    page.chart(
        new HtmlPage.Bars(
            snapshot.trend().hours().stream().map(hour -> hour(hour.start())).toList(),
            snapshot.trend().hours().stream().map(Trend.Hour::failures).toList()),
        totals.entrySet().stream()
            .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
            .map(Map.Entry::getKey)
            .toList(),
        "Failed handshakes in each hour, by reason");
  }

  private static String hour(Instant start) {
    return start.toString().substring(5, 16).replace('T', ' ');
  }

  private void suites() {
    page.heading("Protocols and ciphers in use");
    List<Trend.Use> uses = snapshot.trend().uses();
    long all = snapshot.trend().completed();
    page.words(
        "Of "
            + HtmlPage.number(all)
            + " handshakes that completed since "
            + time(snapshot.trend().since())
            + ".");
    if (uses.isEmpty()) {
      return;
    }
    Map<String, Long> protocols = new HashMap<>();
    uses.forEach(use -> protocols.merge(use.suite().protocol(), use.handshakes(), Long::sum));
    page.ranking(
        protocols.entrySet().stream()
            .sorted(
                Map.Entry.<String, Long>comparingByValue()
                    .reversed()
                    .thenComparing(Map.Entry.comparingByKey()))
            .limit(MOST_SUITES)
            .toList(),
        "Completed handshakes by protocol");
    page.table(
        List.of(
            new Column("Count", Kind.NUMBER),
            new Column("Share", Kind.NUMBER),
            Column.of("Protocol"),
            Column.of("Cipher"),
            Column.of("Listener")),
        uses.stream()
            .limit(MOST_SUITES)
            .map(
                use ->
                    List.of(
                        HtmlPage.number(use.handshakes()),
                        HtmlPage.percent(use.handshakes(), all),
                        use.suite().protocol(),
                        use.suite().cipher(),
                        use.suite().isRelaxed() ? "relaxed" : "public"))
            .toList());
  }

  private void health(Agent agent) {
    Snapshot.Health health = snapshot.health();
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put(
        "Log",
        (agent.isFollowing() ? "followed" : "not followed: journalctl -u tlswaiver says why")
            + ", last line "
            + ago(health.lastLine()));
    rows.put("Gaps in the log", HtmlPage.number(health.gaps()) + " since the start");
    rows.put(
        "Host",
        snapshot.mode().equals("observe")
            ? "left alone in this mode"
            : "as the ledger says, seen " + ago(health.compared()));
    rows.put("Agent", "version " + agent.version());
    rows.put("Ledger", health.isLedgerWritable() ? "is written" : "can't be written");
    List<List<String>> cells = new ArrayList<>();
    rows.forEach((name, value) -> cells.add(List.of(name, value)));
    page.heading("Health").table(List.of(Column.of("What"), sentence("How")), cells);
  }

  private String ago(Optional<Instant> then) {
    return then.map(
            known -> {
              Duration age = Duration.between(known, now);
              return WaiverText.length(age.isNegative() ? Duration.ZERO : age) + " ago";
            })
        .orElse("not yet");
  }

  private static String time(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString().replace('T', ' ').replace("Z", "");
  }
}
