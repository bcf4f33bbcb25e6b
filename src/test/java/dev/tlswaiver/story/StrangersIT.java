package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Strangers write most of a mail log, and an agent with the package's heap and stack reads it: all
 * of them at once, and it stays, keeps up and tells little, and meanwhile an honest old sender gets
 * its mail through.
 */
final class StrangersIT {
  private static final int MOST_NOTICES = 20;

  private static final Duration A_MINUTE = Duration.ofMinutes(1);

  /**
   * How late a line may be read: nothing has stalled, whatever else the machine does. What is
   * promised of a quiet machine, 5 s, is measured by {@code src/benchmark/strangers.sh}.
   */
  private static final Duration BEHIND =
      Duration.ofSeconds(Integer.getInteger("strangers.behind", 60));

  /** How long all attacks last together, at least. */
  private static final Duration ATTACK =
      Duration.ofSeconds(Integer.getInteger("strangers.seconds", 40));

  /** In whatever strangers say that could be taken for a fault. */
  private static final String MARK = "of-a-strangers-choice";

  /**
   * Sessions from one address, until the program is killed. What is typed is written into the log
   * nearly as it came.
   */
  private static final String SESSIONS =
      """
      use strict; use IO::Socket::INET; $SIG{PIPE} = 'IGNORE';
      my ($from, $mark) = @ARGV;
      sub answer { my $s = shift; while (<$s>) { return $_ if /^\\d{3} /; } return ''; }
      sub dial {
        my $s = IO::Socket::INET->new(
          PeerAddr => '192.0.2.25:25', LocalAddr => $from, Timeout => 10) or return;
        answer($s);
        return $s;
      }
      sub say_all { my ($s, @lines) = @_; for (@lines) { print $s "$_\\r\\n"; answer($s) or return; } }
      sub session { my $s = dial() or return; say_all($s, @_); }
      """;

  /** Carriage return, line feed and NUL end a command; all else is said 1900 times. */
  private static final String EVERY_CHARACTER =
      """
      for (;;) {
        for my $c (1 .. 9, 11, 12, 14 .. 127) {
          session('EHLO ' . chr($c) x 1900, 'MAIL FROM:<a@b.example>', 'RCPT TO:<x@nowhere.example>',
            'RCPT TO:<x@' . chr($c) x 900 . '>', 'QUIT');
        }
      }
      """;

  /** They stay; whoever is thrown out for its errors comes again. */
  private static final String LONG_OPEN =
      """
      my (@open, $count);
      for (;;) {
        for my $i (0 .. 47) {
          if (!$open[$i]) {
            $open[$i] = dial() or next;
            say_all($open[$i], 'EHLO ' . ('h' x 60 . '.') x 30 . $i, 'MAIL FROM:<a@b.example>');
          }
          my $s = $open[$i];
          print $s 'RCPT TO:<x' . $count++ . "\\@nowhere.example>\\r\\n";
          undef $open[$i] if answer($s) !~ /^[45]5/;
        }
      }
      """;

  /** As commands of their own, and as what comes too early behind another one. */
  private static final String IMITATIONS =
      """
      my @words = ('warning: No server certs available. N',
        'fatal: open database N', 'cannot load Certification Authority data N',
        'warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:a.c:N:',
        'disabling TLS support N', 'Wrapper-mode request dropped from N', 'cannot get private key N',
        "don't know what EHLO features to announce to N", 'error: open N',
        'SSL_accept error from mta1.oldbank.example[198.51.100.10]: -1 N',
        'connect from mta1.oldbank.example[198.51.100.10] N',
        'too many errors after N', 'reload -- version 3.7.0 N', 'daemon started -- version N');
      for (my $i = 1; ; $i++) {
        (my $word = $words[$i % @words]) =~ s/N/$i $mark/;
        session("GET /$i: aborting TLS session $mark");
        session(map { (my $w = $_) =~ s/N/$i $mark/; $w } @words);
        session("EHLO imitation-$i.example\\r\\n$word", 'QUIT');
        session("EHLO imitation-$i.example", "DATA\\r\\n$word", "MAIL FROM:<$word>", 'QUIT');
        session("EHLO $word", 'MAIL FROM:<a@b.example>', "RCPT TO:<\\"$word\\"\\@nowhere.example>", 'QUIT');
      }
      """;

  private static final String CONNECTIONS = "dial() while 1;";

