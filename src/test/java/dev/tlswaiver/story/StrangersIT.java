package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Strangers write most of a mail log, and an agent with the package's heap and stack reads it: it
 * stays, keeps up, tells little, and an honest old sender gets its mail through.
 */
final class StrangersIT {
  private static final int MOST_NOTICES = 20;
  private static final Duration A_MINUTE = Duration.ofMinutes(1);

  /** Each is one session; what is typed is written into the log as it came. */
  private static final String SESSIONS =
      """
      use IO::Socket::INET;
      sub session {
        my ($lines, $stay) = @_;
        my $s = IO::Socket::INET->new(PeerAddr => '192.0.2.25:25', Timeout => 10) or return;
        my $greeting = <$s>;
        for (@$lines) { print $s "$_\\r\\n" or last; while (<$s>) { last if /^\\d{3} /; } }
        return $s;
      }
      """;

  private static void play(Lab lab, String script) {
    assertThat(
            lab.onSenders(List.of("perl", "-e", "$SIG{PIPE} = 'IGNORE'; " + SESSIONS + script))
                .exit())
        .isZero();
  }

  private static final String EVERY_CHARACTER =
      """
      for my $c (33 .. 126) {
        session(['EHLO ' . chr($c) x 1900, 'MAIL FROM:<a@b.example>', 'RCPT TO:<x@nowhere.example>', 'QUIT']);
      }
      """;

  /** Fewer errors than those after which smtpd(8) waits before it answers. */
  private static final String LONG_OPEN =
      """
      my @open;
      for my $i (1 .. 48) {
        push @open, session(['EHLO ' . ('h' x 60 . '.') x 30 . $i, 'MAIL FROM:<a@b.example>',
          map { "RCPT TO:<x$_\\@nowhere.example>" } 1 .. 8]);
      }
      """;

  private static final String IMITATIONS =
      """
      my @words = ('warning: No server certs available. N',
        'fatal: open database N', 'cannot load Certification Authority data N',
        'warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:a.c:N:',
        'disabling TLS support N', 'Wrapper-mode request dropped from N', 'cannot get private key N',
        "don't know what EHLO features to announce to N", 'GET /N: aborting TLS session');
      for my $i (1 .. 300) { session([map { (my $w = $_) =~ s/N/$i/; $w } @words]); }
      """;

  private static final String CONNECTIONS = "for my $i (1 .. 3000) { session([]); }";

  private static double metric(Lab lab, String name) {
    return Pattern.compile("(?m)^" + Pattern.quote(name) + " ([0-9.eE+-]+)")
        .matcher(lab.get("/metrics"))
        .results()
        .mapToDouble(found -> Double.parseDouble(found.group(1)))
        .sum();
  }

  @Test
  void whatStrangersWriteEndsAndStallsNothing() throws Exception {
    try (Lab lab = Lab.up()) {
      Path program = lab.programs().resolve("tell");
      Path told = lab.programs().resolve("told.json");
      Files.writeString(program, "#!/bin/sh\ncat >> \"$1\"\n");
      Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.createFile(told);
      Path configuration = lab.configure("notify: {command: [" + program + ", " + told + "]}");
      RunningTlswaiver agent = lab.runAsPackaged(configuration).awaitStart();
      for (String attack : List.of(EVERY_CHARACTER, LONG_OPEN, IMITATIONS, CONNECTIONS)) {
        play(lab, attack);
      }
      lab.failThreeTimes(Lab.OLD, "tls1");
      Lab.await("mail of an old sender", A_MINUTE, () -> lab.send(Lab.OLD, "tls1").isPresent());
      assertThat(agent.isAlive()).isTrue();
      assertThat(agent.output())
          .doesNotContain("the agent ends")
          .containsOnlyOnce("start version=");
      Lab.await(
          "all lines are read",
          Duration.ofSeconds(5),
          () -> {
            double read = metric(lab, "tlswaiver_last_tick_timestamp_seconds");
            return System.currentTimeMillis() / 1000.0 - read < 5;
          });
      List<String> notices = Files.readAllLines(told);
      assertThat(notices).hasSizeLessThanOrEqualTo(MOST_NOTICES);
      // Waits for sentences that are read from the left: none of the client's words is a fault.
      assertThat(notices).noneMatch(line -> line.contains("aborting TLS session"));
      assertThat(metric(lab, "tlswaiver_alarms_total{result=\"held-back\"}")).isZero();
    }
  }
}
