package dev.tlswaiver.actuator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * The lock of Postfix's own editor: while postconf(1) edits a file it holds an exclusive flock(2)
 * of its name with {@code .tmp}, which it then renames (edit_file.c of Postfix). Whoever waits for
 * it can't take an edit away that postconf has read, but not yet written, and neither can postconf
 * take away ours. An editor of text asks for no lock; {@link FileEdit} sees what it did.
 */
final class EditLock implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long LOOK_AGAIN_NANOS = 2_000_000;

  private final Path name;
  private final int descriptor;

  private EditLock(Path name, int descriptor) {
    this.name = name;
    this.descriptor = descriptor;
  }

  /**
   * Waits until nobody else holds it.
   *
   * @throws IOException if that takes longer than any edit, or nothing can be made there
   */
  static EditLock take(Path file) throws IOException {
    Path name = name(file);
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      EditLock lock = new EditLock(name, LinuxFiles.open(name));
      if (LinuxFiles.tryLock(lock.descriptor) && lock.isStillThere()) {
        return lock;
      }
      LinuxFiles.close(lock.descriptor);
      if (System.nanoTime() > end) {
        throw new IOException("another program holds the lock of " + name + "; a postconf?");
      }
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
    }
  }

  private static Path name(Path file) {
    return file.resolveSibling(file.getFileName() + ".tmp");
  }

  /** Takes away what a process left that was killed while it held the lock. */
  static void discardLeft(Path file) throws IOException {
    if (Files.exists(name(file))) {
      take(file).close();
    }
  }

  /** Who held it before may have renamed or deleted what we have opened meanwhile. */
  private boolean isStillThere() throws IOException {
    try {
      return Files.isSameFile(LinuxFiles.opened(descriptor), name);
    } catch (NoSuchFileException gone) {
      return false;
    }
  }

  /** An empty file is ours, or what a killed process left; another one is somebody's. */
  @Override
  public void close() throws IOException {
    try {
      if (Files.size(name) == 0) {
        Files.delete(name);
      }
    } finally {
      LinuxFiles.close(descriptor);
    }
  }
}
