package dev.tlswaiver.source;

/** A log that is being followed. Lines go to the consumer given at the start, one at a time. */
public interface Source extends AutoCloseable {
  /** Whether the log could be opened and is being followed. */
  boolean isFollowing();

  /** Stops reading; no line is handed out after it returns. */
  @Override
  void close();
}
