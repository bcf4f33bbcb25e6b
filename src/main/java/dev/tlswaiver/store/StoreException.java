package dev.tlswaiver.store;

import java.io.IOException;
import java.nio.file.Path;

/** The ledger's file can't be read or written. Names the file. */
public final class StoreException extends IOException {
  private static final long serialVersionUID = 1L;

  StoreException(Path file, String operation, Throwable cause) {
    super(file + ": " + operation + ": " + cause.getMessage(), cause);
  }

  StoreException(Path file, String problem) {
    super(file + ": " + problem);
  }
}
