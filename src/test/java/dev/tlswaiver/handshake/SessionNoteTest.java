package dev.tlswaiver.handshake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.maillog.SyslogParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is noted of open sessions, and taken up again. */
final class SessionNoteTest {
  private static final Instant REFERENCE = Instant.parse("2026-12-01T00:00:00Z");

  /** Sessions, and what a disk has of them. */
  private static final class Run {
    private final Notes notes = new Notes();
    private final Sessions sessions = new Sessions(notes);
    private final Map<String, String> disk = new HashMap<>();
    private final SyslogParser parser = new SyslogParser(ZoneOffset.UTC);

    Run(Map<String, String> found) {
      found.forEach(sessions::restore);
      disk.putAll(found);
    }

    List<Observation> accept(String line) {
      List<Observation> seen = new ArrayList<>();
      parser.parse(line, REFERENCE).ifPresent(it -> seen.addAll(sessions.accept(it)));
      notes
          .drain()
          .forEach(
              (key, text) -> text.ifPresentOrElse(it -> disk.put(key, it), () -> disk.remove(key)));
      return seen;
    }
  }

  private static List<String> captures() throws IOException {
    List<String> lines = new ArrayList<>();
    for (String name :
        List.of(
            "postfix26-ossl101e-strict3-short.log",
            "postfix37-openssl30-level3.log",
            "hello-of-11-bytes.log",
            "sample-3.7.11.log",
            "postfix26-ossl101e-strict2.log")) {
      lines.addAll(
          Files.readAllLines(
              Path.of("src/test/resources/maillog", name), StandardCharsets.ISO_8859_1));
    }
    return lines;
  }

  @Property(tries = 40)
  void aRestartAtAnyLineChangesNothing(@ForAll @IntRange(max = 1_000_000) int seed)
      throws IOException {
    Random random = new Random(seed);
    Run straight = new Run(Map.of());
    Run killed = new Run(Map.of());
    for (String line : captures()) {
      if (random.nextInt(10) == 0) {
        killed = new Run(killed.disk);
      }
      assertThat(killed.accept(line)).as(line).isEqualTo(straight.accept(line));
    }
    assertThat(killed.disk).isEqualTo(straight.disk);
  }

  @Test
  void theFormIsTheOneOfItsDescription() {
    Run run = new Run(Map.of());
    run.accept("2026-03-01T10:00:00Z mx postfix/smtpd[31]: connect from mail.example[192.0.2.1]");
    run.accept(
        "2026-03-01T10:00:01Z mx postfix/smtpd[31]: SSL_accept error from mail.example[192.0.2.1]:"
            + " -1");
    run.accept(
        "2026-03-01T10:00:01Z mx postfix/smtpd[31]: warning: TLS library problem:"
            + " error:0A000418:SSL routines::tlsv1 alert unknown ca:ssl/x.c:1:SSL alert number 48:");
    assertThat(run.disk.values())
        .containsExactly(
            """
            session\tmx\tpostfix\tsmtpd\t31\t2026-03-01T10:00:01Z
            peer\tmail.example[192.0.2.1]
            failure\t-1
            at\t2026-03-01T10:00:01Z
            cause\t0A000418\tSSL routines\t\ttlsv1 alert unknown ca\tx.c\tSSL alert number 48
            dump\t0 0 between\s
            """
                .stripTrailing()
                .concat(" "));
  }

  /** An agent that is upgraded in the middle of a session finds its lines. */
  @Test
  void whatOlderReleasesNotedIsReadStill() {
    String old =
        """
        2026-03-01T10:00:00Z\tmx\tpostfix\tsmtpd\t31\tconnect from mail.example[192.0.2.1]
        2026-03-01T10:00:01Z\tmx\tpostfix\tsmtpd\t31\tSSL_accept error from mail.example[192.0.2.1]: -1
        2026-03-01T10:00:01Z\tmx\tpostfix\tsmtpd\t31\twarning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:x.c:1:
        """
            .stripTrailing();
    Run run =
        new Run(Map.of("Key[host=mx, service=Service[instance=postfix, name=smtpd], pid=31]", old));
    assertThat(
            run.accept(
                "2026-03-01T10:00:02Z mx postfix/smtpd[31]: lost connection after STARTTLS from"
                    + " mail.example[192.0.2.1]"))
        .singleElement()
        .satisfies(
            seen ->
                assertThat(((Observation.Handshake) seen).outcome())
                    .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed ->
                            assertThat(failed.reason()).isEqualTo(Reason.UNSUPPORTED_PROTOCOL)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n\n",
        "session",
        "session\ta\tb\tc\tx\ty",
        "yesterday\tmx\tpostfix\tsmtpd\t31\tconnect from a.example[192.0.2.1]",
        "2026-03-01T10:00:00Z\tmx\tpostfix\tsmtpd\tmany\tconnect from a.example[192.0.2.1]"
      })
  void aNoteThatIsDamagedIsDropped(String note) {
    assertThat(new Run(Map.of("key", note)).sessions.finish()).isEmpty();
  }

  @Test
  void whateverASessionSaysItsNoteIsShort() {
    Run run = new Run(Map.of());
    String name = ("a".repeat(60) + ".").repeat(4) + "example";
    String peer = name + "[2001:db8:1111:2222:3333:4444:5555:6666]";
    String head = "2026-03-01T10:00:00Z " + "m".repeat(300) + " postfix/smtpd[31]: ";
    run.accept(head + "connect from " + peer);
    for (int i = 0; i < 1_000; i++) {
      run.accept(
          head
              + "NOQUEUE: reject: RCPT from "
              + peer
              + ": 554 5.7.1 no; from=<a> to=<b> proto=ESMTP helo=<"
              + "x".repeat(1_900)
              + ">");
      run.accept(head + "SSL_accept error from " + peer + ": " + "y".repeat(1_900));
      run.accept(
          head
              + "warning: TLS library problem: error:0A000102:"
              + ("z".repeat(1_900) + ":").repeat(4)
              + "1:"
              + "d".repeat(1_900)
              + ":");
    }
    assertThat(run.disk.values())
        .singleElement()
        .satisfies(it -> assertThat(it).hasSizeLessThan(1_500));
  }
}
