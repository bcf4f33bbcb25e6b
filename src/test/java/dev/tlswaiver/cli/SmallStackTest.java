package dev.tlswaiver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.tlswaiver.house.PackagedJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What strangers can write into a log, read with the heap of the package and half its stack. */
final class SmallStackTest {
  @TempDir Path folder;

  private static String line(String text) {
    return "Mar  1 10:00:00 mx postfix/smtpd[31]: " + text + "\n";
  }

  private static String text() {
    StringBuilder text = new StringBuilder();
    for (char c = 33; c < 127; c++) {
      text.append(
          line(
              "NOQUEUE: reject: RCPT from unknown[192.0.2.9]: 554 5.7.1 <x@y.example>: Relay access"
                  + " denied; from=<a@b.example> to=<x@y.example> proto=ESMTP helo=<"
                  + String.valueOf(c).repeat(1_900)
                  + ">"));
    }
    String deep = "{\"message\":".repeat(20_000);
    return text
        + "{\"@timestamp\":\"2026-03-01T10:00:00Z\",\"message\":{\"text\":[1]},\"process\":{}}\n"
        + deep
        + "\n"
        + "[".repeat(60_000)
        + "\n"
        + "\0".repeat(5_000)
        + line("connect from a.example.org[192.0.2.1]")
        + line("SSL_accept error from a.example.org[192.0.2.1]: -1")
        + line(
            "warning: TLS library problem: error:0A000102:SSL routines::unsupported"
                + " protocol:x.c:1:")
        + line("disconnect from a.example.org[192.0.2.1]");
  }

  private JsonObject run(String command, Path log) throws Exception {
    Path out = folder.resolve(command + ".json");
    OptionalInt exit =
        PackagedJvm.exit(
            PackagedJvm.of("dev.tlswaiver.cli.Main", command, "--format", "json", log.toString())
                .redirectError(folder.resolve("err").toFile())
                .redirectOutput(out.toFile()),
            2);
    String said = Files.readString(folder.resolve("err"));
    assertThat(exit).as(said).hasValue(0);
    assertThat(said).doesNotContain("could not be read");
    return JsonParser.parseString(Files.readString(out)).getAsJsonObject();
  }

  @Tag("slow")
  @Test
  void noLineIsTooMuchForTheStack() throws Exception {
    Path log = folder.resolve("maillog");
    Files.writeString(log, text());
    List<Integer> failed = new ArrayList<>();
    failed.add(run("report", log).getAsJsonArray("failures").size());
    failed.add(run("replay", log).get("failed").getAsInt());
    run("explain", log);
    assertThat(failed).containsExactly(1, 1);
  }
}
