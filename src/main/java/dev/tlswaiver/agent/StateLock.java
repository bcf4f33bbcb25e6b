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
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state directory has one owner at a time, and so has the directory of the Postfix that it
 * keeps in order. The kernel lets go of the locks when it dies.
 */
public final class StateLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StateLock.class);

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
    Path file = stateDirectory.resolve("agent.lock");
    try {
      Files.createDirectories(stateDirectory);
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
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
      StateLock lock = new StateLock(stateDirectory, channel);
      lock.giveToOwner();
      return Optional.of(lock);
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
    return new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII).strip();
  }

  /**
   * What root made in the directory of an agent without power is that agent's: else it could not
   * open its own ledger again. No link is followed, since whoever has the directory may have put
   * one there.
   */
  private void giveToOwner() throws IOException {
    UserPrincipal owner = Files.getOwner(stateDirectory);
    if (!"root".equals(System.getProperty("user.name")) || owner.getName().equals("root")) {
      return;
    }
    try (Stream<Path> files = Files.list(stateDirectory)) {
      for (Path file : files.filter(StateLock::isPlainFile).toList()) {
        Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
            .setOwner(owner);
      }
    }
  }

  private static boolean isPlainFile(Path file) {
    try {
      return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
          && Integer.valueOf(1)
              .equals(Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS));
    } catch (IOException gone) {
      return false;
    }
  }

  @Override
  public void close() {
    postfix.ifPresent(DirectoryLock::close);
    try {
      giveToOwner();
    } catch (IOException failure) {
      LOG.warn(
          "{} may hold files that its owner can't open: {}", stateDirectory, failure.toString());
    }
    try {
      channel.close();
    } catch (IOException failure) {
      // The kernel lets go of the lock all the same when the process ends.
      throw new java.io.UncheckedIOException(failure);
    }
  }
}
