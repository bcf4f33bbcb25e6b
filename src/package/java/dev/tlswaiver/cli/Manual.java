package dev.tlswaiver.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Writes the man pages and the completion for bash(1). What they say of a command comes from the
 * command, what they say of the configuration from the shipped file's comments; what both can't
 * know stands in {@code src/package/man}.
 */
public final class Manual {
  static final String FILE_PAGE = "tlswaiver.yaml";

  private static final int COMMANDS = 8;
  private static final int FILES = 5;

  private final Path project;
  private final String date;

  /**
   * @param project the directory of the source
   * @param date that the pages bear
   */
  Manual(Path project, String date) {
    this.project = project;
    this.date = date;
  }

  /**
   * Writes them all.
   *
   * @param arguments the source's directory, where to write, and the pages' date
   */
  public static void main(String[] arguments) throws IOException {
    Path target = Path.of(arguments[1]);
    Manual manual = new Manual(Path.of(arguments[0]), arguments[2].substring(0, 10));
    for (Map.Entry<String, String> page : manual.pages().entrySet()) {
      Path file =
          target.resolve(
              "man"
                  + page.getKey().charAt(page.getKey().length() - 1)
                  + "/"
                  + page.getKey()
                  + ".gz");
      Files.createDirectories(file.getParent());
      Files.write(file, packed(page.getValue()));
    }
    Files.writeString(target.resolve("tlswaiver.bash"), completion());
  }

  static String completion() {
    // It is read by a shell, not run by one.
    return AutoComplete.bash("tlswaiver", all()).replaceFirst("\\A#!.*\n", "");
  }

