package dev.tlswaiver.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.tlswaiver.excerpt.ExcerptReader;
import dev.tlswaiver.maillog.Hostile;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.peer.PublicSuffixes;
import dev.tlswaiver.scan.BlockScan;
import dev.tlswaiver.scan.FaultyScan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What is left out must not be missed: the sieve's report is that of every line read in full. */
final class SieveTest {
  private static final Instant WRITTEN = Instant.parse("2026-12-01T00:00:00Z");
  private static final OwnProbes OWN = new OwnProbes(Set.of(IpAddress.parse("192.0.2.25")));
  private static final Path CAPTURES = Path.of("src/test/resources/maillog");

  private static ReportCounter counter() {
    return counter(ZoneOffset.UTC);
  }

  private static ReportCounter counter(ZoneId zone) {
    return new ReportCounter(
        new ExcerptReader(zone),
        new Pools(
            List.of(Pools.Kind.DOMAIN, Pools.Kind.ADDRESS),
            24,
            64,
            new PublicSuffixes(List.of("example", "com", "org"))),
        OWN,
        Optional.empty(),
        Optional.empty());
  }

  private static Report inFull(List<String> lines) {
    return inFull(counter(), lines);
  }

  private static Report inFull(ReportCounter counter, List<String> lines) {
    lines.forEach(line -> counter.accept(line, WRITTEN));
    return counter.finish();
  }

  /** Sieved in blocks of so many lines each. */
  private static Report sieved(List<String> lines, int each) {
    return sieved(counter(), lines, each, new BlockScan(OWN::mayBe));
  }

  private static Report sieved(List<String> lines, int each, BlockScan scan) {
    return sieved(counter(), lines, each, scan);
  }

  private static Report sieved(ReportCounter counter, List<String> lines, int each) {
    return sieved(counter, lines, each, new BlockScan(OWN::mayBe));
  }

  private static Report sieved(
      ReportCounter counter, List<String> lines, int each, BlockScan scan) {
    Sieve sieve = new Sieve(counter);
    for (int i = 0; i < lines.size(); i += each) {
      String block = String.join("\n", lines.subList(i, Math.min(i + each, lines.size()))) + "\n";
      byte[] bytes = block.getBytes(StandardCharsets.UTF_8);
      sieve.accept(scan.scan(bytes, bytes.length), WRITTEN);
    }
    return sieve.finish();
  }

  private static List<String> allCaptures() throws IOException {
    List<String> lines = new ArrayList<>();
    try (var files = Files.list(CAPTURES)) {
      for (Path file : files.sorted().toList()) {
        lines.addAll(Files.readAllLines(file, StandardCharsets.ISO_8859_1));
      }
    }
    lines.addAll(Files.readAllLines(Path.of("examples/maillog")));
    return lines;
  }

  @Test
  void theCapturesAreReportedTheSame() throws Exception {
    List<String> lines = allCaptures();
    Report full = inFull(lines);
    assertThat(full.failures()).hasSizeGreaterThan(50);
    assertThat(sieved(lines, lines.size())).isEqualTo(full);
    assertThat(sieved(lines, 1)).isEqualTo(full);
  }

  @Property(tries = 10)
  void damagedLogsAreReportedTheSame(
      @ForAll Random random, @ForAll @IntRange(min = 1, max = 400) int each) throws IOException {
    assertDamageIsReportedTheSame(random, each);
  }

  @Tag("slow")
  @Property(tries = 150)
  void manyDamagedLogsAreReportedTheSame(
      @ForAll Random random, @ForAll @IntRange(min = 1, max = 400) int each) throws IOException {
    assertDamageIsReportedTheSame(random, each);
  }

