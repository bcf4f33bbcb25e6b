package dev.tlswaiver.source;

/** Hears what a source reads. Called by one thread at a time. */
public interface LogListener {
  /**
   * A log is begun that was not followed before. What comes from this place on counts, also for
   * whoever goes on before the first line of it has come. Said once, before anything else.
   */
  default void begun(Cursor place) {}

  /** One line, each once. */
  void line(LogLine line);

  /** Lines may be missing here. */
  void gap(Gap gap);
}
