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

/**
 * Makes, replaces or deletes one file that still holds what the plan expects. Contents are bytes as
 * ISO 8859-1 characters, so that none is lost.
 *
 * @param expected the contents before; empty where there is no such file
 * @param next the contents after; empty to delete it
 */
public record FileEdit(Path file, Optional<String> expected, Optional<String> next) {

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

  /** Brings the file to its next contents by rename (invariant 1). */
  void apply() throws HostException {
    write(file, next);
  }

  /** Gives the file these contents, or deletes it. */
  static void write(Path file, Optional<String> contents) throws HostException {
    try {
      if (contents.isEmpty()) {
        Files.deleteIfExists(file);
      } else {
        replace(file, contents.get());
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

  private static void replace(Path file, String contents) throws IOException {
    Path staged = staged(file);
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
    } else {
      view.setPermissions(PosixFilePermissions.fromString("rw-r--r--"));
    }
    Files.move(staged, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** One name, so that a crash leaves at most one of them behind, and the next write takes it. */
  private static Path staged(Path file) {
    return file.resolveSibling("." + file.getFileName() + ".tlswaiver");
  }

  /** Takes away what a crash left beside the file. */
  static void discardStaged(Path file) throws HostException {
    delete(staged(file));
  }

  private static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
