package dev.tlswaiver.actuator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Invariants 1, 3 and 8, where others write the same file. */
final class FileEditTest {
  /**
   * Nobody opens a file again so soon after saving it. What was saved in the very moment of our
   * swap is hidden for some microseconds.
   */
  private static final Duration BACK_AGAIN = Duration.ofMillis(5);

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = folder.resolve("master.cf");
    Files.writeString(file, "smtp inet n - y - - smtpd\n");
  }

  private String text() throws IOException {
    return Files.readString(file);
  }

  private FileEdit edit(String expected, String next) {
    return new FileEdit(file, Optional.of(expected), Optional.of(next));
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(path -> path.getFileName().toString()).toList();
    }
  }

  @Test
  void anEditKeepsTheModeAndLeavesNothingBeside() throws Exception {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    FileEdit edit = edit(text(), "ours\n");
    edit.apply();
    assertThat(text()).isEqualTo("ours\n");
    edit.finish();
    assertThat(names()).containsExactly("master.cf");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r-----");
  }

  @Test
  void whatIsNotExpectedStays() throws Exception {
    FileEdit edit = edit("something else\n", "ours\n");
    assertThatThrownBy(edit::apply)
        .isInstanceOf(MovedException.class)
        .hasMessageContaining("was changed meanwhile");
    assertThat(text()).startsWith("smtp inet");
    assertThat(names()).containsExactly("master.cf");
  }

  @Test
  void anEditorThatHasTheOldFileOpenKeepsWhatItWrites() throws Exception {
    FileEdit edit = edit(text(), text() + "ours\n");
    try (OutputStream open = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
      edit.apply();
      open.write("theirs\n".getBytes(StandardCharsets.US_ASCII));
    }
    assertThatThrownBy(edit::finish).isInstanceOf(MovedException.class);
    assertThat(text()).isEqualTo("smtp inet n - y - - smtpd\ntheirs\n");
  }

  private void save(int number) throws HostException {
    Path copy = folder.resolve("editor");
    try {
      Files.writeString(copy, text() + "edit " + number + "\n");
      Files.move(copy, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    LockSupport.parkNanos(BACK_AGAIN.toNanos());
  }

  private void save(IntStream numbers) {
    try {
      for (int number : numbers.toArray()) {
        save(number);
      }
    } catch (HostException failure) {
      throw new IllegalStateException(failure);
    }
  }

  /** In the file, or in a copy that the operator was told of. */
  private Set<String> editsKept() throws IOException {
    Set<String> kept = new HashSet<>();
    try (var files = Files.list(folder)) {
      for (Path path : files.toList()) {
        kept.addAll(Files.readAllLines(path));
      }
    }
    return kept;
  }

  @Test
  void anEditorThatSavesAtTheSameMomentLosesNothing() throws Exception {
    assertNothingIsLost(50);
  }

  @Tag("slow")
  @Test
  void norDoesOneThatSavesAgainAndAgain() throws Exception {
    assertNothingIsLost(500);
  }

  private void assertNothingIsLost(int saves) throws Exception {
    CompletableFuture<Void> editor =
        CompletableFuture.runAsync(() -> save(IntStream.range(0, saves)));
    int applied = 0;
    while (!editor.isDone()) {
      String now = FileEdit.read(file).orElseThrow();
      FileEdit edit =
          edit(now, now.contains("ours\n") ? now.replace("ours\n", "") : now + "ours\n");
      try {
        edit.apply();
        edit.finish();
        applied++;
      } catch (MovedException busy) {
        // The editor was quicker, as it often is.
      }
    }
    editor.join();
    assertThat(editsKept())
        .containsAll(IntStream.range(0, saves).mapToObj(number -> "edit " + number).toList());
    assertThat(applied).isPositive();
  }
}
