package dev.tlswaiver.maillog;

import java.time.Instant;
import java.util.Optional;

/**
 * Reads what stands before the sentence of a log line. {@link SyslogParser} knows the headers that
 * a live log has, and is all that the running agent has; what people paste and collectors wrap is
 * read by another, which is handed in where past logs are read. One is used by one thread, for the
 * lines of one log in their order.
 */
public interface Headers {
  /**
   * Reads one line.
   *
   * @param reference the line is not later than a day after this; it settles the year of a header
   *     that has none
   * @return empty for a line that holds no text
   */
  Optional<SyslogMessage> parse(String line, Instant reference);

  /** The time at a line's very beginning; empty where none stands there. */
  Optional<Instant> time(String line, Instant reference);
}
