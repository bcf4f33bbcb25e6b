package dev.tlswaiver.report;

import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Pool;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A report as one page that needs nothing else: no script, no font, no picture from anywhere. Names
 * in a log are chosen by strangers; every word of theirs goes through {@link HtmlPage#escape}.
 */
public final class ReportHtml {
  private static final int MOST_ROWS = 100;
  private static final int MOST_BARS = 12;
  private static final int MOST_COLUMNS = 92;

  /** Days between lines whose clocks were right. */
  private static final int MOST_SLICES = 100_000;

  private final HtmlPage page = new HtmlPage("Inbound TLS: failed handshakes", "Inbound TLS");

  private ReportHtml() {}

  /** The page. */
  public static String render(Report report) {
    ReportHtml html = new ReportHtml();
    html.facts(report);
    html.failuresOverTime(report);
    html.protocolsOverTime(report);
    html.worstSenders(report);
    html.failures(report);
    html.established(report);
    html.plaintext(report);
    html.faults(report);
    return html.page.text();
  }

  private void facts(Report report) {
    if (report.from().isPresent()) {
      page.words("From " + time(report.from()) + " to " + time(report.to()) + ", times in UTC.");
    }
    long failed = report.failures().stream().mapToLong(Report.Failure::count).sum();
    long done = report.established().stream().mapToLong(Report.Established::count).sum();
    long senders =
        report.failures().stream().flatMap(row -> row.pool().stream()).distinct().count();
    long plaintext =
        report.plaintextAfterFailure().stream()
            .mapToLong(Report.PlaintextAfterFailure::messages)
            .sum();
    List<HtmlPage.Fact> facts = new ArrayList<>();
    facts.add(new HtmlPage.Fact(HtmlPage.number(done), "handshakes completed"));
    facts.add(new HtmlPage.Fact(HtmlPage.number(failed), "handshakes failed"));
    facts.add(new HtmlPage.Fact(HtmlPage.percent(failed, failed + done), "of all failed"));
    facts.add(new HtmlPage.Fact(HtmlPage.number(senders), "senders failed"));
    facts.add(
        new HtmlPage.Fact(HtmlPage.number(plaintext), "messages in plaintext after a failure"));
    facts.add(new HtmlPage.Fact(HtmlPage.number(report.lines()), "log lines read"));
    if (report.gaps() > 0) {
      facts.add(
          new HtmlPage.Fact(HtmlPage.number(report.gaps()), "places where lines are missing"));
    }
    page.facts(facts);
  }

  /**
   * A stacked bar for each day or hour, or for as many together as fit.
   *
   * @param each how many are together
   */
  private record Slots(
      List<Instant> starts, List<Map<String, Long>> counts, int each, boolean areHours) {
    HtmlPage.Bars bars() {
      return new HtmlPage.Bars(starts.stream().map(this::label).toList(), counts);
    }

    private String label(Instant start) {
      String text = start.toString();
      return areHours
          ? text.substring(5, 10) + " " + text.substring(11, 16)
          : text.substring(0, 10);
    }

    void sayWidth(HtmlPage page) {
      if (areHours) {
        page.words("Each column is an hour.");
      } else if (each > 1) {
        page.words("Each column is " + each + " days.");
      }
    }
  }

  private static Slots columns(
      Report.Course course, Function<Report.Slice, Map<String, Long>> counts) {
    List<Report.Slice> slices = course.slices();
    Instant first = slices.get(0).start();
    Instant last = slices.get(slices.size() - 1).start();
    int all =
        (int) Math.min(Duration.between(first, last).dividedBy(course.each()) + 1, MOST_SLICES);
    int each = (all + MOST_COLUMNS - 1) / MOST_COLUMNS;
    List<Instant> starts = new ArrayList<>();
    List<Map<String, Long>> sums = new ArrayList<>();
    for (int i = 0; i < all; i += each) {
      starts.add(first.plus(course.each().multipliedBy(i)));
      sums.add(new TreeMap<>());
    }
    for (Report.Slice slice : slices) {
      long index = Duration.between(first, slice.start()).dividedBy(course.each()) / each;
      if (index < sums.size()) {
        counts
            .apply(slice)
            .forEach((name, count) -> sums.get((int) index).merge(name, count, Long::sum));
      }
    }
    return new Slots(starts, sums, each, course.each().equals(Duration.ofHours(1)));
  }

  private void failuresOverTime(Report report) {
    page.heading("Failures over time, by reason");
    if (report.course().slices().isEmpty()) {
      page.words("No failure has a time.");
      return;
    }
    Slots columns =
        columns(
            report.course(),
            day -> {
              Map<String, Long> counts = new TreeMap<>();
              day.failures()
                  .forEach((reason, count) -> counts.put(reason.label(), (long) (int) count));
              return counts;
            });
    Map<String, Long> totals = new TreeMap<>();
    columns.counts().forEach(day -> day.forEach((k, n) -> totals.merge(k, n, Long::sum)));
    List<String> names =
        totals.entrySet().stream()
            .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
            .map(Map.Entry::getKey)
            .toList();
    page.chart(columns.bars(), names, "Failed handshakes by time and reason");
    columns.sayWidth(page);
  }

  private void protocolsOverTime(Report report) {
    page.heading("Protocols over time");
    if (report.course().slices().stream().allMatch(day -> day.protocols().isEmpty())) {
      page.words("No completed handshake has a time.");
      return;
    }
    Slots columns =
        columns(
            report.course(),
            day -> {
              Map<String, Long> counts = new TreeMap<>();
              day.protocols()
                  .forEach(
                      (name, count) ->
                          counts.merge(
                              HtmlPage.PROTOCOLS.contains(name) ? name : "other",
                              (long) count,
                              Long::sum));
              return counts;
            });
    List<String> names = new ArrayList<>(HtmlPage.PROTOCOLS);
    names.add("other");
    names.removeIf(name -> columns.counts().stream().noneMatch(day -> day.containsKey(name)));
    page.shares(columns.bars(), names, "Share of each protocol among completed handshakes");
    columns.sayWidth(page);
  }

  private void worstSenders(Report report) {
    Map<String, Long> counts = new LinkedHashMap<>();
    report
        .failures()
        .forEach(
            row ->
                row.pool()
                    .ifPresent(pool -> counts.merge(pool.id(), (long) row.count(), Long::sum)));
    List<Map.Entry<String, Long>> worst =
        counts.entrySet().stream()
            .sorted(
                Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                    .thenComparing(Map.Entry.comparingByKey()))
            .limit(MOST_BARS)
            .toList();
    if (worst.isEmpty()) {
      return;
    }
    page.heading("Senders with most failures").ranking(worst, "Senders with most failures");
  }

  private void failures(Report report) {
    List<List<String>> rows = new ArrayList<>();
    for (Report.Failure row : report.failures().stream().limit(MOST_ROWS).toList()) {
      rows.add(
          List.of(
              HtmlPage.number(row.count()),
              row.pool().map(Pool::id).orElse("-"),
              row.name().map(HostName::text).orElse("-"),
              row.address().map(IpAddress::toString).orElse("-"),
              row.service(),
              row.reason().label() + (row.late() ? " (late)" : ""),
              row.openssl().orElse("-"),
              day(row.first()),
              day(row.last())));
    }
    table(
        "Failed handshakes",
        List.of(
            "Count", "Sender", "Host", "Address", "Service", "Reason", "OpenSSL", "First", "Last"),
        rows);
    int more = report.failures().size() - rows.size();
    if (more > 0) {
      page.words("And " + HtmlPage.number(more) + " rows with fewer failures.");
    }
    page.heading("What the reasons mean")
        .table(
            List.of(
                HtmlPage.Column.of("Reason"),
                new HtmlPage.Column("Meaning", HtmlPage.Kind.SENTENCE)),
            report.failures().stream()
                .map(Report.Failure::reason)
                .distinct()
                .sorted()
                .map(reason -> List.of(reason.label(), ReasonText.of(reason)))
                .toList());
  }

  private void established(Report report) {
    List<List<String>> rows =
        report.established().stream()
            .limit(MOST_ROWS)
            .map(
                row ->
                    List.of(
                        HtmlPage.number(row.count()),
                        HtmlPage.number(row.peers()),
                        row.protocol(),
                        row.cipher(),
                        Integer.toString(row.bits()),
                        row.service()))
            .toList();
    table(
        "Protocols and ciphers in use",
        List.of("Count", "Peers", "Protocol", "Cipher", "Bits", "Service"),
        rows);
  }

  private void plaintext(Report report) {
    table(
        "In plaintext after a failed handshake",
        List.of("Messages", "Sender"),
        report.plaintextAfterFailure().stream()
            .sorted(Comparator.comparingInt(Report.PlaintextAfterFailure::messages).reversed())
            .limit(MOST_ROWS)
            .map(row -> List.of(HtmlPage.number(row.messages()), row.pool().id()))
            .toList());
  }

  private void faults(Report report) {
    table(
        "Our own faults",
        List.of("Count", "What Postfix said"),
        report.ownFaults().stream()
            .limit(MOST_ROWS)
            .map(row -> List.of(HtmlPage.number(row.count()), row.text()))
            .toList());
  }

  /** A table whose first column counts. */
  private void table(String title, List<String> heads, List<List<String>> rows) {
    List<HtmlPage.Column> columns = new ArrayList<>();
    heads.forEach(
        head ->
            columns.add(
                new HtmlPage.Column(
                    head, columns.isEmpty() ? HtmlPage.Kind.NUMBER : HtmlPage.Kind.WORD)));
    page.heading(title).table(columns, rows);
  }

  private static String time(Optional<Instant> time) {
    return time.map(WaiverText::time).orElse("-");
  }

  private static String day(Optional<Instant> time) {
    return time.map(known -> known.toString().substring(0, 10)).orElse("-");
  }
}