  /** Lines lost and doubled, so that sessions begin and end anywhere. */
  private static void assertDamageIsReportedTheSame(Random random, int each) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : allCaptures()) {
      int fate = random.nextInt(12);
      if (fate > 0) {
        lines.add(line);
      }
      if (fate == 1) {
        lines.add(line);
      }
    }
    // Only the first and the last line of a block tell the times of lines that are not read.
    Report full = inFull(lines);
    Report sieved = sieved(lines, each);
    assertThat(sieved.failures()).isEqualTo(full.failures());
    assertThat(sieved.established()).isEqualTo(full.established());
    assertThat(sieved.plaintextAfterFailure()).isEqualTo(full.plaintextAfterFailure());
    assertThat(sieved.ownFaults()).isEqualTo(full.ownFaults());
    assertThat(sieved.course()).isEqualTo(full.course());
    assertThat(sieved.unrecognized()).isEqualTo(full.unrecognized());
    assertThat(sieved.lines()).isEqualTo(full.lines());
  }

  @Property(tries = 100)
  void sessionsOfAnyShapeAreReportedTheSame(
      @ForAll Random random, @ForAll @IntRange(min = 1, max = 60) int each) {
    assertAnyShapeIsReportedTheSame(random, each);
  }

  @Tag("slow")
  @Property(tries = 2_000)
  void manySessionsOfAnyShapeAreReportedTheSame(
      @ForAll Random random, @ForAll @IntRange(min = 1, max = 60) int each) {
    assertAnyShapeIsReportedTheSame(random, each);
  }

  /** Two processes, two clients, and lines of all kinds in any order. */
  private static void assertAnyShapeIsReportedTheSame(Random random, int each) {
    List<String> lines = linesOfAnyShape(random);
    assertThat(sieved(lines, each))
        .usingRecursiveComparison()
        .ignoringFields("from", "to")
        .isEqualTo(inFull(lines));
  }

  @Property(tries = 100)
  void aBlockThatCannotBeScannedIsReadLineByLine(
      @ForAll Random random, @ForAll @IntRange(min = 1, max = 60) int each) {
    List<String> lines = linesOfAnyShape(random);
    for (int i = random.nextInt(20); i < lines.size(); i += 1 + random.nextInt(20)) {
      lines.add(i, "Mar  1 10:00:00 mx postfix/smtpd[3]: " + FaultyScan.MARK);
    }
    assertThat(sieved(lines, each, FaultyScan.failingWith(StackOverflowError::new)))
        .usingRecursiveComparison()
        .ignoringFields("from", "to")
        .isEqualTo(inFull(lines));
  }

  @Test
  void aScanDoesNotHideThatMemoryIsShort() {
    List<String> lines = List.of("Mar  1 10:00:00 mx postfix/smtpd[3]: " + FaultyScan.MARK);
    assertThatThrownBy(() -> sieved(lines, 1, FaultyScan.failingWith(OutOfMemoryError::new)))
        .isInstanceOf(OutOfMemoryError.class);
  }

  private static List<String> linesOfAnyShape(Random random) {
    List<String> kinds =
        """
        connect from PEER
        connect from PEER
        Anonymous TLS connection established from PEER: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)
        SSL_accept error from PEER: -1
        SSL_accept error from PEER: lost connection
        warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:x.c:1:
        warning: TLS library problem: error:0A0000C1:SSL routines::no shared cipher:x.c:2:
        4F6D0629C: client=PEER
        4F6D0629C: client=PEER
        NOQUEUE: reject: RCPT from PEER: 554 5.7.1 no; from=<a@example.com>
        lost connection after STARTTLS from PEER
        disconnect from PEER ehlo=1 starttls=0/1 commands=1/2
        disconnect from PEER ehlo=2 starttls=1 mail=1 commands=3
        disconnect from PEER
        improper command pipelining after EHLO from PEER: x
        something new
        """
            .lines()
            .toList();
    List<String> heads =
        List.of(
            "Mar  1 10:00:%02d mx postfix/smtpd[%d]: %s",
            "M\u00e4r 01 10:00:%02d mx postfix/smtpd[%d]: %s",
            "Mai 01 10:00:%02d mx postfix/smtpd[%d]: %s",
            "Mar  1 10:00:00 host 3f2a9b7c1d0e[8]: 2026-03-01T10:00:%02dZ mx postfix/smtpd[%d]: %s",
            "Mar  1 10:00:00 host docker[8]: {\"log\":\"Mar  1 10:00:%02d mx postfix/smtpd[%d]: %s\"}",
            "Mar  1 10:00:%02d mx info: postfix/smtpd[%d]: %s",
            "# Mar  1 10:00:%02d mx postfix/smtpd[%d]: %s");
    // A process writes in one form, as a log has it.
    List<String> forms =
        List.of(heads.get(random.nextInt(heads.size())), heads.get(random.nextInt(heads.size())));
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      String kind = kinds.get(random.nextInt(kinds.size()));
      String peer = random.nextInt(4) > 0 ? "a.x.example[192.0.2.1]" : "b.y.example[192.0.2.2]";
      int process = random.nextInt(2);
      lines.add(forms.get(process).formatted(i, 1 + process, kind.replace("PEER", peer)));
    }
    return lines;
  }

  /** What clients say within sessions is no sentence, the quick way or in full. */
  @Property(tries = 300)
  void sessionsWithClientsWordsAreReportedTheSame(
      @ForAll Random random, @ForAll @IntRange(min = 1, max = 60) int each) {
    List<String> words = Hostile.words();
    List<String> honest = new ArrayList<>();
    List<String> hostile = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      String head = "Mar  1 10:00:%02d mx postfix/smtpd[%d]: ".formatted(i, 1 + random.nextInt(2));
      String kind =
          List.of(
                  "connect from PEER",
                  "Anonymous TLS connection established from PEER: TLSv1.3 with cipher X (256/256"
                      + " bits)",
                  "SSL_accept error from PEER: -1",
                  "warning: TLS library problem: error:0A0000C1:SSL routines::no shared"
                      + " cipher:x.c:2:",
                  "4F6D0629C: client=PEER",
                  "lost connection after STARTTLS from PEER",
                  "disconnect from PEER ehlo=1 starttls=0/1 commands=1/2")
              .get(random.nextInt(7))
              .replace("PEER", Hostile.CLIENT);
      String field = Hostile.FIELDS.get(random.nextInt(Hostile.FIELDS.size()));
      String said = words.get(random.nextInt(words.size())).replaceAll("[\\n\\t]", "?");
      honest.addAll(List.of(head + kind, head + Hostile.said(field, "x")));
      hostile.addAll(List.of(head + kind, head + Hostile.said(field, said)));
    }
    Report expected = inFull(honest);
    assertThat(inFull(hostile)).usingRecursiveComparison().isEqualTo(expected);
    assertThat(sieved(hostile, each))
        .usingRecursiveComparison()
        .ignoringFields("from", "to")
        .isEqualTo(expected);
  }

  @Test
  void linesWithoutHeaderAreJoinedByTheirOrderAmongOthersToo() throws Exception {
    List<String> bare =
        """
        connect from probe.example.net[198.51.100.40]
        SSL_accept error from probe.example.net[198.51.100.40]: -1
        warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:ssl/statem/statem_srvr.c:1743:
        lost connection after STARTTLS from probe.example.net[198.51.100.40]

        connect from probe.example.net[198.51.100.40]
        SSL_accept error from probe.example.net[198.51.100.40]: -1
        warning: TLS library problem: error:0A00018C:SSL routines::version too low:ssl/statem/statem_srvr.c:1743:
        lost connection after STARTTLS from probe.example.net[198.51.100.40]
        """
            .lines()
            .toList();
    Report report = inFull(bare);
    assertThat(report.failures())
        .extracting(row -> row.address().orElseThrow().toString(), row -> row.reason().label())
        .containsExactlyInAnyOrder(
            tuple("198.51.100.40", "unsupported-protocol"),
            tuple("198.51.100.40", "version-too-low"));
    assertThat(sieved(bare, 2)).isEqualTo(report);
    for (String head :
        List.of(
            "Mar  1 10:00:00 mx postfix/smtpd[1]: statistics: x",
            "Mar  1 10:00:00 mx dovecot: imap-login: Login",
            "2026-03-01T10:00:00Z mx postfix/qmgr[1]: 4F6D0629C: removed")) {
      List<String> mixed = new ArrayList<>(bare);
      mixed.add(head);
      assertThat(inFull(mixed).failures()).isEqualTo(report.failures());
      assertThat(sieved(mixed, 3)).isEqualTo(inFull(mixed));
    }
  }

  @Test
  void aShortLogIsCountedByTheHourInEachZone() {
    for (String zone : List.of("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns")) {
      for (String time :
          List.of("Nov 28 %s mx", "2026-11-28T%s+01:00 mx", "2026-11-28T%s.123456-03:30 mx")) {
        List<String> lines = new ArrayList<>();
        for (int minute = 0; minute < 24 * 60; minute += 7) {
          String head =
              time.formatted("%02d:%02d:00".formatted(minute / 60, minute % 60))
                  + " postfix/smtpd[8]: ";
          lines.add(head + "connect from a.example[192.0.2.1]");
          lines.add(
              head
                  + "Anonymous TLS connection established from a.example[192.0.2.1]: TLSv1.3 with"
                  + " cipher TLS_AES_256_GCM_SHA384 (256/256 bits)");
          lines.add(head + "disconnect from a.example[192.0.2.1]");
        }
        Report full = inFull(counter(ZoneId.of(zone)), lines);
        assertThat(full.course().each()).isEqualTo(Duration.ofHours(1));
        assertThat(full.course().slices()).hasSizeBetween(24, 25);
        for (int each : new int[] {lines.size(), 30, 1}) {
          assertThat(sieved(counter(ZoneId.of(zone)), lines, each)).isEqualTo(full);
        }
        // What is longer has its days, each its own.
        List<String> longer = new ArrayList<>(lines);
        lines.forEach(
            line -> longer.add(line.replace("Nov 28", "Nov 30").replace("11-28", "11-30")));
        Report days = inFull(counter(ZoneId.of(zone)), longer);
        assertThat(days.course().each()).isEqualTo(Duration.ofDays(1));
        assertThat(days.course().slices()).hasSizeBetween(2, 4);
        assertThat(sieved(counter(ZoneId.of(zone)), longer, longer.size())).isEqualTo(days);
      }
    }
  }

  @Property(tries = 20)
  void nulsAnywhereAreReportedTheSame(
      @ForAll Random random, @ForAll @IntRange(min = 1, max = 400) int each) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : allCaptures()) {
      int at = random.nextInt(line.length() + 1);
      String nuls = "\0".repeat(1 + random.nextInt(40));
      lines.add(
          switch (random.nextInt(20)) {
            case 0 -> line.substring(0, at) + nuls + line;
            case 1 -> line + nuls + " ";
            case 2 -> nuls + line;
            case 3 -> nuls;
            default -> line;
          });
    }
    Report full = inFull(lines);
    assertThat(sieved(lines, each))
        .usingRecursiveComparison()
        .ignoringFields("from", "to")
        .isEqualTo(full);
  }

  /** Lines without their end or their beginning, and such that go on with another. */
  @Property(tries = 5)
  void aTornLineIsReportedTheSame(@ForAll Random random) throws IOException {
    List<String> whole = allCaptures();
    for (int i = 0; i < 100; i++) {
      String line = whole.get(random.nextInt(whole.size()));
      String other = whole.get(random.nextInt(whole.size()));
      int at = random.nextInt(line.length() + 1);
      String torn =
          switch (random.nextInt(4)) {
            case 0 -> line.substring(0, at);
            case 1 -> line.substring(at);
            case 2 -> line.substring(0, at) + other;
            default -> line.substring(0, at) + other.substring(Math.min(at, other.length()));
          };
      assertThat(sieved(List.of(torn), 1))
          .as(torn)
          .usingRecursiveComparison()
          .ignoringFields("from", "to", "course")
          .isEqualTo(inFull(List.of(torn)));
    }
  }

  @Test
  void whatWasHeldBackIsToldBeforeATornLine() {
    String head = "Mar  1 10:00:00 mx postfix/smtpd[31]: ";
    String client = "a.x.example[192.0.2.1]";
    String problem =
        "warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:x.c:1:";
    List<String> session =
        List.of(
            head + "connect from " + client,
            head + "SSL_accept error from " + client + ": -1",
            head + problem,
            head + "lost connection after STARTTLS from " + client,
            head + "disconnect from " + client + " ehlo=1 starttls=0/1 commands=1/2");
    for (int line = 0; line + 1 < session.size(); line++) {
      for (int at = 0; at < session.get(line).length(); at++) {
        List<String> torn = new ArrayList<>(session);
        torn.set(line, session.get(line).substring(0, at) + torn.remove(line + 1));
        torn.addAll(session);
        assertThat(sieved(torn, torn.size()))
            .as(torn.get(line))
            .usingRecursiveComparison()
            .ignoringFields("from", "to", "course", "postfixLines")
            .isEqualTo(inFull(torn));
      }
    }
  }

  /** Lines torn within their sessions: by another line, or by the one that follows. */
  @Property(tries = 20)
  void linesTornWithinSessionsAreReportedTheSame(
      @ForAll Random random, @ForAll @IntRange(min = 1, max = 400) int each) throws IOException {
    assertTornLinesAreReportedTheSame(random, each);
  }

  @Tag("slow")
  @Property(tries = 300)
  void manyLinesTornWithinSessionsAreReportedTheSame(
      @ForAll Random random, @ForAll @IntRange(min = 1, max = 400) int each) throws IOException {
    assertTornLinesAreReportedTheSame(random, each);
  }

  private static void assertTornLinesAreReportedTheSame(Random random, int each)
      throws IOException {
    List<String> whole = allCaptures();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < whole.size(); i++) {
      String line = whole.get(i);
      String next = whole.get(Math.min(i + 1, whole.size() - 1));
      int at = random.nextInt(line.length() + 1);
      lines.add(
          switch (random.nextInt(60)) {
            case 0 -> line.substring(0, at);
            case 1 -> line.substring(at);
            case 2 -> {
              i++;
              yield line.substring(0, at) + next;
            }
            case 3 -> line.substring(0, at) + next;
            case 4 -> line.substring(0, at) + next.substring(Math.min(at, next.length()));
            default -> line;
          });
    }
    // What is torn may look like a tag of Postfix's, and be counted or not.
    assertThat(sieved(lines, each))
        .usingRecursiveComparison()
        .ignoringFields("from", "to", "course", "postfixLines")
        .isEqualTo(inFull(lines));
  }

  @Test
  void theAgentsOwnProbesAreNoPeers() {
    String log =
        """
        Nov 28 16:35:01 mx postfix/smtpd[8]: connect from localhost[127.0.0.1]
        Nov 28 16:35:01 mx postfix/smtpd[8]: Anonymous TLS connection established from localhost[127.0.0.1]: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519
        Nov 28 16:35:01 mx postfix/smtpd[8]: disconnect from localhost[127.0.0.1] ehlo=1 starttls=1 quit=1 commands=3
        """;
    List<String> probe = log.lines().toList();
    assertThat(inFull(probe).established()).isEmpty();
    assertThat(inFull(log.replace("127.0.0.1", "::1").lines().toList()).established()).isEmpty();
    assertThat(inFull(log.replace("127.0.0.1", "192.0.2.25").lines().toList()).established())
        .isEmpty();
    assertThat(inFull(log.replaceAll(" ehlo=.*", "").lines().toList()).established()).isEmpty();
    for (String others :
        List.of(
            // A stranger does the same from elsewhere.
            log.replace("127.0.0.1", "192.0.2.26"),
            // Somebody here sends mail, or does more or less than a probe.
            log.replace("starttls=1 quit=1 commands=3", "starttls=1 mail=1 quit=1 commands=4"),
            log.replace(
                "Nov 28 16:35:01 mx postfix/smtpd[8]: disconnect",
                "Nov 28 16:35:01 mx postfix/smtpd[8]: 4F6D0629C: client=localhost[127.0.0.1]\n"
                    + "Nov 28 16:35:01 mx postfix/smtpd[8]: disconnect"),
            log.substring(0, log.lastIndexOf("Nov")))) {
      List<String> lines = others.lines().toList();
      assertThat(inFull(lines).established()).as(others).hasSize(1);
      assertThat(sieved(lines, 10)).isEqualTo(inFull(lines));
      assertThat(sieved(lines, 1)).isEqualTo(inFull(lines));
    }
    for (int each = 1; each <= 3; each++) {
      assertThat(sieved(probe, each)).isEqualTo(inFull(probe));
    }
  }

  @Test
  void aFailureWithoutClientIsARowOfNobody() {
    List<String> lines =
        """
        Mar  1 10:00:01 mx postfix/smtpd[32]: warning: TLS library problem: error:0A0000C1:SSL routines::no shared cipher:x.c:1:
        Mar  1 10:00:02 mx postfix/smtpd[33]: connect from ***[***]
        Mar  1 10:00:02 mx postfix/smtpd[33]: SSL_accept error from ***[***]: -1
        Mar  1 10:00:02 mx postfix/smtpd[33]: warning: TLS library problem: error:0A0000C1:SSL routines::no shared cipher:x.c:1:
        Mar  1 10:00:02 mx postfix/smtpd[33]: disconnect from ***[***] ehlo=1 starttls=0/1 commands=1/2
        """
            .lines()
            .toList();
    Report report = inFull(lines);
    assertThat(report.failures())
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.name()).isEmpty();
              assertThat(row.address()).isEmpty();
              assertThat(row.pool()).isEmpty();
              assertThat(row.count()).isEqualTo(2);
            });
    assertThat(report.ownFaults()).isEmpty();
    assertThat(sieved(lines, 2)).isEqualTo(report);
  }

  @Test
  void aSenderThatFallsBackToPlaintextIsFound() {
    List<String> lines =
        """
        Mar  1 10:00:00 mx postfix/smtpd[1]: connect from a.sender.example[192.0.2.1]
        Mar  1 10:00:00 mx postfix/smtpd[1]: SSL_accept error from a.sender.example[192.0.2.1]: -1
        Mar  1 10:00:00 mx postfix/smtpd[1]: warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:x.c:1:
        Mar  1 10:00:00 mx postfix/smtpd[1]: lost connection after STARTTLS from a.sender.example[192.0.2.1]
        Mar  1 10:00:00 mx postfix/smtpd[1]: disconnect from a.sender.example[192.0.2.1] ehlo=1 starttls=0/1 commands=1/2
        Mar  1 10:00:05 mx postfix/smtpd[2]: connect from b.sender.example[192.0.2.2]
        Mar  1 10:00:05 mx postfix/smtpd[2]: 4F6D0629C: client=b.sender.example[192.0.2.2]
        Mar  1 10:00:05 mx postfix/smtpd[2]: disconnect from b.sender.example[192.0.2.2] ehlo=1 mail=1 commands=2
        Mar  1 10:00:06 mx postfix/smtpd[2]: connect from b.sender.example[192.0.2.2]
        Mar  1 10:00:06 mx postfix/smtpd[2]: 4F6D0629D: client=b.sender.example[192.0.2.2]
        Mar  1 10:00:06 mx postfix/smtpd[2]: disconnect from b.sender.example[192.0.2.2] ehlo=2 starttls=1 mail=1 commands=3
        """
            .lines()
            .toList();
    Report report = sieved(lines, 3);
    assertThat(report).isEqualTo(inFull(lines));
    // The second message came over TLS, as the sum of its session says.
    assertThat(report.plaintextAfterFailure())
        .singleElement()
        .satisfies(row -> assertThat(row.messages()).isEqualTo(1));
  }

  @Test
  void linesThatTellALossAreGaps() {
    List<String> lines =
        """
        Mar  1 10:00:00 mx postfix/cleanup[1]: message repeated 3 times: [ 4F6D0629C: message-id=<a>]
        Mar  1 10:00:00 mx last message repeated 2 times
        Mar  1 10:00:00 mx systemd-journald[9]: Suppressed 1234 messages from postfix.service
        Mar  1 10:00:00 mx rsyslogd: imjournal: 12 messages lost due to rate-limiting
        Mar  1 10:00:00 mx rsyslogd-2177: imuxsock lost 154 messages from pid 1 due to rate-limiting
        Mar  1 10:00:00 mx dovecot: imap-login: Login
        """
            .lines()
            .toList();
    assertThat(inFull(lines).gaps()).isEqualTo(5);
    assertThat(sieved(lines, 2)).isEqualTo(inFull(lines));
  }

  @org.junit.jupiter.api.Tag("slow")
  @Test
  void manyAddressesAreCountedInLittleMemory() {
    assertAddressesAreCounted(50_000);
  }

  @org.junit.jupiter.api.Tag("slow")
  @Test
  void moreAddressesAreCountedInNoMore() {
    assertAddressesAreCounted(200_000);
  }

  private static void assertAddressesAreCounted(int count) {
    ReportCounter counter = counter();
    for (int i = 0; i < count; i++) {
      String peer = "unknown[10." + (i >> 16) + "." + (i >> 8 & 255) + "." + (i & 255) + "]";
      counter.accept("postfix/smtpd[1]: connect from " + peer, WRITTEN);
      counter.accept(
          "postfix/smtpd[1]: SSL_accept error from " + peer + ": lost connection", WRITTEN);
      counter.accept("postfix/smtpd[1]: disconnect from " + peer, WRITTEN);
    }
    Report report = counter.finish();
    assertThat(report.failures()).hasSizeLessThanOrEqualTo(30_000);
    // The rarest are put together, and none is lost.
    assertThat(report.failures().stream().mapToInt(Report.Failure::count).sum()).isEqualTo(count);
  }

  @Test
  void distinctPeersAreCountedExactlyAndThenClosely() {
    DistinctCount count = new DistinctCount();
    for (long i = 0; i < 30_000; i++) {
      count.add(i);
      count.add(i);
    }
    assertThat(count.count()).isEqualTo(30_000);
    for (long i = 0; i < 1_000_000; i++) {
      count.add(i);
    }
    assertThat(count.count()).isBetween(970_000, 1_030_000);
  }
}
