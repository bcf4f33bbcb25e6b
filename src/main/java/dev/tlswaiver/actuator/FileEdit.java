package dev.tlswaiver.actuator;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes, replaces or deletes one file that still holds what the plan expects. Contents are bytes as
 * ISO 8859-1 characters, so that none is lost.
 *
 * @param expected the contents before; empty where there is no such file
 * @param next the contents after; empty to delete it
 */
public record FileEdit(Path file, Optional<String> expected, Optional<String> next) {

  private static final Logger LOG = LoggerFactory.getLogger(FileEdit.class);

  /** The file's contents, or empty where there is no such file. */
  public static Optional<String> read(Path file) throws HostException {
    try {
      return Optional.of(Files.readString(file, StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException absent) {
      return Optional.empty();
    } catch (IOException failure) {
      throw new HostException(file + " can't be read: " + failure, failure);
    }
  }

  public boolean changesNothing() {
    return expected.equals(next);
  }

  /** Whether the file holds what the plan expects. */
  boolean isExpected() throws HostException {
    return read(file).equals(expected);
  }

  /** As a unified diff. */
  String diff() {
    List<String> before = lines(expected);
    return String.join(
            "\n",
            UnifiedDiffUtils.generateUnifiedDiff(
                expected.isPresent() ? file.toString() : "/dev/null",
                next.isPresent() ? file.toString() : "/dev/null",
                before,
                DiffUtils.diff(before, lines(next)),
                3))
        + "\n";
  }

  private static List<String> lines(Optional<String> contents) {
    return contents.map(text -> text.lines().toList()).orElse(List.of());
  }

  /**
   * Brings the file to its next contents by rename (invariant 1). What it replaces stays beside it
   * until {@link #finish}.
   *
   * @throws MovedException if the file held something else; it holds that still (invariant 3)
   */
  void apply() throws HostException {
    if (expected.isPresent() && next.isPresent()) {
      exchange(file, expected.get(), next.get());
      return;
    }
    if (!isExpected()) {
      throw moved(file);
    }
    write(file, next);
  }

  /**
   * Ends what {@link #apply} began.
   *
   * @throws MovedException if somebody has written the file since, be it the old one that an editor
   *     still had open, which is in its place again then
   */
  void finish() throws HostException {
    Path old = staged(file);
    if (expected.isPresent() && next.isPresent() && Files.exists(old)) {
      if (!read(old).equals(expected)) {
        swap(old, file);
        throw moved(file);
      }
      delete(old);
    }
    if (!read(file).equals(next)) {
      throw moved(file);
    }
  }

  private static MovedException moved(Path file) {
    return new MovedException(
        Stage.WRITE, file + " was changed meanwhile; what was changed there stays");
  }

  /**
   * Puts new contents in the place of what a file is expected to hold, in one step that tells what
   * was really replaced: an edit in the last moment is put back.
   */
  @SuppressWarnings("try") // The lock is held, not asked for anything.
  static void exchange(Path file, String expected, String next) throws HostException {
    Path staged = staged(file);
    try (EditLock postconf = EditLock.take(file)) {
      stage(staged, file, next);
      if (!read(file).equals(Optional.of(expected))) {
        delete(staged);
        throw moved(file);
      }
      if (!LinuxFiles.swap(staged, file)) {
        // The moment between the look and the rename is what such a file system leaves open.
        Files.move(
            staged, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } else if (!read(staged).equals(Optional.of(expected))) {
        putBack(staged, file, next);
        throw moved(file);
      }
      sync(file.toAbsolutePath().resolveSibling("."));
    } catch (IOException failure) {
      throw new HostException(file + " can't be written: " + failure, failure);
    }
  }

  /**
   * What we have replaced is in its place again. If somebody has saved once more in this blink,
   * what is saved last stands, as always; but whoever saved it may not have seen the other.
   */
  private static void putBack(Path staged, Path file, String ours)
      throws HostException, IOException {
    swap(staged, file);
    if (read(staged).equals(Optional.of(ours))) {
      delete(staged);
      return;
    }
    swap(staged, file);
    Path kept = Files.createTempFile(file.getParent(), file.getFileName() + ".saved-", "");
    Files.move(staged, kept, StandardCopyOption.REPLACE_EXISTING);
    LOG.error("{} was saved twice within a moment; the earlier one is kept as {}", file, kept);
  }

  private static void swap(Path left, Path right) throws HostException {
    try {
      LinuxFiles.swap(left, right);
    } catch (IOException failure) {
      throw new HostException(right + " can't be written: " + failure, failure);
    }
  }

  /** Gives the file these contents, or deletes it, whatever it held. */
  public static void write(Path file, Optional<String> contents) throws HostException {
    try {
      if (contents.isEmpty()) {
        Files.deleteIfExists(file);
      } else {
        Path staged = staged(file);
        stage(staged, file, contents.get());
        Files.move(
            staged, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      }
      sync(file.toAbsolutePath().resolveSibling("."));
    } catch (IOException failure) {
      throw new HostException(file + " can't be written: " + failure, failure);
    }
  }

  /** Deletes the file if it is there. */
  public static void delete(Path file) throws HostException {
    write(file, Optional.empty());
  }

  /**
   * Writes and syncs what is to stand in the place of another file, with all that belongs to it.
   */
  private static void stage(Path staged, Path file, String contents) throws IOException {
    Files.deleteIfExists(staged);
    try (FileChannel channel =
        FileChannel.open(
            staged,
            java.util.Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer bytes = StandardCharsets.ISO_8859_1.encode(contents);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    PosixFileAttributeView view = Files.getFileAttributeView(staged, PosixFileAttributeView.class);
    if (Files.exists(file)) {
      PosixFileAttributes before = Files.readAttributes(file, PosixFileAttributes.class);
      view.setOwner(before.owner());
      view.setGroup(before.group());
      view.setPermissions(before.permissions());
      LinuxFiles.copyLabels(file, staged);
    } else {
      view.setPermissions(PosixFilePermissions.fromString("rw-r--r--"));
    }
  }

  /** One name, so that a crash leaves at most one of them behind, and the next write takes it. */
  private static Path staged(Path file) {
    return file.resolveSibling("." + file.getFileName() + ".tlswaiver");
  }

  /** Takes away what a crash left beside the file. */
  static void discardStaged(Path file) throws HostException {
    delete(staged(file));
    try {
      EditLock.discardLeft(file);
    } catch (IOException failure) {
      throw new HostException(file + " can't be written: " + failure, failure);
    }
  }

  private static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
