package dev.tlswaiver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands as a shell sees them: standard output, messages, exit code. */
final class CommandsTest {
  private static final String REPORT = "examples/maillog";

  /** A sender that fails often enough for a waiver. */
  private static final String FAILING =
      """
      Mar  1 10:%1$s:00 mx postfix/smtpd[31]: connect from a.example.org[192.0.2.1]
      Mar  1 10:%1$s:00 mx postfix/smtpd[31]: SSL_accept error from a.example.org[192.0.2.1]: -1
      Mar  1 10:%1$s:00 mx postfix/smtpd[31]: warning: TLS library problem: \
      error:0A000102:SSL routines::unsupported protocol:../ssl/statem/statem_srvr.c:1657:
      Mar  1 10:%1$s:01 mx postfix/smtpd[31]: lost connection after STARTTLS \
      from a.example.org[192.0.2.1]
      Mar  1 10:%1$s:01 mx postfix/smtpd[31]: disconnect from a.example.org[192.0.2.1]
      """;

  @TempDir Path folder;

  private record Ended(int exit, String out, String err) {
    JsonObject json() {
      return JsonParser.parseString(out).getAsJsonObject();
    }
  }

  private static Ended run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exit =
        Main.run(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            arguments);
    return new Ended(
        exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private Path file(String name, String text) throws Exception {
    Path file = folder.resolve(name);
    Files.writeString(file, text);
    return file;
  }

  private Path failing() throws Exception {
    return file(
        "failing", FAILING.formatted("00") + FAILING.formatted("08") + FAILING.formatted("16"));
  }

  @Test
  void reportSpeaksTheJsonOfTheContract() {
    JsonObject report = run("report", "--format", "json", REPORT).json();
    assertThat(report.keySet())
        .contains(
            "lines",
            "unrecognized",
            "gaps",
            "from",
            "to",
            "failures",
            "established",
            "own_faults",
            "plaintext_after_failure");
    JsonArray failures = report.getAsJsonArray("failures");
    assertThat(failures).isNotEmpty();
    assertThat(failures.get(0).getAsJsonObject().keySet())
        .containsExactly(
            "name", "address", "pool", "service", "reason", "openssl", "late", "count", "first",
            "last");
  }

  @Test
  void replaySpeaksTheJsonOfTheContract() throws Exception {
    JsonObject replay = run("replay", "--format", "json", failing().toString()).json();
    assertThat(replay.keySet()).contains("handshakes", "failed", "waivers", "alarms");
    assertThat(replay.getAsJsonArray("waivers")).isNotEmpty();
    assertThat(replay.getAsJsonArray("waivers").get(0).getAsJsonObject().keySet())
        .contains(
            "id",
            "pool",
            "networks",
            "rung",
            "reason",
            "failures",
            "first",
            "at",
            "state",
            "objections",
            "hello");
  }

  @Test
  void theShownExamplesAreWhatTheCommandsPrint() throws Exception {
    // Its lines have no year: they were written in the year of the file's date.
    Path log = file("maillog", Files.readString(Path.of(REPORT)));
    Files.setLastModifiedTime(log, FileTime.from(Instant.parse("2019-08-24T00:00:00Z")));
    assertThat(run("replay", log.toString()).out())
        .isEqualTo(Files.readString(Path.of("examples/replay.txt")));
    assertThat(run("report", log.toString()).out())
        .isEqualTo(Files.readString(Path.of("examples/report.txt")));
  }

  @Test
  void listOfNothingIsAnEmptyList() throws Exception {
    Path config = file("a.yaml", "state_directory: " + folder.resolve("state") + "\n");
    JsonObject list = run("list", "--config", config.toString(), "--format", "json").json();
    assertThat(list.getAsJsonArray("waivers")).isEmpty();
    assertThat(list.getAsJsonObject("totals").keySet())
        .containsExactly("handshakes", "failed", "since");
  }

  @Test
  void anUnreadableLogIsNamedAndFails() {
    Ended ended = run("report", folder.resolve("absent").toString());
    assertThat(ended.exit()).isEqualTo(1);
    assertThat(ended.out()).isEmpty();
    assertThat(ended.err()).contains("absent: no such file");
    assertThat(run("replay", folder.toString()).err()).contains("it is a file");
  }

  @Test
  void anEmptyLogIsNoMistake() throws Exception {
    Ended ended = run("report", file("empty", "").toString());
    assertThat(ended.exit()).isEqualTo(0);
    assertThat(ended.out()).contains("0 lines");
    assertThat(run("replay", file("empty2", "").toString()).out())
        .contains("No waiver would have been proposed.");
  }

  @Test
  void usageIsSixtyFourAndConfigurationSeventyEight() throws Exception {
    assertThat(run("replay").exit()).isEqualTo(64);
    assertThat(run("replya").exit()).isEqualTo(64);
    assertThat(run("report", "--format", "xml", REPORT).exit()).isEqualTo(64);
    assertThat(run("report", "--since", "yesterday", REPORT).err()).contains("not a time");
    Path wrong = file("wrong.yaml", "mode: enforced\nlod: 1\n");
    Ended ended = run("check", "--config", wrong.toString());
    assertThat(ended.exit()).isEqualTo(78);
    assertThat(ended.err()).contains("wrong.yaml:1:7: ", "wrong.yaml:2:1: ");
  }

  @Test
  void sinceAndUntilBoundAReport() throws Exception {
    String log = failing().toString();
    JsonObject all = run("report", "--format", "json", log).json();
    String from = all.get("from").getAsString();
    JsonObject none = run("report", "--format", "json", "--until", from, log).json();
    assertThat(none.getAsJsonArray("failures")).isEmpty();
    assertThat(run("report", "--format", "json", "--since", from, log).json()).isEqualTo(all);
  }
}
