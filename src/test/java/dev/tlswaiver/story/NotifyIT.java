package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Mail goes through a real Postfix, and a real program reads the JSON. */
final class NotifyIT {
  private static final Pattern DELIVERED =
      Pattern.compile("postfix/discard\\[[0-9]+\\]: ([0-9A-Za-z]+): to=<root@[^>]*>.* status=sent");

  private static String configure(Lab lab, String... more) throws IOException {
    Path program = lab.programs().resolve("tell");
    Files.writeString(program, "#!/bin/sh\ncat >> \"$1\"\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    String both = "mail: root, command: [" + program + ", " + told(lab) + "]";
    return "notify: {" + String.join(", ", both, String.join(", ", more)) + "}";
  }

  private static Path told(Lab lab) throws IOException {
    return lab.programs().resolve("told.json");
  }

  private static long delivered(Lab lab) {
    try {
      return DELIVERED.matcher(Files.readString(lab.maillog())).results().count();
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  private static List<String> events(Lab lab) throws IOException {
    return Files.readAllLines(told(lab)).stream()
        .map(line -> JsonParser.parseString(line).getAsJsonObject().get("event").getAsString())
        .toList();
  }

  @Test
  void theOperatorIsToldByMailAndByCommandAndNotAgainAfterARestart() throws Exception {
    try (Lab lab = Lab.up()) {
      Path configuration = lab.configure(configure(lab));
      Lab.CommandResult test = lab.tlswaiver(configuration, "notify", "--test");
      assertThat(test.output()).contains("mail to root: taken", "tell: taken");
      assertThat(test.exit()).isZero();
      Lab.await("the test mail", () -> delivered(lab) == 1);
      RunningTlswaiver agent = lab.run(configuration).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("PROPOSED -> ACTIVE");
      Lab.await("two mails more", () -> delivered(lab) == 3);
      Lab.await("the command too", () -> isTold(lab, "active"));
      assertThat(events(lab)).containsExactly("test", "proposed", "active");
      agent.stop();
      lab.run(configuration).awaitStart().stop();
      assertThat(events(lab)).containsExactly("test", "proposed", "active");
      assertThat(delivered(lab)).isEqualTo(3);
    }
  }

  /** The next minute, by the host's clock, that has not begun when the agent has started. */
  private static String soon() {
    LocalTime now = LocalTime.now(ZoneId.systemDefault());
    return now.plusMinutes(now.getSecond() < 30 ? 1 : 2).truncatedTo(ChronoUnit.MINUTES).toString();
  }

  private static boolean isTold(Lab lab, String event) {
    try {
      return Files.exists(told(lab)) && events(lab).contains(event);
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  @Test
  void whatGoesWrongIsToldOnceAndTheDayIsSummedUp() throws Exception {
    try (Lab lab = Lab.up()) {
      lab.disguise(
          "nft",
          """
          if [ "$*" = "-f -" ] && [ ! -e "$0.failed" ]; then
            script=$(cat)
            case "$script" in *elements*) touch "$0.failed"; echo 'Error: no' >&2; exit 1;; esac
            printf '%s\\n' "$script" | $REAL -f -
            exit $?
          fi
          exec $REAL "$@\"""");
      Path configuration =
          lab.configure(
              configure(
                  lab,
                  "on: [proposed, active, ineffective, alarm, rolled-back]",
                  "daily_summary: '" + soon() + "'"),
              "waiver: {prove_within: 1s}");
      RunningTlswaiver agent = lab.run(configuration).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("PROPOSED -> FAILED");
      Lab.await("rolled back", () -> isTold(lab, "rolled-back"));
      lab.tlswaiver(configuration, "resume");
      lab.tlswaiver(configuration, "grant", "198.51.100.11", "--rung", "legacy", "--force");
      Lab.await("no mail came", () -> isTold(lab, "ineffective"));
      // A plan in between would be rolled back, and rightly so.
      Lab.await("its end", () -> !lab.onHost("nft", "list", "ruleset").contains("tlswaiver"));
      String postfix = lab.postfix().toString();
      Lab.await(
          "no listener", () -> !lab.onHost("postconf", "-c", postfix, "-M").contains("tlswaiver"));
      lab.onHost("postconf", "-c", postfix, "-e", "smtpd_tls_protocols=nonsense");
      lab.onHost("postfix", "-c", postfix, "reload");
      assertThat(lab.send(Lab.MODERN, "modern")).isEmpty();
      Lab.await("Postfix complains about itself", () -> isTold(lab, "alarm"));
      Lab.await("the day's summary", Duration.ofMinutes(3), () -> isTold(lab, "summary"));
      List<String> events = events(lab);
      Lab.await("as many mails", () -> delivered(lab) == events.size());
      agent.stop();
      lab.run(configuration).awaitStart().stop();
      assertThat(events(lab))
          .isEqualTo(events)
          .containsExactlyInAnyOrder(
              "proposed", "rolled-back", "proposed", "active", "ineffective", "alarm", "summary");
      assertThat(delivered(lab)).as(Files.readString(lab.maillog())).isEqualTo(events.size());
    }
  }

  @Test
  void whatDoesNotWorkIsSaid() throws Exception {
    try (Lab lab = Lab.up()) {
      Path configuration = lab.configure("notify: {command: [/bin/false]}");
      Lab.CommandResult test = lab.tlswaiver(configuration, "notify", "--test");
      assertThat(test.output()).contains("command /bin/false: failed");
      assertThat(test.exit()).isEqualTo(1);
      Lab.CommandResult nobody = lab.tlswaiver(lab.configure(), "notify", "--test");
      assertThat(nobody.output()).contains("nobody is told anything: set notify:");
      assertThat(nobody.exit()).isEqualTo(1);
      assertThat(lab.tlswaiver(lab.configure("notify: {mail: 'a b'}"), "notify", "--test").exit())
          .isEqualTo(78);
    }
  }
}
