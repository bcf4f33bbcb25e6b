package dev.tlswaiver.agent;

import dev.tlswaiver.actuator.FileRights;
import dev.tlswaiver.hand.Hands;
import dev.tlswaiver.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Root at work in the state directory of an agent without power: with the rights of that agent, who
 * may have been taken over and have put links there, or a ledger with a journal that names a file
 * to be removed. What is made belongs to the agent, so that it can open its own ledger again.
 */
final class AsAgent implements AutoCloseable {
  private final Path stateDirectory;
  private final Optional<FileRights> rights;

  private AsAgent(Path stateDirectory, Optional<FileRights> rights) {
    this.stateDirectory = stateDirectory;
    this.rights = rights;
  }

  /** Where the directory is this user's own, everything is as it was. */
  static AsAgent in(Path stateDirectory) throws IOException {
    if (!isOfAnother(stateDirectory)) {
      return new AsAgent(stateDirectory, Optional.empty());
    }
    Path own = Hands.ownDirectory(stateDirectory);
    Path libraries = Files.isDirectory(own) ? own : Path.of(System.getProperty("java.io.tmpdir"));
    System.getProperties().putIfAbsent("jna.tmpdir", libraries.toString());
    // Whoever owns the file of a library decides what it does.
    Store.loadDriver(libraries);
    return new AsAgent(stateDirectory, Optional.of(FileRights.ofOwner(stateDirectory)));
  }

  /** Whether this is root, and the directory is not. */
  static boolean isOfAnother(Path stateDirectory) throws IOException {
    return Hands.isRoot()
        && Files.exists(stateDirectory)
        && !Files.getOwner(stateDirectory).getName().equals("root");
  }

  /** Where it is at work. */
  Path stateDirectory() {
    return stateDirectory;
  }

  @Override
  public void close() {
    rights.ifPresent(FileRights::close);
  }
}
