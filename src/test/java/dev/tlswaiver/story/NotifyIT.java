package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Mail goes through a real Postfix, and a real program reads the JSON. */
final class NotifyIT {
  private static final Pattern DELIVERED =
      Pattern.compile("postfix/discard\\[[0-9]+\\]: ([0-9A-Za-z]+): to=<root@[^>]*>.* status=sent");

  private static String configure(Lab lab) throws IOException {
    Path program = lab.programs().resolve("tell");
    Files.writeString(program, "#!/bin/sh\ncat >> \"$1\"\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return "notify: {mail: root, command: [" + program + ", " + told(lab) + "]}";
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
      assertThat(events(lab)).containsExactly("test", "proposed", "active");
      agent.stop();
      lab.run(configuration).awaitStart().stop();
      assertThat(events(lab)).containsExactly("test", "proposed", "active");
      assertThat(delivered(lab)).isEqualTo(3);
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