  /** What tells that an attack has come as far as the log. */
  private static final List<String> SAID =
      List.of(
          "helo=<" + "~".repeat(1_000),
          "helo=<" + "h".repeat(60),
          "non-SMTP command from legacy.elsewhere.example[203.0.113.40]: GET /",
          "improper command pipelining after EHLO from legacy.elsewhere.example[203.0.113.40]: ",
          "connect from mail.modern.example[198.51.100.30]");

  /** The log, read as it grows. */
  private static final class Log implements AutoCloseable {
    private final InputStream file;
    private final byte[] block = new byte[1 << 16];
    private final StringBuilder line = new StringBuilder();
    private final Map<String, Integer> said = new LinkedHashMap<>();
    private int lines;

    Log(Path log) throws IOException {
      file = new FileInputStream(log.toFile());
    }

    /** How many lines it has now. */
    int lines() {
      try {
        for (int length = file.read(block); length > 0; length = file.read(block)) {
          for (byte next : Arrays.copyOf(block, length)) {
            if (next == '\n') {
              lines++;
              SAID.stream()
                  .filter(text -> line.indexOf(text) >= 0)
                  .forEach(text -> said.merge(text, 1, Integer::sum));
              line.setLength(0);
            } else {
              line.append((char) (next & 0xff));
            }
          }
        }
      } catch (IOException failure) {
        throw new AssertionError(failure);
      }
      return lines;
    }

    /** How often each was said. */
    Map<String, Integer> said() {
      lines();
      return said;
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  /** The sum over all labels. */
  private static double metric(Lab lab, String name) {
    return Pattern.compile("(?m)^" + Pattern.quote(name) + "(?:\\{[^}]*})? ([0-9.eE+-]+)")
        .matcher(lab.get("/metrics"))
        .results()
        .mapToDouble(found -> Double.parseDouble(found.group(1)))
        .sum();
  }

  private static double linesRead(Lab lab) {
    return metric(lab, "tlswaiver_log_lines_total");
  }

  private static RunningTlswaiver attack(Lab lab, String script, String from) throws IOException {
    return lab.startOnSenders(List.of("perl", "-e", SESSIONS + script, from, MARK));
  }

  /** Runs a program that keeps what it is told, and says where. */
  private static Path keepNotices(Lab lab) throws IOException {
    Path program = lab.programs().resolve("tell");
    Files.writeString(program, "#!/bin/sh\ncat >> \"$1\"\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return Files.createFile(lab.programs().resolve("told.json"));
  }

  @Test
  void whatStrangersWriteEndsAndStallsNothing() throws Exception {
    try (Lab lab = Lab.up();
        Log log = new Log(lab.maillog())) {
      Path told = keepNotices(lab);
      RunningTlswaiver agent =
          lab.runAsPackaged(
                  lab.configure(
                      "notify: {command: [" + lab.programs().resolve("tell") + ", " + told + "]}"))
              .awaitStart();
      double start = log.lines() - linesRead(lab);
      Runnable keepsUp =
          () -> {
            double written = log.lines() - start;
            Lab.await("the last line is read", BEHIND, () -> linesRead(lab) >= written);
          };
      List<RunningTlswaiver> attacks =
          List.of(
              attack(lab, EVERY_CHARACTER, Lab.NAMELESS),
              attack(lab, LONG_OPEN, "192.0.2.1"),
              attack(lab, IMITATIONS, "203.0.113.40"),
              attack(lab, CONNECTIONS, "198.51.100.30"));
      Lab.await("all attacks", () -> log.said().size() == SAID.size());
      long end = System.nanoTime() + ATTACK.toNanos();

      lab.failThreeTimes(Lab.OLD, "tls1");
      Lab.await("mail of an old sender", A_MINUTE, () -> lab.send(Lab.OLD, "tls1").isPresent());
      do {
        keepsUp.run();
      } while (System.nanoTime() < end);
      assertThat(attacks).allMatch(RunningTlswaiver::isAlive);
      attacks.forEach(RunningTlswaiver::kill);
      keepsUp.run();

      assertThat(agent.isAlive()).as("after %s lines, %s", log.lines(), log.said()).isTrue();
      assertThat(agent.output())
          .doesNotContain("the agent ends", "the heap is smaller")
          .containsOnlyOnce("start version=");
      assertThat(Files.readAllLines(told))
          .hasSizeLessThanOrEqualTo(MOST_NOTICES)
          .noneMatch(notice -> notice.contains(MARK) || notice.contains("aborting TLS session"));
      assertThat(metric(lab, "tlswaiver_alarms_total{result=\"held-back\"}")).isZero();
    }
  }
}
