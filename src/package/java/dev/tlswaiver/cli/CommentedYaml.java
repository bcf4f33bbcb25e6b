package dev.tlswaiver.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The shipped configuration file as a manual: each key's default beside its comment, which stands
 * above it.
 */
final class CommentedYaml {
  private static final Pattern KEY = Pattern.compile("([a-z_]+):.*");

  private final List<String> lines;

  CommentedYaml(String text) {
    this.lines = text.lines().toList();
  }

  /** Adds a section for each key of the first level; what comes before them is the introduction. */
  void writeTo(Roff page) {
    List<String> comment = new ArrayList<>();
    List<String> keys = new ArrayList<>();
    for (String line : lines) {
      boolean isComment = line.strip().startsWith("#");
      if (!keys.isEmpty() && (isComment || line.isBlank())) {
        page.literal(String.join("\n", keys));
        keys.clear();
      }
      if (isComment) {
        comment.add(line.strip().substring(1));
      } else if (line.isBlank()) {
        write(comment, page); // It belongs to no key: the introduction.
      } else {
        Matcher key = KEY.matcher(line);
        if (key.matches()) {
          page.subheading(key.group(1));
        }
        write(comment, page);
        keys.add(line);
      }
    }
    if (!keys.isEmpty()) {
      page.literal(String.join("\n", keys));
    }
  }

  /** Indented lines are a table; an empty one ends a paragraph. */
  private static void write(List<String> comment, Roff page) {
    StringBuilder paragraph = new StringBuilder();
    StringBuilder table = new StringBuilder();
    for (String line : comment) {
      boolean isTable = line.startsWith("   ");
      if ((isTable || line.isBlank()) && paragraph.length() > 0) {
        page.paragraph(paragraph.toString().strip());
        paragraph.setLength(0);
      }
      if (!isTable && table.length() > 0) {
        page.literal(table.toString());
        table.setLength(0);
      }
      if (isTable) {
        table.append(line.substring(3)).append('\n');
      } else {
        paragraph.append(line.strip()).append(' ');
      }
    }
    if (table.length() > 0) {
      page.literal(table.toString());
    }
    if (!paragraph.toString().isBlank()) {
      page.paragraph(paragraph.toString().strip());
    }
    comment.clear();
  }
}
