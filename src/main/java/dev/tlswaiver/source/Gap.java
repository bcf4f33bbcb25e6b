package dev.tlswaiver.source;

import java.util.Locale;

/** Why lines may be missing. */
public enum Gap {
  /** The file was truncated before it was read to its end, and no copy of the rest was found. */
  TRUNCATED,
  /** A line was longer than we read; its end was skipped. */
  LONG_LINE,
  /** The file or the journal's entry that we read last time is gone. */
  PLACE_LOST,
  /** The logger says that it dropped lines, or left out repeated ones. */
  SUPPRESSED;

  /** The label used in metrics. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
