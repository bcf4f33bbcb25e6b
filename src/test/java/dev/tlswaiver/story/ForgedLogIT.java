package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;

/** A local user writes lines of Postfix's, DESIGN 14. */
final class ForgedLogIT {
  private static final String ANYBODY = "203.0.113.77";

  /** What three of {@code logger -t 'postfix/smtpd[1]'} leave in a log of syslog's. */
  private static void forge(Path log) throws IOException {
    for (int i = 0; i < 3; i++) {
      String header = Instant.now().truncatedTo(ChronoUnit.MILLIS) + " mx postfix/smtpd[1]: ";
      Files.writeString(
          log,
          header
              + "connect from mta1.victim.example["
              + ANYBODY
              + "]\n"
              + header
              + "SSL_accept error from mta1.victim.example["
              + ANYBODY
              + "]: -1\n"
              + header
              + "warning: TLS library problem: error:0A000102:SSL routines::unsupported"
              + " protocol:../ssl/statem/statem_srvr.c:1657:\n"
              + header
              + "lost connection after STARTTLS from mta1.victim.example["
              + ANYBODY
              + "]\n"
              + header
              + "disconnect from mta1.victim.example["
              + ANYBODY
              + "] ehlo=1 starttls=0/1 commands=1/2\n",
          StandardOpenOption.APPEND);
    }
  }

  private static Path syslogsFile(Lab lab) throws IOException {
    return Files.createFile(lab.state().resolveSibling("mail.log"));
  }

  @Test
  void whatAnybodyCanWriteGivesNobodyAWaiverWithoutTheOperatorsWord() throws Exception {
    try (Lab lab = Lab.up()) {
      Path log = syslogsFile(lab);
      RunningTlswaiver agent =
          lab.run(lab.configure("log: {source: file, path: " + log + "}")).awaitStart();
      agent.await("waivers wait for tlswaiver approve: .*mail.log is written by syslog");
      forge(log);
      agent.await("PROPOSED .*" + ANYBODY);
      assertThat(lab.tlswaiver(lab.configuration(), "list").output())
          .contains("PROPOSED")
          .doesNotContain("ACTIVE");
      assertThat(lab.onHost("nft", "list", "ruleset")).doesNotContain(ANYBODY);

      lab.tlswaiver(lab.configuration(), "approve", "1");
      agent.await("PROPOSED -> ACTIVE");
      assertThat(lab.onHost("nft", "list", "ruleset")).contains(ANYBODY);
    }
  }

  @Test
  void whereTheOperatorTrustsTheFileItCounts() throws Exception {
    try (Lab lab = Lab.up()) {
      Path log = syslogsFile(lab);
      RunningTlswaiver agent =
          lab.run(lab.configure("log: {source: file, path: " + log + ", trust: file}"))
              .awaitStart();
      forge(log);
      agent.await("PROPOSED -> ACTIVE");
    }
  }

  @Test
  void whatIsNoFileIsNotFollowed() throws Exception {
    try (Lab lab = Lab.up()) {
      lab.onHost("postconf", "-c", lab.postfix().toString(), "-e", "maillog_file = /dev/stdout");
      RunningTlswaiver agent = lab.run(lab.configure("log: {source: auto}"));
      agent.await("the log /dev/stdout is no file, and can't be followed");
    }
  }
}
