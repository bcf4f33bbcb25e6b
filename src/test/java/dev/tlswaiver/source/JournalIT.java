package dev.tlswaiver.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** journalctl on journals that systemd-journal-remote wrote. */
final class JournalIT {
  private static final int POSTFIX = 105;
  private static final String SMTPD = "_UID=105\n_COMM=smtpd\nSYSLOG_IDENTIFIER=postfix/smtpd\n";

  @TempDir Path folder;

  private final HeardLines heard = new HeardLines();
  private final List<Journal> opened = new ArrayList<>();
  private String boot = "0".repeat(31) + "1";
  private long micros = 1_770_000_000_000_000L;

  @AfterEach
  void close() {
    opened.forEach(Journal::close);
  }

  private Journal follow(Optional<Cursor> start) throws IOException {
    Journal journal =
        Journal.follow(
            List.of("--directory=" + folder), POSTFIX, start, heard, InstantSource.system());
    opened.add(journal);
    return journal;
  }

  /** What is logged from here on is new. */
  private void followFromHere() throws Exception {
    log(entry(SMTPD, "old"));
    follow(Optional.empty());
  }

  private void closeAndForget() {
    opened.forEach(Journal::close);
    heard.clear();
  }

  /** An entry in the journal's export format. */
  private byte[] entry(String fields, String message) {
    return entry(fields, message.getBytes(StandardCharsets.UTF_8));
  }

