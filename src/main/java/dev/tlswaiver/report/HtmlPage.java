package dev.tlswaiver.report;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A page that needs nothing else: no script, no font, no picture from anywhere. Whatever is handed
 * to it is text, chosen by strangers maybe, and goes through {@link #escape}.
 */
public final class HtmlPage {
  /** Of SHA-256 over {@link #STYLE}: no other style is ever in force, and nothing is fetched. */
  public static final String POLICY = "default-src 'none'; style-src 'sha256-" + styleHash() + "'";

  private static final int WIDTH = 920;
  private static final int HEIGHT = 220;
  private static final int LEFT = 56;
  private static final int BOTTOM = 26;

  /** Old to new: warm to cold. */
  static final List<String> PROTOCOLS =
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
      main { max-width: 1120px; margin: 0 auto; padding: 24px 16px 48px; }
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
      .c0 { background: var(--c0); } .c1 { background: var(--c1); } .c2 { background: var(--c2); }
      .c3 { background: var(--c3); } .c4 { background: var(--c4); } .c5 { background: var(--c5); }
      .c6 { background: var(--c6); } .c7 { background: var(--c7); }
      .notice { border-left: 4px solid var(--c1); background: var(--panel); border-radius: 4px;
        color: var(--ink); padding: 10px 14px; margin: 12px 0; overflow-wrap: anywhere; }
      .scroll { overflow-x: auto; }
      table { border-collapse: collapse; width: 100%; font-size: .88rem; }
      th, td { text-align: left; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line);
        white-space: nowrap; vertical-align: top; }
      th { color: var(--soft); font-weight: 600; } td.n, th.n { text-align: right; }
      td.wrap { white-space: normal; overflow-wrap: anywhere; min-width: 8em; }
      @media (max-width: 640px) {
        tr:has(th) { display: none; }
        table, tbody, tr, td { display: block; }
        tr { background: var(--panel); border-radius: 8px; padding: 8px 12px; margin: 0 0 10px; }
        td, td.n, td.wrap { border: 0; padding: 2px 0 2px 6.5em; text-indent: -6.5em; text-align: left;
          white-space: normal; overflow-wrap: anywhere; min-width: 0; }
        td::before { content: attr(data-head); color: var(--soft); display: inline-block;
          width: 6.5em; text-indent: 0; }
      }
      """;

  /** A number, and of what. */
  public record Fact(String value, String name) {}

  /** How the cells of a column are set. */
  public enum Kind {
    NUMBER("n"),
    WORD(""),
    SENTENCE("wrap");

    private final String style;

    Kind(String style) {
      this.style = style;
    }
  }

  /** A column of a table. */
  public record Column(String name, Kind kind) {
    /** One of words that are not broken. */
    public static Column of(String name) {
      return new Column(name, Kind.WORD);
    }
  }

  /**
   * Stacked bars.
   *
   * @param labels one for each bar
   * @param counts of each bar, by name
   */
  public record Bars(List<String> labels, List<Map<String, Long>> counts) {
    public Bars {
      labels = List.copyOf(labels);
      counts = List.copyOf(counts);
    }
  }

  private final StringBuilder page = new StringBuilder(1 << 14);

  public HtmlPage(String title, String heading) {
    page.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .append("<meta http-equiv=\"Content-Security-Policy\" content=\"")
        .append(POLICY)
        .append("\">\n<title>")
        .append(escape(title))
        .append("</title>\n<style>")
        .append(STYLE)
        .append("</style>\n</head>\n<body>\n<main>\n<h1>")
        .append(escape(heading))
        .append("</h1>\n");
  }

  private static String styleHash() {
    try {
      return Base64.getEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-256").digest(STYLE.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java has SHA-256", impossible);
    }
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
        default -> safe.append(Unseen.is(here) ? '\ufffd' : here);
      }
    }
    return safe.toString();
  }

  public HtmlPage heading(String text) {
    page.append("<h2>").append(escape(text)).append("</h2>\n");
    return this;
  }

  public HtmlPage words(String text) {
    page.append("<p>").append(escape(text)).append("</p>\n");
    return this;
  }

  /** What is to be read before anything else. */
  public HtmlPage notice(String text) {
    page.append("<p class=\"notice\">").append(escape(text)).append("</p>\n");
    return this;
  }

  public HtmlPage facts(List<Fact> facts) {
    page.append("<ul class=\"facts\">\n");
    for (Fact fact : facts) {
      page.append("<li><b>")
          .append(escape(fact.value()))
          .append("</b><span>")
          .append(escape(fact.name()))
          .append("</span></li>\n");
    }
    page.append("</ul>\n");
    return this;
  }

  public HtmlPage table(List<Column> columns, List<List<String>> rows) {
    if (rows.isEmpty()) {
      return words("None.");
    }
    page.append("<div class=\"scroll\"><table>\n<tr>");
    for (Column column : columns) {
      page.append(cell("th", column, "")).append(escape(column.name())).append("</th>");
    }
    page.append("</tr>\n");
    for (List<String> row : rows) {
      page.append("<tr>");
      for (int i = 0; i < columns.size(); i++) {
        String head = " data-head=\"" + escape(columns.get(i).name()) + "\"";
        page.append(cell("td", columns.get(i), head)).append(escape(row.get(i))).append("</td>");
      }
      page.append("</tr>\n");
    }
    page.append("</table></div>\n");
    return this;
  }

  private static String cell(String tag, Column column, String more) {
    String style = column.kind().style;
    return "<" + tag + (style.isEmpty() ? "" : " class=\"" + style + "\"") + more + ">";
  }

  /** Counts as stacked bars. */
  public HtmlPage chart(Bars bars, List<String> names, String title) {
    double most =
        bars.counts().stream()
            .mapToLong(bar -> bar.values().stream().mapToLong(Long::longValue).sum())
            .max()
            .orElse(0);
    return chart(bars, names, false, nice(Math.max(1, most)), title);
  }

  /** What part each name has, in percent. */
  public HtmlPage shares(Bars bars, List<String> names, String title) {
    return chart(bars, names, true, 100, title);
  }

  private HtmlPage chart(
      Bars columns, List<String> names, boolean isShare, double top, String title) {
    page.append("<div class=\"scroll\"><svg viewBox=\"0 0 ")
        .append(WIDTH)
        .append(' ')
        .append(HEIGHT)
        .append("\" role=\"img\" aria-label=\"")
        .append(escape(title))
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
    double slot = (double) (WIDTH - LEFT) / columns.labels().size();
    for (int i = 0; i < columns.labels().size(); i++) {
      column(columns, i, names, isShare, top, slot);
    }
    int step = Math.max(1, columns.labels().size() / 8);
    for (int i = 0; LEFT + i * slot < WIDTH - 70 && i < columns.labels().size(); i += step) {
      page.append(
          format(
              "<text x=\"%.1f\" y=\"%d\">%s</text>\n",
              LEFT + i * slot, HEIGHT - 8, escape(columns.labels().get(i))));
    }
    page.append("</svg></div>\n<ul class=\"legend\">\n");
    for (int i = 0; i < names.size(); i++) {
      page.append(
          format("<li><i class=\"c%d\"></i>%s</li>\n", color(names, i), escape(names.get(i))));
    }
    page.append("</ul>\n");
    return this;
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
                "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"var(--c%d)\"><title>%s %s:"
                    + " %d</title></rect>\n",
                LEFT + index * slot + slot * 0.08,
                y(below + value, top),
                slot * 0.84,
                y(below, top) - y(below + value, top),
                color(names, i),
                escape(columns.labels().get(index)),
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

  /** A protocol has the same colour everywhere; reasons take theirs in order. */
  private static int color(List<String> names, int index) {
    int protocol = protocolColor(names.get(index));
    return protocol >= 0 ? protocol : index % 8;
  }

  /** Negative where it is no protocol. */
  private static int protocolColor(String name) {
    int protocol = PROTOCOLS.indexOf(name);
    return protocol >= 0 ? PROTOCOL_COLORS.get(protocol) : -1;
  }

  private static String format(String form, Object... values) {
    return String.format(Locale.ROOT, form, values);
  }

  /** The largest of something, each as a bar. */
  public HtmlPage ranking(List<Map.Entry<String, Long>> rows, String title) {
    long most = rows.stream().mapToLong(Map.Entry::getValue).max().orElse(1);
    page.append(
        format(
            "<div class=\"scroll\"><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n",
            WIDTH, rows.size() * 26, escape(title)));
    for (int i = 0; i < rows.size(); i++) {
      double width = (WIDTH - 360.0) * rows.get(i).getValue() / most;
      page.append(
          format(
              "<text x=\"270\" y=\"%d\" text-anchor=\"end\">%s</text><rect x=\"280\" y=\"%d\""
                  + " width=\"%.1f\" height=\"16\" rx=\"2\" fill=\"var(--c%d)\"/><text x=\"%.1f\""
                  + " y=\"%d\">%s</text>\n",
              i * 26 + 17,
              escape(shortened(rows.get(i).getKey())),
              i * 26 + 4,
              width,
              Math.max(0, protocolColor(rows.get(i).getKey())),
              288 + width,
              i * 26 + 17,
              number(rows.get(i).getValue())));
    }
    page.append("</svg></div>\n");
    return this;
  }

  private static String shortened(String name) {
    return name.length() <= 40 ? name : "\u2026" + name.substring(name.length() - 39);
  }

  /** A number for a person. */
  public static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number).replace(',', '\u202f');
  }

  /** A part for a person. */
  public static String percent(long part, long whole) {
    return whole == 0 ? "-" : String.format(Locale.ROOT, "%.1f\u202f%%", 100.0 * part / whole);
  }

  /** The whole page. */
  public String text() {
    return page + "</main>\n</body>\n</html>\n";
  }
}
