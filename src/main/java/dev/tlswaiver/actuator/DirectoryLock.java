package dev.tlswaiver.actuator;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Whoever keeps a configuration directory of Postfix in order holds this: two agents with ledgers
 * of their own would each undo what the other one did. It is a flock(2) of the directory itself, so
 * that no file is left in it, and ends with the process; Postfix and its tools do not ask for it.
 */
public final class DirectoryLock implements AutoCloseable {
  private final int descriptor;

  private DirectoryLock(int descriptor) {
    this.descriptor = descriptor;
  }

  /** Takes it; empty where another process has it. */
  public static Optional<DirectoryLock> take(Path directory) throws IOException {
    int descriptor = LinuxFiles.openDirectory(directory);
    if (LinuxFiles.tryLock(descriptor)) {
      return Optional.of(new DirectoryLock(descriptor));
    }
    LinuxFiles.close(descriptor);
    return Optional.empty();
  }

  @Override
  public void close() {
    LinuxFiles.close(descriptor);
  }
}
