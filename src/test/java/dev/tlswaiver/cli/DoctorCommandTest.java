package dev.tlswaiver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command on whatever host the tests run on, told that it has no Postfix. */
final class DoctorCommandTest {
  @TempDir Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private String configuration = "";

  @BeforeEach
  void configure() throws Exception {
    configuration =
        configure("postfix: {config_directory: /nonexistent}\nredirect: {backend: none}\n");
  }

  private String configure(String text) throws Exception {
    Path file = folder.resolve("tlswaiver.yaml");
    Files.writeString(file, text);
    return file.toString();
  }

  private int run(String... arguments) {
    return Main.run(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        arguments);
  }

  @Test
  void findingsAreData() {
    assertThat(run("doctor", "--format", "json", "--config", configuration)).isEqualTo(3);
    assertThat(JsonParser.parseString(out.toString(StandardCharsets.UTF_8)).toString())
        .contains("\"id\":\"postfix-missing\"", "\"severity\":\"problem\"", "\"mend\":\"apt-get");
    assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void findingsAreForPeople() {
    assertThat(run("doctor", "--config", configuration)).isEqualTo(3);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("problem: postfix-missing\n  /nonexistent/main.cf does not exist.\n  Why it");
  }

  @Test
  void aMistakeInTheConfigurationComesFirst() throws Exception {
    assertThat(run("doctor", "--config", configure("modus: observe\n"))).isEqualTo(78);
    assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("modus");
  }

  @Test
  void anUnknownFormatIsAMistake() {
    assertThat(run("doctor", "--format", "yaml")).isEqualTo(64);
  }
}
