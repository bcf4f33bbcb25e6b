package dev.tlswaiver.source;

/** Hears what a source reads. Called by one thread at a time. */
public interface LogListener {
  /** One line, each once. */
  void line(LogLine line);

  /** Lines may be missing here. */
  void gap(Gap gap);
}
