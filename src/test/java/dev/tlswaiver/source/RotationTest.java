package dev.tlswaiver.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A log that is rotated at full speed, while the process that follows it is killed and restarted.
 */
@Tag("slow")
final class RotationTest {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  /** More with {@code -Drotations=60}. */
  private static final int ROTATIONS = Integer.getInteger("rotations", 12);

  private static final int LINES_EACH = 400;

  /** How logs are rotated. */
  enum Style {
    /** Renamed, and written to anew at once. */
    RENAME,
    /** Renamed; the logger goes on with the old file for a while. */
    RENAME_AND_STRAGGLE,
    /** Renamed, and nothing is there for a while. */
    RENAME_AND_WAIT,
    /** Copied and emptied. */
    COPY_AND_TRUNCATE,
    /** A name that points to the present file. */
    SYMLINK,
    /** Renamed and packed. */
    PACKED
  }

  @TempDir Path folder;

  private final Random random = new Random(11);
  private final List<Process> followers = new ArrayList<>();
  private int written;

  @AfterEach
  void stopTheFollowers() {
    followers.forEach(Process::destroyForcibly);
  }

  @ParameterizedTest
  @EnumSource(Style.class)
  void eachLineComesOnceThroughRotationsAndKills(Style style) throws Exception {
    Path log = folder.resolve("maillog");
    Path record = folder.resolve("record");
    Files.createFile(record);
    Process follower = follow(log, record);
    if (style == Style.SYMLINK) {
      Files.createFile(folder.resolve("maillog.0"));
      Files.createSymbolicLink(log, folder.resolve("maillog.0"));
    }
    write(log, 1);
    awaitAll(record); // Without a place written down, the next start would begin at the end.
    for (int rotation = 0; rotation < ROTATIONS; rotation++) {
      write(log, LINES_EACH);
      if (rotation % 3 == 1) {
        kill(follower);
      }
      if (style == Style.PACKED) {
        // What was packed twice over can't be found again: it must have caught up once.
        follower = follower.isAlive() ? follower : follow(log, record);
        awaitAll(record);
        kill(follower);
      }
      rotate(style, log, rotation);
      if (!follower.isAlive()) {
        follower = follow(log, record);
      }
    }
    write(log, LINES_EACH);
    awaitAll(record);
    assertEachLineOnce(record);
  }

  @Test
  void aFileThatMayNotBeReadForAWhileLosesNothing() throws Exception {
    Path log = folder.resolve("maillog");
    Path record = folder.resolve("record");
    Files.createFile(record);
    Process follower = follow(log, record);
    write(log, 1);
    awaitAll(record);
    for (int rotation = 0; rotation < 2; rotation++) {
      if (rotation == 1) {
        kill(follower);
      }
      Files.move(log, folder.resolve("maillog." + rotation));
      Files.createFile(
          log, PosixFilePermissions.asFileAttribute(Set.of(PosixFilePermission.OWNER_WRITE)));
      write(log, LINES_EACH);
      if (rotation == 1) {
        follower = start(log, record);
      }
      readUntil(follower, log + " can't be read");
      write(log, LINES_EACH);
      Files.setPosixFilePermissions(log, PosixFilePermissions.fromString("rw-r--r--"));
      awaitAll(record);
    }
    assertEachLineOnce(record);
  }

  private void assertEachLineOnce(Path record) throws IOException {
    List<String> lines = recorded(record);
    assertThat(lines.stream().filter(line -> line.startsWith("gap "))).isEmpty();
    List<Integer> numbers =
        new ArrayList<>(
            lines.stream().map(line -> line.split(" ", 3)[1]).map(Integer::valueOf).toList());
    List<Integer> lost = new ArrayList<>(IntStream.range(0, written).boxed().toList());
    lost.removeAll(Set.copyOf(numbers));
    assertThat(lost).as("lost").isEmpty();
    assertThat(numbers).as("repeated").doesNotHaveDuplicates().hasSize(written);
  }

  private void rotate(Style style, Path log, int rotation) throws IOException {
    Path old = folder.resolve("maillog." + (rotation + 1));
    switch (style) {
      case RENAME -> Files.move(log, old);
      case RENAME_AND_STRAGGLE -> {
        Files.move(log, old);
        write(log, 20);
        write(old, 20);
        write(log, 20);
        write(old, 20);
      }
      case RENAME_AND_WAIT -> {
        Files.move(log, old);
        LockSupport.parkNanos(Duration.ofMillis(random.nextInt(300)).toNanos());
      }
      case COPY_AND_TRUNCATE -> {
        Files.copy(log, old);
        new FileOutputStream(log.toFile()).close();
      }
      case SYMLINK -> {
        Files.createFile(old);
        Path next = folder.resolve("next");
        Files.createSymbolicLink(next, old);
        Files.move(next, log, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      }
      case PACKED -> {
        write(log, 50); // Nobody follows at this moment.
        try (OutputStream packed =
            new GZIPOutputStream(
                Files.newOutputStream(folder.resolve(old.getFileName() + ".gz")))) {
          Files.copy(log, packed);
        }
        Files.delete(log);
        Files.createFile(log);
      }
    }
  }

  /** Numbered lines, some in pieces, some with bytes that are no text. */
  private void write(Path file, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      byte[] line =
          ("line " + written++ + (written % 17 == 0 ? " \0\u00ff" : " of the log") + "\n")
              .getBytes(StandardCharsets.ISO_8859_1);
      int cut = written % 23 == 0 ? random.nextInt(line.length) : 0;
      append(file, java.util.Arrays.copyOf(line, cut));
      append(file, java.util.Arrays.copyOfRange(line, cut, line.length));
    }
  }

  private static void append(Path file, byte[] bytes) throws IOException {
    if (bytes.length > 0) {
      Files.write(file, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
  }

  private Process follow(Path log, Path record) throws IOException {
    Process process = start(log, record);
    // It says so as soon as what comes next is read.
    readUntil(process, "following");
    return process;
  }

  private Process start(Path log, Path record) throws IOException {
    List<String> command = new ArrayList<>();
    if (System.getProperty("user.name").equals("root")) {
      // Root may read what nobody may, but for this.
      command.addAll(List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search"));
    }
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            FollowAndRecord.class.getName(),
            log.toString(),
            record.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    followers.add(process);
    return process;
  }

  private static void readUntil(Process process, String text) throws IOException {
    long end = System.nanoTime() + DEADLINE.toNanos();
    List<String> lines = new ArrayList<>();
    while (lines.stream().noneMatch(line -> line.contains(text)) && System.nanoTime() < end) {
      if (process.inputReader().ready()) {
        lines.add(process.inputReader().readLine());
      } else {
        LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
      }
    }
    assertThat(lines).as("what the process says").anyMatch(line -> line.contains(text));
  }

  private static void kill(Process process) throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Waits as long as there is progress. */
  private void awaitAll(Path record) throws IOException {
    long end = System.nanoTime() + DEADLINE.toNanos();
    int before = 0;
    int count = recorded(record).size();
    while (count < written && System.nanoTime() < end) {
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
      end = count > before ? System.nanoTime() + DEADLINE.toNanos() : end;
      before = count;
      count = recorded(record).size();
    }
  }

  private static List<String> recorded(Path record) throws IOException {
    return Files.readAllLines(record, StandardCharsets.ISO_8859_1);
  }
}