  /** As gzip -9n does. */
  private static byte[] packed(String page) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream packed =
        new GZIPOutputStream(bytes) {
          {
            def.setLevel(Deflater.BEST_COMPRESSION);
          }
        }) {
      packed.write(page.getBytes(StandardCharsets.UTF_8));
    }
    byte[] file = bytes.toByteArray();
    file[8] = 2; // The header's word for the best compression, which Java leaves out.
    return file;
  }

  private static CommandLine all() {
    return Main.commandLine(new PrintStream(OutputStream.nullOutputStream()));
  }

  /** Each page by its file's name. */
  Map<String, String> pages() throws IOException {
    Map<String, String> pages = new TreeMap<>();
    CommandLine all = all();
    pages.put("tlswaiver.8", program(all));
    for (CommandLine command : all.getSubcommands().values()) {
      pages.put("tlswaiver-" + command.getCommandName() + ".8", command(command.getCommandSpec()));
    }
    pages.put(FILE_PAGE + ".5", file());
    return pages;
  }

  private Roff begin(String name, int section) throws IOException {
    return new Roff(name, section, date, "tlswaiver " + Version.text());
  }

  private String program(CommandLine all) throws IOException {
    Roff page = begin("tlswaiver", COMMANDS);
    page.heading("NAME").line("tlswaiver - time-limited, per-sender TLS exceptions for Postfix");
    page.heading("SYNOPSIS").macro("B", "tlswaiver").line("COMMAND [OPTION...] [ARGUMENT...]");
    more(page, "tlswaiver-description");
    page.heading("COMMANDS");
    for (CommandLine command : all.getSubcommands().values()) {
      CommandSpec spec = command.getCommandSpec();
      page.term(synopsis(spec), spec.usageMessage().description()[0]);
    }
    page.paragraph("Each has a page of its own, like tlswaiver-report(8).");
    exitCodes(page);
    more(page, "tlswaiver");
    List<String> others =
        all.getSubcommands().keySet().stream().map(name -> "tlswaiver-" + name + "(8)").toList();
    page.heading("SEE ALSO")
        .line("tlswaiver.yaml(5), " + String.join(", ", others) + ", postconf(1), nft(8)");
    return page.toString();
  }

  private String command(CommandSpec spec) throws IOException {
    Roff page = begin("tlswaiver-" + spec.name(), COMMANDS);
    String[] description = spec.usageMessage().description();
    String brief = description[0].split("(?<=[a-z])[.:] ", 2)[0];
    page.heading("NAME")
        .line(
            "tlswaiver-"
                + spec.name()
                + " - "
                + Character.toLowerCase(brief.charAt(0))
                + brief.substring(1).replaceFirst("\\.$", ""));
    page.heading("SYNOPSIS").macro("B", "tlswaiver " + spec.name()).line(arguments(spec));
    page.heading("DESCRIPTION");
    for (String paragraph : description) {
      page.paragraph(paragraph);
    }
    if (!spec.positionalParameters().isEmpty()) {
      page.heading("ARGUMENTS");
      for (PositionalParamSpec parameter : spec.positionalParameters()) {
        page.term(parameter.paramLabel(), text(parameter.description(), parameter.defaultValue()));
      }
    }
    page.heading("OPTIONS");
    for (OptionSpec option : spec.options()) {
      page.term(term(option), text(option.description(), option.defaultValue()));
    }
    exitCodes(page);
    more(page, spec.name());
    page.heading("SEE ALSO").line("tlswaiver(8), tlswaiver.yaml(5)");
    return page.toString();
  }

  private static String text(String[] description, String preset) {
    return String.join(" ", description).replace("${DEFAULT-VALUE}", preset == null ? "" : preset);
  }

  private static String term(OptionSpec option) {
    return String.join(", ", option.names())
        + (option.arity().max() == 0 ? "" : " " + option.paramLabel());
  }

  private static String synopsis(CommandSpec spec) {
    return (spec.name() + " " + arguments(spec)).strip();
  }

  private static String arguments(CommandSpec spec) {
    List<String> words = new ArrayList<>();
    for (OptionSpec option : spec.options()) {
      String word =
          option.longestName() + (option.arity().max() == 0 ? "" : " " + option.paramLabel());
      if (!option.usageHelp() && !option.versionHelp()) {
        words.add(option.required() ? word : "[" + word + "]");
      }
    }
    for (PositionalParamSpec parameter : spec.positionalParameters()) {
      String word = parameter.paramLabel() + (parameter.arity().max() > 1 ? "..." : "");
      words.add(parameter.required() ? word : "[" + word + "]");
    }
    return words.stream().collect(Collectors.joining(" "));
  }

  private static void exitCodes(Roff page) {
    page.heading("EXIT STATUS")
        .term(Integer.toString(Exit.DONE), "Done.")
        .term(Integer.toString(Exit.FAILED), "Failed; standard error says why, and what mends it.")
        .term(Integer.toString(Exit.DIFFERENCES), "There are differences, or findings.")
        .term(Integer.toString(Exit.USAGE), "The command line can't be meant like this.")
        .term(Integer.toString(Exit.CONFIGURATION), "The configuration has a mistake.");
  }

  /** What stands in a file of sections: a heading in capitals, paragraphs, indented lines. */
  private void more(Roff page, String name) throws IOException {
    Path file = project.resolve("src/package/man/" + name + ".txt");
    if (Files.notExists(file)) {
      return;
    }
    for (String block : Files.readString(file).split("\n\n+")) {
      if (block.startsWith("    ")) {
        page.literal(block.stripIndent());
      } else if (block.strip().matches("[A-Z ]+")) {
        page.heading(block.strip());
      } else if (block.contains("\n    ")) {
        String[] parts = block.split("\n    ", 2);
        page.term(parts[0], joined(parts[1]));
      } else {
        page.paragraph(joined(block));
      }
    }
  }

  private static String joined(String lines) {
    return lines.strip().replaceAll("\\s*\n\\s*", " ");
  }

  private String file() throws IOException {
    Roff page = begin(FILE_PAGE, FILES);
    page.heading("NAME").line("tlswaiver.yaml - what tlswaiver may do on this mail host");
    page.heading("SYNOPSIS").line("/etc/tlswaiver/tlswaiver.yaml");
    page.heading("DESCRIPTION");
    new CommentedYaml(Files.readString(project.resolve("etc/tlswaiver.yaml"))).writeTo(page);
    more(page, FILE_PAGE);
    page.heading("SEE ALSO").line("tlswaiver(8), tlswaiver-check(8), tlswaiver-plan(8)");
    return page.toString();
  }
}