  private byte[] entry(String fields, byte[] message) {
    micros += 1_000;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        ("__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=%s\n_HOSTNAME=mx\n_PID=42\n%s"
                    .formatted(micros, micros - 1_769_999_000_000_000L, boot, fields)
                + "MESSAGE\n")
            .getBytes(StandardCharsets.UTF_8));
    ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    out.writeBytes(length.putLong(message.length).array());
    out.writeBytes(message);
    out.writeBytes(new byte[] {'\n', '\n'});
    return out.toByteArray();
  }

  private void log(byte[]... entries) throws Exception {
    logInto("system.journal", entries);
  }

  private void logInto(String name, byte[]... entries) throws Exception {
    Process journald =
        new ProcessBuilder(
                "/lib/systemd/systemd-journal-remote", "--output=" + folder.resolve(name), "-")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (OutputStream out = journald.getOutputStream()) {
      for (byte[] entry : entries) {
        out.write(entry);
      }
    }
    assertThat(journald.waitFor()).isZero();
  }

  private void awaitMessages(String... expected) {
    heard.await(expected.length);
    assertThat(messages()).containsExactly(expected);
  }

  private List<String> messages() {
    return heard.texts().stream().map(text -> text.substring(text.indexOf(": ") + 2)).toList();
  }

  @Test
  void anEntryIsALineAsALogFileWouldHaveIt() throws Exception {
    followFromHere();
    log(entry(SMTPD, "connect from a.example[192.0.2.1]"));
    heard.await("2026-02-02T02:40:00.002Z mx postfix/smtpd[42]: connect from a.example[192.0.2.1]");
  }

  @Test
  void onlyEntriesOfPostfixsUserAndRootsDaemonsCount() throws Exception {
    followFromHere();
    log(
        entry(SMTPD, "by the daemons' user"),
        entry("_UID=105\n_COMM=tlsproxy\nSYSLOG_IDENTIFIER=postfix/tlsproxy\n", "another daemon"),
        // Before it becomes that user it opens its tables and certificates.
        entry("_UID=0\n_COMM=smtpd\nSYSLOG_IDENTIFIER=postfix/smtpd\n", "by root's smtpd"),
        // A command in a .forward file runs in Postfix's unit, and can run any program.
        entry(
            """
            _UID=1000
            _COMM=smtpd
            _EXE=/usr/lib/postfix/sbin/smtpd
            _SYSTEMD_UNIT=postfix@-.service
            SYSLOG_IDENTIFIER=postfix/smtpd
            """,
            "forged in the unit"),
        entry(
            """
            _UID=1000
            _COMM=logger
            _EXE=/usr/bin/logger
            UID=105
            COMM=smtpd
            SYSLOG_IDENTIFIER=postfix/smtpd
            """,
            "forged with logger"),
        entry("_UID=0\n_COMM=rsyslogd\nSYSLOG_IDENTIFIER=postfix/smtpd\n", "another host's line"),
        entry("_UID=0\n_COMM=docker\nSYSLOG_IDENTIFIER=postfix/smtpd\n", "a container's line"),
        entry(SMTPD, "last"));
    awaitMessages("by the daemons' user", "another daemon", "by root's smtpd", "last");
  }

  @Test
  void whatComesBetweenTheFirstStartAndTheNextIsRead() throws Exception {
    followFromHere();
    Cursor begun = heard.begun().get(0);
    closeAndForget();
    log(entry(SMTPD, "between"));
    follow(Optional.of(begun));
    log(entry(SMTPD, "after"));
    awaitMessages("between", "after");
    assertThat(heard.gaps()).isEmpty();
    assertThat(heard.begun()).isEmpty();
  }

  @Test
  void whatComesFirstIntoAnEmptyJournalIsReadByTheNextStart() throws Exception {
    follow(Optional.empty());
    Cursor begun = heard.begun().get(0);
    closeAndForget();
    log(entry(SMTPD, "first"));
    follow(Optional.of(begun));
    awaitMessages("first");
    assertThat(heard.gaps()).isEmpty();
  }

  @Test
  void whatJournaldDroppedIsTold() throws Exception {
    followFromHere();
    log(
        entry(
            "_UID=0\n_COMM=systemd-journal\n_TRANSPORT=driver\nSYSLOG_IDENTIFIER=systemd-journald\n",
            "Suppressed 1234 messages from postfix@-.service"),
        entry(
            "_UID=1000\n_COMM=logger\n_TRANSPORT=syslog\nSYSLOG_IDENTIFIER=systemd-journald\n",
            "Suppressed 9 messages from postfix@-.service"),
        entry(SMTPD, "next"));
    awaitMessages("Suppressed 1234 messages from postfix@-.service", "next");
  }

  @Test
  void aMessageOfSeveralLinesOrOfBytesThatAreNoTextIsOneLine() throws Exception {
    followFromHere();
    log(
        entry(SMTPD, "two\nlines"),
        entry(SMTPD, new byte[] {'b', (byte) 0xff, 0, 'y'}),
        entry(SMTPD, "\"__CURSOR\":\"s=1\", \u00fc"));
    awaitMessages("two lines", "b\ufffd\0y", "\"__CURSOR\":\"s=1\", \u00fc");
    assertThat(heard.gaps()).isEmpty();
  }

  @Test
  void aMessageThatIsTooLargeIsAGap() throws Exception {
    followFromHere();
    log(entry(SMTPD, "x".repeat(100_000)), entry(SMTPD, "next"));
    awaitMessages("", "next");
    assertThat(heard.gaps()).containsExactly(Gap.LONG_LINE);
  }

  @Test
  void whatCameBeforeTheFirstStartIsNotReadAndAllThatComesAfterIs() throws Exception {
    follow(Optional.empty()); // The journal is empty.
    log(entry(SMTPD, "first"));
    awaitMessages("first");
    closeAndForget();
    follow(Optional.empty());
    log(entry(SMTPD, "second"));
    awaitMessages("second");
    assertThat(heard.gaps()).isEmpty();
  }

  @Test
  void aRestartGoesOnAfterTheLastLine() throws Exception {
    followFromHere();
    log(entry(SMTPD, "one"));
    awaitMessages("one");
    Cursor place = heard.place();
    closeAndForget();
    for (int i = 0; i < 30; i++) { // More than journalctl's ten.
      log(entry(SMTPD, "missed " + i));
    }
    follow(Optional.of(place));
    heard.await(30);
    log(entry(SMTPD, "new"));
    heard.await(31);
    List<String> expected =
        new ArrayList<>(IntStream.range(0, 30).mapToObj(i -> "missed " + i).toList());
    expected.add("new");
    assertThat(messages()).isEqualTo(expected);
    assertThat(heard.gaps()).isEmpty();
  }

  @Test
  void whatWasLoggedBeforeABootIsNotLost() throws Exception {
    followFromHere();
    log(entry(SMTPD, "one"));
    awaitMessages("one");
    Cursor place = heard.place();
    closeAndForget();
    log(entry(SMTPD, "before the boot"));
    boot = "0".repeat(31) + "2";
    log(entry(SMTPD, "after the boot"));
    follow(Optional.of(place));
    awaitMessages("before the boot", "after the boot");
    log(entry(SMTPD, "new"));
    awaitMessages("before the boot", "after the boot", "new");
    assertThat(heard.gaps()).isEmpty();
  }

  @Test
  void aPlaceThatWasVacuumedIsAGapAndNoneOfTheRestIsLost() throws Exception {
    followFromHere();
    log(entry(SMTPD, "one"));
    awaitMessages("one");
    Cursor place = heard.place();
    closeAndForget();
    log(entry(SMTPD, "lost"));
    logInto("system2.journal", entry(SMTPD, "kept"), entry(SMTPD, "kept too"));
    Files.delete(folder.resolve("system.journal"));
    follow(Optional.of(place));
    awaitMessages("kept", "kept too");
    assertThat(heard.gaps()).containsExactly(Gap.PLACE_LOST);
  }

  @Test
  void aPlaceAfterWhichNothingIsLeftIsAGap() throws Exception {
    log(entry(SMTPD, "older"));
    logInto("system2.journal", entry(SMTPD, "old"));
    follow(Optional.empty());
    logInto("system2.journal", entry(SMTPD, "one"));
    awaitMessages("one");
    Cursor place = heard.place();
    closeAndForget();
    Files.delete(folder.resolve("system2.journal"));
    follow(Optional.of(place));
    HeardLines.await(() -> !heard.gaps().isEmpty());
    log(entry(SMTPD, "new"));
    HeardLines.await(() -> messages().contains("new"));
    assertThat(heard.gaps()).containsExactly(Gap.PLACE_LOST);
    assertThat(messages()).endsWith("new");
  }

  @ParameterizedTest
  @ValueSource(strings = {"journal:", "journal:nonsense", "journal:s=1 --vacuum-size=1"})
  void aPlaceThatIsNoneIsAGap(String text) throws Exception {
    log(entry(SMTPD, "old"));
    follow(Optional.of(new Cursor(text)));
    log(entry(SMTPD, "new"));
    awaitMessages("new");
    assertThat(heard.gaps()).containsExactly(Gap.PLACE_LOST);
  }

  @Test
  void aJournalThatIsRotatedAndVacuumedMeanwhileIsFollowedOn() throws Exception {
    followFromHere();
    log(entry(SMTPD, "one"));
    awaitMessages("one");
    Files.move(folder.resolve("system.journal"), folder.resolve("system@1.journal"));
    log(entry(SMTPD, "two"));
    awaitMessages("one", "two");
    Files.delete(folder.resolve("system@1.journal"));
    log(entry(SMTPD, "three"));
    awaitMessages("one", "two", "three");
    assertThat(heard.gaps()).isEmpty();
  }

  @Test
  void journalctlMayBeKilledAtAnyTime() throws Exception {
    followFromHere();
    int count = 0;
    for (int round = 0; round < 5; round++) {
      for (int i = 0; i < 20; i++) {
        byte[][] burst = new byte[50][];
        for (int j = 0; j < burst.length; j++) {
          burst[j] = entry(SMTPD, "line " + count++);
        }
        log(burst);
        if (i == 4 * round) {
          HeardLines.await(() -> !journalctls().isEmpty());
          assertThat(journalctls()).isNotEmpty().allMatch(ProcessHandle::destroyForcibly);
        }
      }
      heard.await(count);
    }
    assertThat(messages()).isEqualTo(IntStream.range(0, count).mapToObj(i -> "line " + i).toList());
    assertThat(heard.gaps()).isEmpty();
    assertThat(opened.get(0).isFollowing()).isTrue();
  }

  private static List<ProcessHandle> journalctls() {
    return ProcessHandle.current()
        .children()
        .filter(child -> child.info().command().orElse("").endsWith("/journalctl"))
        .toList();
  }

  @Test
  void closingEndsJournalctlAndNoLineComesAfterIt() throws Exception {
    followFromHere();
    HeardLines.await(() -> !journalctls().isEmpty());
    opened.get(0).close();
    assertThat(opened.get(0).isFollowing()).isFalse();
    HeardLines.await(() -> journalctls().isEmpty());
    assertThat(journalctls()).isEmpty();
    log(entry(SMTPD, "unheard"));
    assertThat(heard.texts()).isEmpty();
  }
}
