package dev.tlswaiver.report;

import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Pool;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A report as one page that needs nothing else: no script, no font, no picture from anywhere. Names
 * in a log are chosen by strangers; every word of theirs goes through {@link #escape}.
 */
public final class ReportHtml {
  private static final int MOST_ROWS = 100;
  private static final int MOST_BARS = 12;
  private static final int MOST_COLUMNS = 92;

  private static final int WIDTH = 920;
  private static final int HEIGHT = 220;
  private static final int LEFT = 56;
  private static final int BOTTOM = 26;

  /** Old to new: warm to cold. */
  private static final List<String> PROTOCOLS =
      List.of("SSLv2", "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3");

  private static final List<Integer> PROTOCOL_COLORS = List.of(0, 6, 1, 2, 3, 4);

  private static final String STYLE =
      """
      :root { color-scheme: light dark; --ink: #1c2733; --soft: #5b6b7b; --page: #ffffff;
        --panel: #f4f6f8; --line: #d9e0e6;
        --c0: #c0392b; --c1: #e08e0b; --c2: #8e6bbf; --c3: #2e7dbd; --c4: #2a9d76; --c5: #7f8c9a;
        --c6: #b5548a; --c7: #5d7a1f; }
      @media (prefers-color-scheme: dark) {
        :root { --ink: #e6edf3; --soft: #9aa8b5; --page: #10161c; --panel: #18212a; --line: #2c3843;
          --c0: #ef6f61; --c1: #f2b24c; --c2: #b79be0; --c3: #6fb1e8; --c4: #55c79f; --c5: #a3afba;
          --c6: #de86b6; --c7: #a3c155; } }
      * { box-sizing: border-box; }
      body { margin: 0; background: var(--page); color: var(--ink);
        font: 16px/1.5 system-ui, sans-serif; }
      main { max-width: 1000px; margin: 0 auto; padding: 24px 16px 48px; }
      h1 { font-size: 1.6rem; margin: 0 0 4px; } h2 { font-size: 1.15rem; margin: 36px 0 8px; }
      p { margin: 4px 0; color: var(--soft); }
      .facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr));
        gap: 12px; margin: 20px 0 0; padding: 0; list-style: none; }
      .facts li { background: var(--panel); border-radius: 8px; padding: 12px 14px; }
      .facts b { display: block; font-size: 1.5rem; line-height: 1.2; }
      .facts span { color: var(--soft); font-size: .85rem; }
      svg { display: block; width: 100%; min-width: 620px; height: auto; }
      svg text { fill: var(--soft); font: 12px system-ui, sans-serif; }
      .grid { stroke: var(--line); }
      .legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 8px 0 0; padding: 0;
        list-style: none; font-size: .85rem; color: var(--soft); }
      .legend i { display: inline-block; width: 10px; height: 10px; border-radius: 2px;
        margin-right: 6px; }
      .scroll { overflow-x: auto; }
      table { border-collapse: collapse; width: 100%; font-size: .88rem; }
      th, td { text-align: left; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line);
        white-space: nowrap; }
      th { color: var(--soft); font-weight: 600; } td.n, th.n { text-align: right; }
      td.wrap { white-space: normal; overflow-wrap: anywhere; }
      """;

  private final StringBuilder page = new StringBuilder(1 << 14);

  private ReportHtml() {}

  /** The page. */
  public static String render(Report report) {
    ReportHtml html = new ReportHtml();
    html.head();
    html.facts(report);
    html.failuresOverTime(report);
    html.protocolsOverTime(report);
    html.worstSenders(report);
    html.failures(report);
    html.established(report);
    html.plaintext(report);
    html.faults(report);
    html.page.append("</main>\n</body>\n</html>\n");
    return html.page.toString();
  }

  /** A stranger's words as text, whatever they are. */
  static String escape(String text) {
    StringBuilder safe = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char here = text.charAt(i);
      switch (here) {
        case '&' -> safe.append("&amp;");
        case '<' -> safe.append("&lt;");
        case '>' -> safe.append("&gt;");
        case '"' -> safe.append("&quot;");
        case '\'' -> safe.append("&#39;");
        default -> safe.append(Character.isISOControl(here) ? '\ufffd' : here);
      }
    }
    return safe.toString();
  }

  private void head() {
    page.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';")
        .append(" style-src 'unsafe-inline'\">\n")
        .append("<title>Inbound TLS: failed handshakes</title>\n<style>\n")
        .append(STYLE)
        .append("</style>\n</head>\n<body>\n<main>\n<h1>Inbound TLS</h1>\n");
  }

  private void facts(Report report) {
    if (report.from().isPresent()) {
      page.append("<p>From ")
          .append(time(report.from()))
          .append(" to ")
          .append(time(report.to()))
          .append(", times in UTC.</p>\n");
    }
    long failed = report.failures().stream().mapToLong(Report.Failure::count).sum();
    long done = report.established().stream().mapToLong(Report.Established::count).sum();
    long senders =
        report.failures().stream().flatMap(row -> row.pool().stream()).distinct().count();
    long plaintext =
        report.plaintextAfterFailure().stream()
            .mapToLong(Report.PlaintextAfterFailure::messages)
            .sum();
    page.append("<ul class=\"facts\">\n");
    fact(number(done), "handshakes completed");
    fact(number(failed), "handshakes failed");
    fact(percent(failed, failed + done), "of all failed");
    fact(number(senders), "senders failed");
    fact(number(plaintext), "messages in plaintext after a failure");
    fact(number(report.lines()), "log lines read");
    if (report.gaps() > 0) {
      fact(number(report.gaps()), "places where lines are missing");
    }
    page.append("</ul>\n");
  }

  private void fact(String value, String name) {
    page.append("<li><b>").append(value).append("</b><span>").append(name).append("</span></li>\n");
  }

  /** A stacked bar for each day, or for as many days together as fit. */
  private record Bars(List<LocalDate> starts, List<Map<String, Long>> counts, int daysEach) {}

  private static Bars columns(
      List<Report.Day> days, java.util.function.Function<Report.Day, Map<String, Long>> counts) {
    LocalDate first = days.get(0).date();
    LocalDate last = days.get(days.size() - 1).date();
    int all = (int) Math.min(ChronoUnit.DAYS.between(first, last) + 1, 100_000);
    int each = (all + MOST_COLUMNS - 1) / MOST_COLUMNS;
    List<LocalDate> starts = new ArrayList<>();
    List<Map<String, Long>> sums = new ArrayList<>();
    for (int i = 0; i < all; i += each) {
      starts.add(first.plusDays(i));
      sums.add(new TreeMap<>());
    }
    for (Report.Day day : days) {
      long index = ChronoUnit.DAYS.between(first, day.date()) / each;
      if (index < sums.size()) {
        counts
            .apply(day)
            .forEach((name, count) -> sums.get((int) index).merge(name, count, Long::sum));
      }
    }
    return new Bars(starts, sums, each);
  }

  private void failuresOverTime(Report report) {
    page.append("<h2>Failures over time, by reason</h2>\n");
    if (report.days().isEmpty()) {
      page.append("<p>No failure has a time.</p>\n");
      return;
    }
    Bars columns =
        columns(
            report.days(),
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
    chart(columns, names, false, "Failed handshakes for each day, by reason");
  }

  private void protocolsOverTime(Report report) {
    page.append("<h2>Protocols over time</h2>\n");
    if (report.days().stream().allMatch(day -> day.protocols().isEmpty())) {
      page.append("<p>No completed handshake has a time.</p>\n");
      return;
    }
    Bars columns =
        columns(
            report.days(),
            day -> {
              Map<String, Long> counts = new TreeMap<>();
              day.protocols()
                  .forEach(
                      (name, count) ->
                          counts.merge(
                              PROTOCOLS.contains(name) ? name : "other", (long) count, Long::sum));
              return counts;
            });
    List<String> names = new ArrayList<>(PROTOCOLS);
    names.add("other");
    names.removeIf(name -> columns.counts().stream().noneMatch(day -> day.containsKey(name)));
    chart(columns, names, true, "Share of each protocol among completed handshakes");
  }

  private void chart(Bars columns, List<String> names, boolean isShare, String title) {
    long most =
        columns.counts().stream()
            .mapToLong(day -> day.values().stream().mapToLong(Long::longValue).sum())
            .max()
            .orElse(0);
    double top = isShare ? 100 : nice((double) Math.max(1, most));
    page.append("<div class=\"scroll\"><svg viewBox=\"0 0 ")
        .append(WIDTH)
        .append(' ')
        .append(HEIGHT)
        .append("\" role=\"img\" aria-label=\"")
        .append(title)
        .append("\">\n");
    for (int i = 0; i <= 4; i++) {
      double y = y(top * i / 4, top);
      page.append(
          format(
              "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>",
              LEFT, WIDTH, y, y));
      page.append(
          format(
              "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
              LEFT - 8, y + 4, label(top * i / 4) + (isShare ? "%" : "")));
    }
    double slot = (double) (WIDTH - LEFT) / columns.starts().size();
    for (int i = 0; i < columns.starts().size(); i++) {
      column(columns, i, names, isShare, top, slot);
    }
    int step = Math.max(1, columns.starts().size() / 8);
    for (int i = 0; LEFT + i * slot < WIDTH - 70 && i < columns.starts().size(); i += step) {
      page.append(
          format(
              "<text x=\"%.1f\" y=\"%d\">%s</text>\n",
              LEFT + i * slot, HEIGHT - 8, columns.starts().get(i)));
    }
    page.append("</svg></div>\n<ul class=\"legend\">\n");
    for (int i = 0; i < names.size(); i++) {
      page.append(
          format(
              "<li><i style=\"background:%s\"></i>%s</li>\n",
              color(names, i), escape(names.get(i))));
    }
    page.append("</ul>\n");
    if (columns.daysEach() > 1) {
      page.append("<p>Each column is ").append(columns.daysEach()).append(" days.</p>\n");
    }
  }

  private void column(
      Bars columns, int index, List<String> names, boolean isShare, double top, double slot) {
    Map<String, Long> day = columns.counts().get(index);
    double all = day.values().stream().mapToLong(Long::longValue).sum();
    double below = 0;
    for (int i = 0; i < names.size(); i++) {
      long count = day.getOrDefault(names.get(i), 0L);
      if (count > 0) {
        double value = isShare ? 100 * count / all : count;
        page.append(
            format(
                "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"%s\"><title>%s %s:"
                    + " %d</title></rect>\n",
                LEFT + index * slot + slot * 0.08,
                y(below + value, top),
                slot * 0.84,
                y(below, top) - y(below + value, top),
                color(names, i),
                columns.starts().get(index),
                escape(names.get(i)),
                count));
        below += value;
      }
    }
  }

  private static double y(double value, double top) {
    return HEIGHT - BOTTOM - value / top * (HEIGHT - BOTTOM - 10);
  }

  /** The next of 1, 2, 4, 10, 20, 40 ... that a quarter of can be written at the grid. */
  private static double nice(double value) {
    double step = Math.pow(10, Math.floor(Math.log10(value)));
    for (double factor : new double[] {1, 2, 4, 10}) {
      if (step * factor >= value) {
        return Math.max(4, step * factor);
      }
    }
    return step * 10;
  }

  private static String label(double value) {
    return value == Math.rint(value)
        ? number((long) value)
        : String.format(Locale.ROOT, "%.1f", value);
  }

  /** A protocol has the same colour in every report; reasons take theirs in order. */
  private static String color(List<String> names, int index) {
    int protocol = PROTOCOLS.indexOf(names.get(index));
    return "var(--c" + (protocol >= 0 ? PROTOCOL_COLORS.get(protocol) : index % 8) + ")";
  }

  private static String format(String form, Object... values) {
    return String.format(Locale.ROOT, form, values);
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
    page.append("<h2>Senders with most failures</h2>\n");
    long most = worst.get(0).getValue();
    int height = worst.size() * 26;
    page.append(
        format(
            "<div class=\"scroll\"><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Senders with most failures\">\n",
            WIDTH, height));
    for (int i = 0; i < worst.size(); i++) {
      double width = (WIDTH - 360.0) * worst.get(i).getValue() / most;
      page.append(
          format(
              "<text x=\"270\" y=\"%d\" text-anchor=\"end\">%s</text><rect x=\"280\" y=\"%d\""
                  + " width=\"%.1f\" height=\"16\" rx=\"2\" fill=\"var(--c0)\"/><text x=\"%.1f\""
                  + " y=\"%d\">%s</text>\n",
              i * 26 + 17,
              escape(shortened(worst.get(i).getKey())),
              i * 26 + 4,
              width,
              288 + width,
              i * 26 + 17,
              number(worst.get(i).getValue())));
    }
    page.append("</svg></div>\n");
  }

  private static String shortened(String name) {
    return name.length() <= 40 ? name : "\u2026" + name.substring(name.length() - 39);
  }

  private void failures(Report report) {
    List<List<String>> rows = new ArrayList<>();
    for (Report.Failure row : report.failures().stream().limit(MOST_ROWS).toList()) {
      rows.add(
          List.of(
              number(row.count()),
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
      page.append("<p>And ").append(number(more)).append(" rows with fewer failures.</p>\n");
    }
    page.append("<h2>What the reasons mean</h2>\n<div class=\"scroll\"><table>\n");
    report.failures().stream()
        .map(Report.Failure::reason)
        .distinct()
        .sorted()
        .forEach(this::meaning);
    page.append("</table></div>\n");
  }

  private void meaning(Reason reason) {
    page.append("<tr><td>")
        .append(reason.label())
        .append("</td><td class=\"wrap\">")
        .append(escape(ReasonText.of(reason)))
        .append("</td></tr>\n");
  }

  private void established(Report report) {
    List<List<String>> rows =
        report.established().stream()
            .limit(MOST_ROWS)
            .map(
                row ->
                    List.of(
                        number(row.count()),
                        number(row.peers()),
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
            .map(row -> List.of(number(row.messages()), row.pool().id()))
            .toList());
  }

  private void faults(Report report) {
    table(
        "Our own faults",
        List.of("Count", "What Postfix said"),
        report.ownFaults().stream()
            .limit(MOST_ROWS)
            .map(row -> List.of(number(row.count()), row.text()))
            .toList());
  }

  private void table(String title, List<String> heads, List<List<String>> rows) {
    page.append("<h2>").append(title).append("</h2>\n");
    if (rows.isEmpty()) {
      page.append("<p>None.</p>\n");
      return;
    }
    page.append("<div class=\"scroll\"><table>\n<tr>");
    for (int i = 0; i < heads.size(); i++) {
      page.append(i == 0 ? "<th class=\"n\">" : "<th>").append(heads.get(i)).append("</th>");
    }
    page.append("</tr>\n");
    for (List<String> row : rows) {
      page.append("<tr>");
      for (int i = 0; i < row.size(); i++) {
        page.append(i == 0 ? "<td class=\"n\">" : "<td>")
            .append(escape(row.get(i)))
            .append("</td>");
      }
      page.append("</tr>\n");
    }
    page.append("</table></div>\n");
  }

  private static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number).replace(',', '\u202f');
  }

  private static String percent(long part, long whole) {
    return whole == 0 ? "-" : String.format(Locale.ROOT, "%.1f\u202f%%", 100.0 * part / whole);
  }

  private static String time(Optional<Instant> time) {
    return time.map(known -> known.truncatedTo(ChronoUnit.SECONDS).toString()).orElse("-");
  }

  private static String day(Optional<Instant> time) {
    return time.map(known -> known.toString().substring(0, 10)).orElse("-");
  }
}
