package dev.tlswaiver.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.house.ManualClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A log that somebody rewrites: no line is heard twice, and none is lost. */
final class RewrittenFileTest {
  private static final LocalDateTime START = LocalDateTime.of(2026, 3, 1, 10, 0, 10);
  private static final DateTimeFormatter TIMES =
      DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ROOT);

  @TempDir Path folder;

  private final HeardLines heard = new HeardLines();
  private final ManualClock clock = new ManualClock(Instant.parse("2026-03-01T10:00:00Z"));
  private final List<FollowedFile> opened = new ArrayList<>();
  private final List<String> written = new ArrayList<>();
  private TestWaker waker = new TestWaker();
  private Path log = Path.of("unset");

  @BeforeEach
  void begin() {
    log = folder.resolve("maillog");
    follow(Optional.empty());
  }

  @AfterEach
  void close() {
    opened.forEach(FollowedFile::close);
  }

  private void follow(Optional<Cursor> start) {
    waker = new TestWaker();
    opened.add(FollowedFile.follow(log, start, heard, clock, waker));
  }

  private void write(int count) throws Exception {
    for (int i = 0; i < count; i++) {
      String line = TIMES.format(START.plusSeconds(written.size())) + " mx smtpd[7]: line foo";
      written.add(line);
      append(line + "\n");
    }
  }

  private void append(String text) throws Exception {
    Files.writeString(log, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private void hearsAll() throws Exception {
    waker.look();
    assertThat(heard.texts()).containsExactlyElementsOf(written);
    assertThat(heard.gaps()).isEmpty();
  }

  private void restart() {
    Optional<Cursor> place = Optional.of(heard.place());
    opened.forEach(FollowedFile::close);
    follow(place);
  }

  private void run(String script) throws Exception {
    Process process =
        new ProcessBuilder("sh", "-c", script).directory(folder.toFile()).inheritIO().start();
    assertThat(process.waitFor()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sed -i s/none/other/ maillog",
        "sed -i s/foo/barbaz/ maillog",
        "sed -i.bak 5d maillog",
        "cp maillog x && mv x maillog",
        "cp maillog maillog.bak && cp maillog x && mv x maillog",
        "tail -n 20 maillog >x && mv x maillog",
        "tail -n 20 maillog >x && cat x >maillog",
        "cp maillog x && cat x >maillog",
        "sed '$d' maillog >x && cat x >maillog",
        "printf '5s/$/x/\\nw\\nq\\n' | ed -s maillog"
      })
  void whatARewrittenLogHeldIsNotHeardAgain(String script) throws Exception {
    write(70);
    hearsAll();
    run(script);
    write(2);
    hearsAll();
    restart();
    run(script);
    write(1);
    hearsAll();
    opened.forEach(FollowedFile::close);
    run(script);
    write(1);
    restart();
    hearsAll();
  }

  /** Each step comes once between two looks or two lives of the follower. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void eachLineIsHeardOnceWhateverIsDoneToTheLog(long seed) throws Exception {
    Random random = new Random(seed);
    write(5);
    hearsAll();
    for (int step = 0; step < 25; step++) {
      List<String> lines = Files.readAllLines(log);
      int size = lines.size();
      switch (random.nextInt(5)) {
        case 0 -> lines = new ArrayList<>(lines.subList(Math.max(0, size - 10), size));
        case 1 -> lines.set(size / 2, lines.get(size / 2) + " edited");
        case 2 -> {
          Path old = folder.resolve("maillog." + step);
          Files.move(log, old);
          // Their order is that of their times, which a fast machine makes the same.
          Files.setLastModifiedTime(old, FileTime.from(clock.instant().plusSeconds(step)));
          lines = List.of();
        }
        default -> {}
      }
      if (random.nextBoolean()) {
        Path next = folder.resolve("next");
        Files.write(next, lines);
        run("mv next maillog");
      } else {
        Files.write(log, lines);
      }
      write(4 + random.nextInt(4));
      if (random.nextInt(3) == 0) {
        restart();
      }
      hearsAll();
    }
  }

  @Test
  void aRewritingThatIsSeenHalfwayIsWaitedFor() throws Exception {
    write(70);
    hearsAll();
    byte[] whole = Files.readAllBytes(log);
    Files.write(log, new byte[0]);
    hearsAll();
    Files.write(log, java.util.Arrays.copyOf(whole, whole.length / 3));
    hearsAll();
    Files.write(log, whole);
    hearsAll();
    write(1);
    hearsAll();
  }

  @Test
  void linesLikeEarlierOnesSkipNothingAfterARotation() throws Exception {
    write(70);
    hearsAll();
    Files.move(log, folder.resolve("maillog.1"));
    for (String line : List.of(written.get(69), "theirs", written.get(68))) {
      written.add(line);
      append(line + "\n");
    }
    hearsAll();
  }

  @Test
  void honestRepeatsAreAllHeard() throws Exception {
    write(5);
    for (int i = 0; i < 3; i++) {
      append(written.get(4) + "\n");
      written.add(written.get(4));
    }
    hearsAll();
    run("cp maillog x && mv x maillog");
    append(written.get(4) + "\n");
    written.add(written.get(4));
    hearsAll();
  }

  @Test
  void aBlockOfNulsCostsNoLine() throws Exception {
    write(3);
    hearsAll();
    Files.write(log, new byte[3 * OpenFile.MOST_BYTES], StandardOpenOption.APPEND);
    hearsAll();
    write(2);
    hearsAll();
    restart();
    write(1);
    hearsAll();
  }

  @Test
  void aCursorOfAnEarlierReleaseIsUnderstood() throws Exception {
    write(5);
    hearsAll();
    String place = heard.place().text();
    opened.forEach(FollowedFile::close);
    follow(Optional.of(new Cursor(place.substring(0, place.indexOf("; seen:")))));
    run("sed -i s/none/other/ maillog");
    write(1);
    hearsAll();
  }
}
