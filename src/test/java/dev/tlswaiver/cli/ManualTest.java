package dev.tlswaiver.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManualTest {
  private static final Pattern KEY = Pattern.compile("(?m)^([a-z_]+):");

  @TempDir private Path folder;

  private static Map<String, String> pages() throws IOException {
    return new Manual(Path.of("").toAbsolutePath(), "2026-11-24").pages();
  }

  private static String page(String name) throws IOException {
    return Objects.requireNonNull(pages().get(name)).replace("\\-", "-").replace("\\(aq", "'");
  }

  @Test
  void eachCommandHasItsPageAndItsLineInTheFirst() throws IOException {
    Map<String, String> pages = pages();
    for (String name : Main.commandLine(System.out).getSubcommands().keySet()) {
      assertThat(pages).containsKey("tlswaiver-" + name + ".8");
      assertThat(page("tlswaiver.8")).contains(".B \"" + name);
    }
    assertThat(pages).hasSize(Main.commandLine(System.out).getSubcommands().size() + 2);
  }

  @Test
  void anOptionAndItsMeaningStandOnThePage() throws IOException {
    assertThat(page("tlswaiver-reset.8"))
        .contains(".B \"--dry-run\"\nOnly print what would be removed; exit code 3 if anything.");
  }

  @Test
  void defaultsAreFilledIn() throws IOException {
    assertThat(String.join("", pages().values())).doesNotContain("${");
  }

  @Test
  void eachKeyOfTheShippedFileHasASection() throws IOException {
    String page = pages().get("tlswaiver.yaml.5");
    assertThat(KEY.matcher(Files.readString(Path.of("etc/tlswaiver.yaml"))).results())
        .isNotEmpty()
        .allSatisfy(key -> assertThat(page).contains(".SS \"" + key.group(1) + "\"\n"));
  }

  @Test
  void textIsNeverAMacro() {
    String page =
        new Roff("x", 8, "2026-11-24", "v").line(".so /etc/passwd").line("'\\n").toString();
    assertThat(page).contains("\n\\&.so /etc/passwd\n\\(aq\\en\n");
  }

  @Test
  void manAndMandocHaveNothingToSay() throws IOException, InterruptedException {
    assumeTrue(isThere("man"), "man is not installed");
    for (Map.Entry<String, String> page : pages().entrySet()) {
      Path file = folder.resolve(page.getKey());
      Files.writeString(file, page.getValue());
      assertThat(said("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", file.toString()))
          .isEmpty();
      if (isThere("mandoc")) {
        assertThat(said("mandoc", "-Tlint", "-Wwarning", file.toString())).isEmpty();
      }
    }
  }

  @Test
  void theCompletionIsGoodBash() throws IOException, InterruptedException {
    Path file = folder.resolve("completion");
    Files.writeString(file, Manual.completion());
    assertThat(said("bash", "-n", file.toString())).isEmpty();
    assertThat(Files.readString(file)).contains("report").contains("--since");
  }

  private static boolean isThere(String program) {
    return Files.isExecutable(Path.of("/usr/bin", program));
  }

  /** What a program says on standard error, or mandoc on its output. */
  private String said(String... command) throws IOException, InterruptedException {
    Path err = folder.resolve("err");
    List<String> line = new ArrayList<>(List.of(command));
    Process process =
        new ProcessBuilder(line)
            .redirectError(err.toFile())
            .redirectOutput(
                command[0].equals("man")
                    ? ProcessBuilder.Redirect.DISCARD
                    : ProcessBuilder.Redirect.appendTo(err.toFile()))
            .start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return Files.readString(err, StandardCharsets.UTF_8);
  }
}
