package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.FileEdit;
import dev.tlswaiver.actuator.RejectedException;
import dev.tlswaiver.actuator.Stage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;

/** A copy of a configuration directory, as it would be after a change. */
record StagedCopy(Path directory) {

  static void make(Path live, Path directory, List<FileEdit> edits) throws RejectedException {
    StagedCopy copy = new StagedCopy(directory);
    copy.copy(live);
    for (FileEdit edit : edits) {
      copy.write(edit.file().getFileName(), edit.next());
    }
  }

  private void copy(Path live) throws RejectedException {
    try {
      Files.walkFileTree(live, new Copier(live, directory));
    } catch (IOException failure) {
      throw new RejectedException(
          Stage.STAGE, "a copy of " + live + " can't be made in " + directory + ": " + failure);
    }
  }

  /** The copy is our own: what Postfix reads is written by {@link FileEdit} alone. */
  private void write(Path name, Optional<String> contents) throws RejectedException {
    Path file = directory.resolve(name);
    try {
      if (contents.isPresent()) {
        Files.writeString(file, contents.get(), StandardCharsets.ISO_8859_1);
      } else {
        Files.deleteIfExists(file);
      }
    } catch (IOException failure) {
      throw new RejectedException(Stage.STAGE, file + " can't be written: " + failure);
    }
  }

  /** Copies regular files, and what links lead to; nobody else's sockets and pipes. */
  private static final class Copier extends SimpleFileVisitor<Path> {
    private final Path from;
    private final Path to;

    Copier(Path from, Path to) {
      this.from = from;
      this.to = to;
    }

    private Path target(Path file) {
      return to.resolve(from.relativize(file).toString());
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
        throws IOException {
      Files.createDirectories(target(folder));
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      if (attributes.isRegularFile() || Files.isRegularFile(file)) {
        // Postfix waits for a file that was changed within the last second or so to settle.
        Files.copy(file, target(file), StandardCopyOption.COPY_ATTRIBUTES);
      }
      return FileVisitResult.CONTINUE;
    }
  }
}
