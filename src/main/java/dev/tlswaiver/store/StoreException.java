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

  private final boolean isDamage;

  StoreException(Path file, String operation, Throwable cause) {
    super(file + ": " + operation + ": " + cause.getMessage(), cause);
    isDamage =
        cause instanceof RuntimeException
            || (cause instanceof SQLException sql && DAMAGE.contains(sql.getErrorCode() & 0xff));
  }

  StoreException(Path file, String problem) {
    super(file + ": " + problem);
    isDamage = false;
  }

  private StoreException(String message) {
    super(message);
    isDamage = true;
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
