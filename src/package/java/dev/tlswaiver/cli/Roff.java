package dev.tlswaiver.cli;

import java.util.Locale;

/**
 * A man page in the making, in the macros of man(7). Text is text: none of it is taken as a macro.
 */
final class Roff {
  private final StringBuilder page = new StringBuilder();

  Roff(String name, int section, String date, String version) {
    macro("TH", name.toUpperCase(Locale.ROOT), Integer.toString(section));
    // A date is no date with anything escaped in it.
    page.setLength(page.length() - 1);
    page.append(" \"" + date + "\" \"" + version + "\"\n");
    // No hyphens within option names, no stretched lines.
    page.append(".nh\n.ad l\n");
  }

  Roff heading(String title) {
    return macro("SH", title);
  }

  Roff subheading(String title) {
    return macro("SS", title);
  }

  Roff paragraph(String text) {
    between();
    return line(text);
  }

  /** After a heading there is space already. */
  private void between() {
    int last = page.lastIndexOf("\n.", page.length() - 2) + 1;
    boolean isHeading =
        page.indexOf(".S", last) == last && page.indexOf("\n", last) == page.length() - 1;
    if (!isHeading) {
      page.append(".PP\n");
    }
  }

  /** A term, and what it means. */
  Roff term(String term, String meaning) {
    page.append(".TP\n");
    macro("B", term);
    return line(meaning);
  }

  /** Lines as they stand. */
  Roff literal(String lines) {
    between();
    page.append(".in +4n\n.EX\n");
    lines.lines().forEach(this::line);
    page.append(".EE\n.in\n");
    return this;
  }

  Roff line(String text) {
    page.append(escaped(text)).append('\n');
    return this;
  }

  Roff macro(String name, String... arguments) {
    page.append('.').append(name);
    for (String argument : arguments) {
      page.append(" \"").append(escaped(argument).replace("\"", "\\(dq")).append('"');
    }
    page.append('\n');
    return this;
  }

  /** A minus sign that can be copied into a shell, and no control lines. */
  private static String escaped(String text) {
    String plain =
        text.replace("\\", "\\e")
            .replace("-", "\\-")
            .replace("'", "\\(aq")
            .replace("^", "\\(ha")
            .replace("~", "\\(ti")
            .replace("`", "\\(ga");
    return plain.startsWith(".") ? "\\&" + plain : plain;
  }

  @Override
  public String toString() {
    return page.toString();
  }
}
