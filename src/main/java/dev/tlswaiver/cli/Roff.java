package dev.tlswaiver.cli;

import java.util.Locale;

/**
 * A man page in the making, in the macros of man(7). Text is text: none of it is taken as a macro.
 */
final class Roff {
  private final StringBuilder page = new StringBuilder();

  Roff(String name, int section, String date, String version) {
    macro("TH", name.toUpperCase(Locale.ROOT), Integer.toString(section), date, version);
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
    page.append(".PP\n");
    return line(text);
  }

  /** A term, and what it means. */
  Roff term(String term, String meaning) {
    page.append(".TP\n");
    macro("B", term);
    return line(meaning);
  }

  /** Lines as they stand. */
  Roff literal(String lines) {
    page.append(".PP\n.in +4n\n.EX\n");
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
