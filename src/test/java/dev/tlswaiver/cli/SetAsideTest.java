package dev.tlswaiver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import dev.tlswaiver.excerpt.ExcerptReader;
import dev.tlswaiver.maillog.Headers;
import dev.tlswaiver.maillog.SyslogMessage;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** A line that can't be read costs a line, in a past log as well. */
final class SetAsideTest {
  private static final String MARKED = "Mar  1 10:00:00 mx postfix/smtpd[31]: marked\n";

  private static final String FAILURE =
      """
      Mar  1 10:00:00 mx postfix/smtpd[31]: connect from a.example.org[192.0.2.1]
      Mar  1 10:00:00 mx postfix/smtpd[31]: SSL_accept error from a.example.org[192.0.2.1]: -1
      Mar  1 10:00:00 mx postfix/smtpd[31]: warning: TLS library problem: \
      error:0A000102:SSL routines::unsupported protocol:../ssl/statem/statem_srvr.c:1657:
      Mar  1 10:00:01 mx postfix/smtpd[31]: disconnect from a.example.org[192.0.2.1]
      """;

  @TempDir Path folder;

  /** Overflows the stack at each line that is marked. */
  private static final class FaultyHeaders implements Headers {
    private final Headers headers = new ExcerptReader(ZoneOffset.UTC);

    @Override
    public Optional<SyslogMessage> parse(String line, Instant reference) {
      if (line.contains("marked")) {
        throw new StackOverflowError();
      }
      return headers.parse(line, reference);
    }

    @Override
    public Optional<Instant> time(String line, Instant reference) {
      return headers.time(line, reference);
    }
  }

  private record Ended(int exit, String out, String err) {}

  private static Ended run(String command, String... arguments) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    Callable<Integer> made =
        switch (command) {
          case "report" -> new ReportCommand(out, FaultyHeaders::new);
          case "replay" -> new ReplayCommand(out, FaultyHeaders::new);
          default -> new ExplainCommand(out, FaultyHeaders::new);
        };
    StringWriter err = new StringWriter();
    int exit = new CommandLine(made).setErr(new PrintWriter(err, true)).execute(arguments);
    return new Ended(exit, bytes.toString(StandardCharsets.UTF_8), err.toString());
  }

  private Path log(String text) throws Exception {
    Path log = folder.resolve("maillog");
    Files.writeString(log, text);
    return log;
  }

  /** The short way of excerpts, the one line by line, and the one by blocks. */
  static Stream<Arguments> ways() {
    int many = 2_000;
    return Stream.of(
        Arguments.of("report", 1, List.of()),
        Arguments.of("report", many, List.of()),
        Arguments.of("report", many, List.of("--since", "2020-01-01T00:00:00Z")),
        Arguments.of("replay", 1, List.of()),
        Arguments.of("replay", many, List.of()),
        Arguments.of("explain", 1, List.of()));
  }

  @ParameterizedTest
  @MethodSource("ways")
  void linesThatCannotBeReadAreCountedAndTheRestIsRead(
      String command, int filled, List<String> options) throws Exception {
    Path log =
        log(
            FAILURE
                + MARKED
                + "Mar  1 10:00:00 mx postfix/smtpd[31]: statistics: x\n"
                + MARKED
                + ("Mar  1 10:00:00 mx postfix/qmgr[9]: " + "x".repeat(200) + "\n").repeat(filled)
                + FAILURE.replace("smtpd[31]", "smtpd[32]"));
    String[] arguments =
        Stream.concat(options.stream(), Stream.of("--format", "json", log.toString()))
            .toArray(String[]::new);
    Ended ended = run(command, arguments);
    assertThat(ended.exit()).isZero();
    assertThat(ended.err())
        .contains(
            "2 lines could not be read and were left out, the first of them "
                + log
                + (filled == 1 || command.equals("explain") ? ", up to line 12" : ", line 5")
                + " (StackOverflowError in SetAsideTest$FaultyHeaders#parse)");
    assertThat(JsonParser.parseString(ended.out()).getAsJsonObject().get("quarantined").getAsInt())
        .isEqualTo(2);
    int failed =
        switch (command) {
          case "report" ->
              JsonParser.parseString(ended.out())
                  .getAsJsonObject()
                  .getAsJsonArray("failures")
                  .get(0)
                  .getAsJsonObject()
                  .get("count")
                  .getAsInt();
          case "replay" ->
              JsonParser.parseString(ended.out()).getAsJsonObject().get("failed").getAsInt();
          default -> ended.out().split("0A000102", -1).length > 2 ? 2 : 0;
        };
    assertThat(failed).isEqualTo(2);
  }

  @Test
  void nothingIsSaidWhereAllWasRead() throws Exception {
    for (String command : List.of("report", "replay", "explain")) {
      Ended ended = run(command, "--format", "json", log(FAILURE).toString());
      assertThat(ended.err()).doesNotContain("could not be read");
      assertThat(JsonParser.parseString(ended.out()).getAsJsonObject().has("quarantined"))
          .isFalse();
    }
  }
}
