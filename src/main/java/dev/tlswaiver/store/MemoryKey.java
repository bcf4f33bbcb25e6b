package dev.tlswaiver.store;

import dev.tlswaiver.guard.KeyedHash;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.Set;

/**
 * The key of what is remembered by number: 16 bytes in {@code memory.key} beside the ledger, for
 * its owner alone. Without it the numbers in the ledger mean nothing.
 */
public final class MemoryKey {
  private static final String NAME = "memory.key";

  private static final KeyedHash FOR_THIS_RUN = new KeyedHash(random());

  private MemoryKey() {}

  /** A key that is forgotten with the process. */
  public static KeyedHash forThisRun() {
    return FOR_THIS_RUN;
  }

  private static byte[] random() {
    byte[] key = new byte[KeyedHash.KEY_LENGTH];
    new SecureRandom().nextBytes(key);
    return key;
  }

  /** The key of a state directory; empty where there is none, or none that this user can read. */
  static Optional<KeyedHash> find(Path stateDirectory) throws IOException {
    Path file = stateDirectory.resolve(NAME);
    if (!Files.isReadable(file) || Files.size(file) != KeyedHash.KEY_LENGTH) {
      return Optional.empty();
    }
    return Optional.of(new KeyedHash(Files.readAllBytes(file)));
  }

  /** Makes a new one in the place of whatever is there; it is on the disk when this returns. */
  static KeyedHash make(Path stateDirectory) throws IOException {
    byte[] key = random();
    Path next = stateDirectory.resolve(NAME + ".new");
    Files.deleteIfExists(next);
    try (FileChannel channel =
        FileChannel.open(
            next,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      channel.write(ByteBuffer.wrap(key));
      channel.force(true);
    }
    Files.move(
        next,
        stateDirectory.resolve(NAME),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel directory = FileChannel.open(stateDirectory)) {
      directory.force(true);
    }
    return new KeyedHash(key);
  }
}
