package dev.tlswaiver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.notify.Topic;
import dev.tlswaiver.waiver.GuardName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents name what there is, all of it, and nothing else. */
final class ReferencePageTest {
  private static final Pattern ROW = Pattern.compile("(?m)^\\| `([^`]+)` \\|");
  private static final Pattern FORCE_ROW =
      Pattern.compile("(?m)^\\| `([^`]+)` \\|[^|]+\\| (yes|no) \\|$");
  private static final Pattern KEY =
      Pattern.compile("`(log|guards|waiver|postfix|pool|notify|status)\\.([a-z_]+)`");
  private static final Pattern COMMAND = Pattern.compile("tlswaiver ([a-z]+)(?= |`|$)");

  private static String read(String file) throws IOException {
    return Files.readString(Path.of(file));
  }

  /** The names in the first column of a section's table. */
  private static List<String> rows(String section) throws IOException {
    return rows(section, ROW, row -> row.group(1));
  }

  private static List<String> rows(
      String section, Pattern form, Function<MatchResult, String> reader) throws IOException {
    String page = read("docs/reference.md");
    String begin = "\n## " + section + "\n";
    int from = page.indexOf(begin);
    assertThat(from).as(section).isNotNegative();
    int to = page.indexOf("\n## ", from + begin.length());
    return form.matcher(page.substring(from, to < 0 ? page.length() : to))
        .results()
        .map(reader)
        .toList();
  }

  @Test
  void guardsAreThoseOfTheCodeAndForceOverrulesThoseThatYield() throws IOException {
    assertThat(rows("Guards", FORCE_ROW, row -> row.group(1) + " " + row.group(2)))
        .containsExactlyElementsOf(
            Arrays.stream(GuardName.values())
                .map(guard -> guard.label() + (guard.yieldsToForce() ? " yes" : " no"))
                .toList());
  }

  @Test
  void reasonsAndEventsAreThoseOfTheCode() throws IOException {
    assertThat(rows("Reasons"))
        .containsExactlyElementsOf(Arrays.stream(Reason.values()).map(Reason::label).toList());
    assertThat(rows("Events"))
        .containsExactlyElementsOf(Arrays.stream(Topic.values()).map(Topic::label).toList());
  }

  @Test
  void everyCommandIsInTheReadmeAndEveryNamedOneExists() throws IOException {
    var commands = Main.commandLine(System.out).getSubcommands().keySet();
    assertThat(
            read("README.md")
                .lines()
                .filter(line -> line.startsWith("| `tlswaiver "))
                .flatMap(line -> Pattern.compile("`tlswaiver ([a-z]+)").matcher(line).results())
                .map(found -> found.group(1))
                .distinct())
        .containsExactlyInAnyOrderElementsOf(commands);
    for (String page : List.of("docs/guide.md", "docs/neighbours.md", "docs/reference.md")) {
      assertThat(
              Pattern.compile("`[^`\n]*`")
                  .matcher(read(page))
                  .results()
                  .flatMap(code -> COMMAND.matcher(code.group()).results())
                  .map(found -> found.group(1)))
          .as(page)
          .isNotEmpty()
          .isSubsetOf(commands);
    }
  }

  @Test
  void everyKeyThatAPageNamesIsInTheShippedFile() throws IOException {
    String shipped = read("etc/tlswaiver.yaml");
    List<MatchResult> keys;
    try (Stream<Path> pages = Files.list(Path.of("docs"))) {
      keys =
          pages
              .filter(page -> page.toString().endsWith(".md"))
              .flatMap(
                  page -> {
                    try {
                      return KEY.matcher(read(page.toString())).results();
                    } catch (IOException failure) {
                      throw new AssertionError(failure);
                    }
                  })
              .toList();
    }
    assertThat(keys)
        .hasSizeGreaterThan(3)
        .allSatisfy(
            key ->
                assertThat(shipped)
                    .containsPattern("(?ms)^" + key.group(1) + ":.*?^  " + key.group(2) + ":"));
  }
}
