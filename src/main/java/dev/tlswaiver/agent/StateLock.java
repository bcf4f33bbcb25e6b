package dev.tlswaiver.agent;

import dev.tlswaiver.actuator.DirectoryLock;
import dev.tlswaiver.control.StartException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The state directory has one owner at a time, and so has the directory of the Postfix that it
 * keeps in order. The kernel lets go of the locks when it dies.
 */
public final class StateLock implements AutoCloseable {
  private final Path stateDirectory;
  private final FileChannel channel;
  private Optional<DirectoryLock> postfix = Optional.empty();

  private StateLock(Path stateDirectory, FileChannel channel) {
    this.stateDirectory = stateDirectory;
    this.channel = channel;
  }

  /** What is locked. */
  public Path stateDirectory() {
    return stateDirectory;
  }

  /**
   * Takes the state directory.
   *
   * @throws StartException if another process has it, or it can't be written
   */
  public static StateLock take(Path stateDirectory) throws StartException {
    return open(
            stateDirectory,
            owner -> {
              throw new StartException(
                  "another tlswaiver (process "
                      + owner
                      + ") works with "
                      + stateDirectory
                      + "; stop it first, for instance with: systemctl stop tlswaiver");
            })
        .orElseThrow();
  }

  /**
   * Takes the state directory where no other process has it.
   *
   * @throws StartException if it can't be written
   */
  static Optional<StateLock> takeIfFree(Path stateDirectory) throws StartException {
    return open(stateDirectory, owner -> {});
  }

  /**
   * Takes the configuration directory of Postfix as well, for whoever changes something there.
   *
   * @throws StartException if another process has it, which then has another state directory
   */
  StateLock with(Path configDirectory) throws StartException {
    if (!withIfFree(configDirectory)) {
      throw new StartException(
          "another tlswaiver, with another state_directory than "
              + stateDirectory
              + ", keeps "
              + configDirectory
              + " in order, and the two would undo each other's work; see which: fuser -v "
              + configDirectory);
    }
    return this;
  }

  /** Takes it where no other process has it. */
  boolean withIfFree(Path configDirectory) throws StartException {
    if (postfix.isPresent() || Files.notExists(configDirectory)) {
      return true; // Where there is no Postfix nobody fights over it.
    }
    try {
      postfix = DirectoryLock.take(configDirectory);
      return postfix.isPresent();
    } catch (IOException failure) {
      throw new StartException(configDirectory + " can't be locked: " + failure, failure);
    }
  }

  /** What to do about the process that has it. */
  @FunctionalInterface
  private interface Taken {
    void by(String owner) throws StartException;
  }

  private static Optional<StateLock> open(Path stateDirectory, Taken taken) throws StartException {
    try (AsAgent agent = AsAgent.in(stateDirectory)) {
      Files.createDirectories(stateDirectory);
      FileChannel channel =
          FileChannel.open(
              agent.stateDirectory().resolve("agent.lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      if (lock(channel) == null) {
        String owner = read(channel);
        channel.close();
        taken.by(owner);
        return Optional.empty();
      }
      channel.truncate(0);
      channel.write(
          ByteBuffer.wrap(
              (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
      return Optional.of(new StateLock(stateDirectory, channel));
    } catch (IOException failure) {
      throw new StartException(
          "state_directory "
              + stateDirectory
              + " can't be used: "
              + failure
              + "; make it writable for this user, or choose another",
          failure);
    }
  }

  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException ours) {
      return null; // Held by this very process.
    }
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(32);
    channel.read(buffer, 0);
    return new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII)
        .replaceAll("[^0-9]", "");
  }

  @Override
  public void close() {
    postfix.ifPresent(DirectoryLock::close);
    try {
      channel.close();
    } catch (IOException failure) {
      // The kernel lets go of the lock all the same when the process ends.
      throw new java.io.UncheckedIOException(failure);
    }
  }
}
