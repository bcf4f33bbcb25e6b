package dev.tlswaiver.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Set;

/** The ledger's file can't be read or written. Names the file. */
public final class StoreException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * SQLite's codes for a file that is none of its own, is broken inside, or has other tables:
   * ERROR, CORRUPT, MISMATCH, NOTADB. A file that is locked, or a disk that is full, is not
   * damaged.
   */
  private static final Set<Integer> DAMAGE = Set.of(1, 11, 20, 26);

  /** CORRUPT and NOTADB: where another file is written, an ERROR may be that one's. */
  private static final Set<Integer> BROKEN = Set.of(11, 26);

  /** IOERR and FULL: what reads makes a file beside the ledger too, and needs room for it. */
  private static final Set<Integer> NO_ROOM = Set.of(10, 13);

  private final boolean isDamage;

  StoreException(Path file, String operation, Throwable cause) {
    this(
        file + ": " + operation + ": " + cause.getMessage() + hint(cause),
        cause,
        cause instanceof RuntimeException || isOf(DAMAGE, cause));
  }

  private static String hint(Throwable cause) {
    return isOf(NO_ROOM, cause) ? " (is the disk full?)" : "";
  }

  private static boolean isOf(Set<Integer> codes, Throwable cause) {
    return cause instanceof SQLException sql && codes.contains(sql.getErrorCode() & 0xff);
  }

  StoreException(Path file, String problem) {
    super(file + ": " + problem);
    isDamage = false;
  }

  private StoreException(String message) {
    super(message);
    isDamage = true;
  }

  private StoreException(String message, Throwable cause, boolean isDamage) {
    super(message, cause);
    this.isDamage = isDamage;
  }

  /** There is no copy, so that the ledger stays of its schema and can't be used. */
  static StoreException ofCopy(Path file, Path copy, Exception cause) {
    return new StoreException(
        file
            + ": of an earlier schema, and not raised, since there is no copy to go back to: "
            + copy
            + ": "
            + cause.getMessage()
            + hint(cause),
        cause,
        isOf(BROKEN, cause));
  }

  /** SQLite's own check found something. */
  static StoreException ofDamage(Path file, String finding) {
    return new StoreException(file + ": damaged: " + finding);
  }

  /** Whether the file's content is the trouble, so that opening it again does not help. */
  public boolean isDamage() {
    return isDamage;
  }
}
