package dev.tlswaiver.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * The ledger as it was before its schema was raised: {@code ledger.db.schema-3} beside it, which
 * the release before reads.
 *
 * <p>It is on the disk, whole, before anything in the ledger is changed; a copy that was
 * interrupted has another name. It is readable for whom the ledger is, and nobody here ever deletes
 * it.
 *
 * @param schema the copy's
 */
record SchemaCopy(Path ledger, int schema) {

  /**
   * Makes one, where there is none of this schema yet.
   *
   * @param connection to the ledger, outside of a transaction
   * @throws StoreException if it can't be made: then the ledger must stay as it is
   */
  static SchemaCopy make(Connection connection, Path ledger, int schema) throws StoreException {
    SchemaCopy copy = new SchemaCopy(ledger, schema);
    if (Files.notExists(copy.file())) {
      copy.write(connection);
    }
    return copy;
  }

  /** The latest that a release can read that knows no schema above this one. */
  static Optional<SchemaCopy> find(Path ledger, int highest) {
    for (int schema = highest; schema > 0; schema--) {
      SchemaCopy copy = new SchemaCopy(ledger, schema);
      if (Files.exists(copy.file())) {
        return Optional.of(copy);
      }
    }
    return Optional.empty();
  }

  Path file() {
    return Path.of(ledger + ".schema-" + schema);
  }

  private void write(Connection connection) throws StoreException {
    Path next = Path.of(file() + ".new");
    try {
      Files.deleteIfExists(next);
      createLikeLedger(next);
      // SQLite's own snapshot, with what is still in the write-ahead log; it does not sync it.
      try (PreparedStatement statement = connection.prepareStatement("VACUUM INTO ?")) {
        statement.setString(1, next.toString());
        statement.execute();
      }
      try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(next, file(), StandardCopyOption.ATOMIC_MOVE);
      try (FileChannel directory = FileChannel.open(ledger.getParent())) {
        directory.force(true);
      }
    } catch (SQLException | IOException failure) {
      discard(next);
      throw StoreException.ofCopy(ledger, file(), failure);
    }
  }

  /** Empty, as SQLite wants it; never open to more than the ledger is. */
  private void createLikeLedger(Path next) throws IOException {
    PosixFileAttributes like = Files.readAttributes(ledger, PosixFileAttributes.class);
    Files.createFile(
        next, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    PosixFileAttributeView view = Files.getFileAttributeView(next, PosixFileAttributeView.class);
    PosixFileAttributes made = view.readAttributes();
    if (!made.owner().equals(like.owner())) {
      view.setOwner(like.owner());
    }
    if (!made.group().equals(like.group())) {
      view.setGroup(like.group());
    }
    view.setPermissions(like.permissions());
  }

  private static void discard(Path next) {
    try {
      Files.deleteIfExists(next);
    } catch (IOException left) {
      // The reason why there is no copy is the one to be told; the next try takes it away.
      return;
    }
  }

  /** Where it is, of when, and the commands that put it back. */
  String words() throws StoreException {
    return file()
        + ", of "
        + at()
        + ": once the tlswaiver that is to read it is installed,"
        + " systemctl stop tlswaiver; "
        + putBack()
        + "; systemctl start tlswaiver";
  }

  private Instant at() throws StoreException {
    try {
      return Files.getLastModifiedTime(file()).toInstant().truncatedTo(ChronoUnit.SECONDS);
    } catch (IOException failure) {
      throw new StoreException(file(), "read", failure);
    }
  }

  /**
   * A write-ahead log that stays would be read into the copy. Moved, it makes room for the next.
   */
  private String putBack() {
    return "rm -f " + ledger + "-wal " + ledger + "-shm && mv " + file() + " " + ledger;
  }
}
