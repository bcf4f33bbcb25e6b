package dev.tlswaiver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
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
  void explainSaysHowManyLinesWereTooManyForIt() throws Exception {
    Path log = file("long", FAILING.formatted("00").repeat(3_000));
    Ended ended = run("explain", "--format", "json", log.toString());
    int shown = ended.json().getAsJsonArray("lines").size();
    assertThat(ended.exit()).isZero();
    assertThat(shown).isPositive().isLessThanOrEqualTo(ExplainCommand.MOST_LINES);
    assertThat(ended.err())
        .contains(Files.readAllLines(log).size() - shown + " lines were left out");
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

  /** The same in configuration, but for one thing. */
  private Path configuration(String name, String... lines) throws Exception {
    return file(
        name,
        "state_directory: "
            + folder.resolve("state")
            + "\ncontrol_socket: "
            + folder.resolve("control.sock")
            + "\n"
            + String.join("\n", lines)
            + "\n");
  }

  @Test
  void replayTellsAllInTheOrderOfTheTimes() throws Exception {
    Path log =
        file(
            "more",
            FAILING.formatted("00")
                + FAILING.formatted("08")
                + FAILING.formatted("16")
                + FAILING.formatted("24")
                + "Mar  1 10:30:00 mx postfix/smtpd[31]: connect from a.example.org[192.0.2.1]\n"
                + "Mar  1 10:30:00 mx postfix/smtpd[31]: 4F6D0629C: client=a.example.org[192.0.2.1]\n"
                + "Mar  1 10:30:01 mx postfix/smtpd[31]: disconnect from a.example.org[192.0.2.1]"
                + " ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5\n");
    Ended text = run("replay", log.toString());
    assertThat(text.out())
        .containsSubsequence(
            "Timeline:",
            "first failure of example.org: a.example.org[192.0.2.1], unsupported-protocol",
            "proposal 1: rung legacy for example.org (192.0.2.1/32): 3 failures",
            "Waivers:",
            "4 handshakes lost, 1 of them after the proposal; 1 message came in plaintext instead");
    JsonObject json = run("replay", "--format", "json", log.toString()).json();
    assertThat(json.getAsJsonArray("timeline"))
        .extracting(moment -> moment.getAsJsonObject().get("kind").getAsString())
        .containsExactly("first-failure", "proposed");
    assertThat(json.getAsJsonArray("plaintext_after_failure").get(0).getAsJsonObject())
        .hasToString("{\"pool\":\"example.org\",\"messages\":1}");
    JsonObject waiver = json.getAsJsonArray("waivers").get(0).getAsJsonObject();
    assertThat(waiver.get("lost_before").getAsInt()).isEqualTo(3);
    assertThat(waiver.get("lost_after").getAsInt()).isEqualTo(1);
  }

  @Test
  void aLogWithoutALineOfPostfixIsNamed() throws Exception {
    String others =
        file("others", "Mar  1 10:00:00 mx dovecot: imap-login: Login: user=<a>\n").toString();
    String big =
        file("big", "Mar  1 10:00:00 mx dovecot: imap-login: Login\n".repeat(6_000)).toString();
    for (String log : List.of(others, big)) {
      for (String command : List.of("report", "replay", "explain")) {
        Ended ended = run(command, "--format", "json", log);
        assertThat(ended.exit()).isZero();
        assertThat(ended.err()).contains("tlswaiver: " + log + ": not one line is of Postfix");
        assertThat(ended.json().get("postfix_lines").getAsInt()).isZero();
      }
    }
    Ended compared =
        run(
            "replay",
            "--compare",
            configuration("same.yaml").toString(),
            "--format",
            "json",
            others);
    assertThat(compared.err()).contains("not one line is of Postfix");
    assertThat(compared.json().get("postfix_lines").getAsInt()).isZero();
    String own = failing().toString();
    for (String command : List.of("report", "replay", "explain")) {
      Ended ended = run(command, "--format", "json", own);
      assertThat(ended.err()).isEmpty();
      assertThat(ended.json().get("postfix_lines").getAsInt()).isEqualTo(15);
    }
  }

  @Test
  void standardInputIsReadAsAFileIs() throws Exception {
    String quoted = "> " + FAILING.formatted("00").strip().replace("\n", "\n> ");
    String broken = quoted.replace("SSL_accept error from ", "SSL_accept error from\n> ");
    for (byte[] text :
        List.of(
            broken.getBytes(StandardCharsets.UTF_8),
            ("\ufeff" + broken).getBytes(StandardCharsets.UTF_8),
            ("\ufeff" + broken).getBytes(StandardCharsets.UTF_16LE),
            ("\ufeff" + broken).getBytes(StandardCharsets.UTF_16BE))) {
      Path file = folder.resolve("shown");
      Files.write(file, text);
      for (String command : List.of("report", "replay", "explain")) {
        Ended ended = runWith(text, command, "-");
        assertThat(ended.out())
            .isEqualTo(run(command, file.toString()).out())
            .contains(command.equals("replay") ? "1 failed" : "unsupported-protocol");
      }
    }
    // What is too long to be put together is read on from where it was looked at.
    String line = FAILING.formatted("00").repeat(1_000);
    assertThat(
            runWith(line.getBytes(StandardCharsets.UTF_8), "report", "--format", "json", "-")
                .json()
                .get("lines")
                .getAsInt())
        .isEqualTo(5_000);
  }

  private static Ended runWith(byte[] input, String... arguments) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(input));
    try {
      return run(arguments);
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void aLogWhoseClockIsAheadIsNamed() throws Exception {
    Path log = failing();
    ZonedDateTime last = ZonedDateTime.of(2026, 3, 1, 10, 16, 1, 0, ZoneId.systemDefault());
    Files.setLastModifiedTime(log, FileTime.from(last.minusHours(2).toInstant()));
    for (String command : List.of("report", "replay", "explain")) {
      assertThat(run(command, log.toString()).err())
          .contains("120 minutes after the log was written: its clock or time zone");
    }
    Files.setLastModifiedTime(log, FileTime.from(last.minusMinutes(5).toInstant()));
    assertThat(run("report", log.toString()).err()).isEmpty();
  }

  @Test
  void replayComparesTwoConfigurations() throws Exception {
    String log = failing().toString();
    Path usual = configuration("usual.yaml");
    Path same = configuration("same.yaml", "mode: enforce");
    Ended alike = run("replay", "--config", usual.toString(), "--compare", same.toString(), log);
    assertThat(alike.exit()).isZero();
    assertThat(alike.out()).contains("No difference.");
    Path never = configuration("never.yaml", "guards: {never: [example.org]}");
    Ended refused = run("replay", "--config", usual.toString(), "--compare", never.toString(), log);
    assertThat(refused.exit()).isEqualTo(3);
    assertThat(refused.out())
        .contains("example.org: " + usual + ": rung legacy", never + ": refused by never");
    Path patient =
        configuration(
            "patient.yaml",
            "rules: [{name: old, reasons: [unsupported-protocol], failures: 9, within: 1h,"
                + " rung: legacy}]");
    JsonObject json =
        run(
                "replay",
                "--format",
                "json",
                "--config",
                usual.toString(),
                "--compare",
                patient.toString(),
                log)
            .json();
    assertThat(json.keySet()).containsExactly("first", "second", "differences", "postfix_lines");
    assertThat(json.get("postfix_lines").getAsInt()).isEqualTo(15);
    assertThat(json.getAsJsonObject("first").getAsJsonArray("waivers")).hasSize(1);
    assertThat(json.getAsJsonObject("second").getAsJsonArray("waivers")).isEmpty();
    assertThat(
            json.getAsJsonArray("differences").get(0).getAsJsonObject().get("kind").getAsString())
        .isEqualTo("only-first");
    Path legacyLater =
        configuration(
            "rung.yaml",
            "rules: [{name: old, reasons: [unsupported-protocol], failures: 2, within: 1h,"
                + " spread: 1m, rung: tls12}]");
    assertThat(
            run("replay", "--config", usual.toString(), "--compare", legacyLater.toString(), log)
                .out())
        .contains("the rung legacy; ", "the rung tls12")
        .containsPattern("example.org: \\S+: at \\S+; \\S+: at ");
    assertThat(run("replay", "--compare", folder.resolve("absent.yaml").toString(), log).exit())
        .isEqualTo(78);
  }

  @Test
  void withoutAnAgentTheLedgerIsShownAndSaidSo() throws Exception {
    String config = configuration("a.yaml").toString();
    Ended list = run("list", "--config", config);
    assertThat(list.out()).isEqualTo("No waivers.\n");
    assertThat(list.err()).contains("no agent is running; this is the ledger as it left it");
    assertThat(folder.resolve("state")).doesNotExist();
    Ended show = run("show", "--config", config, "a.example");
    assertThat(show.exit()).isEqualTo(1);
    assertThat(show.err()).contains("nothing is known of a.example");
    assertThat(run("pause", "--config", config, "--for", "90m").out())
        .contains("no new waivers until ");
    assertThat(run("list", "--config", config).out()).contains("Paused until ");
    assertThat(run("resume", "--config", config).out())
        .containsPattern("the pause until \\S+ has ended");
    assertThat(run("resume", "--config", config).out()).contains("nothing to resume");
    assertThat(run("list", "--config", config).out()).isEqualTo("No waivers.\n");
    for (String[] command :
        List.of(
            new String[] {"grant", "--config", config, "192.0.2.1", "--rung", "legacy"},
            new String[] {"approve", "--config", config, "1"})) {
      Ended ended = run(command);
      assertThat(ended.exit()).isEqualTo(1);
      assertThat(ended.err()).contains("needs a running agent", "systemctl start tlswaiver");
    }
    assertThat(run("revoke", "--config", config, "1").err()).contains("no waiver for 1");
  }

  @Test
  void mistakesOfTypingAreUsageErrors() throws Exception {
    String config = configuration("a.yaml").toString();
    for (String words :
        List.of(
            "grant 192.0.2.1",
            "grant 192.0.2.1 --rung lgacy",
            "grant 192.0.2.1/24 --rung legacy",
            "grant a_?b --rung legacy",
            "grant 192.0.2.1 --rung legacy --for 0s",
            "grant 192.0.2.1 --rung legacy --for soon",
            "grant 192.0.2.1 --rung diagnose --for 7d",
            "grant 192.0.2.1 --rung legacy --reason \"",
            "pause --for ever",
            "pause --for 0s",
            "show",
            "show --letter --format json 1",
            "resume now")) {
      List<String> arguments = new ArrayList<>(List.of(words.split(" ")));
      arguments.addAll(List.of("--config", config));
      assertThat(run(arguments.toArray(String[]::new)).exit()).as(words).isEqualTo(64);
    }
    assertThat(run("grant", "192.0.2.1", "--rung", "lgacy", "--config", config).err())
        .contains("there are diagnose, tls12, ciphers, legacy, sslv3, plaintext");
  }

  @Test
  void everyCommandExplainsItself() {
    for (String command :
        List.of("show", "grant", "approve", "revoke", "pause", "resume", "list", "replay")) {
      Ended ended = run(command, "--help");
      assertThat(ended.exit()).as(command).isZero();
      assertThat(ended.out()).as(command).contains("Usage: tlswaiver " + command);
    }
    // A line may break at a dot.
    assertThat(
            run("grant", "--help").out().replaceAll("\\s+", " ").replace(". longest", ".longest"))
        .contains(
            "--force overrules the guards only, strong-tls-memory, is-it-us, probe, reachable,"
                + " banned, postscreen, logs-in, paused, evidence-gap, memory-incomplete and"
                + " forgeable-log, waiver.longest,",
            "It does not overrule never, private-address, bounds and feasible");
  }
}
