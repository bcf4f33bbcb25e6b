package dev.tlswaiver.cli;

import com.google.gson.JsonObject;
import dev.tlswaiver.maillog.UnreadableLineException;
import java.util.Optional;

/** The lines of past logs that could not be read, and were left out. */
final class SetAside {
  private long count;
  private Optional<String> first = Optional.empty();

  /** Reads a line; one that can't be read is left out and counted. */
  void reading(String log, long number, Runnable work) {
    try {
      work.run();
    } catch (UnreadableLineException why) {
      add(log, number, why);
    }
  }

  /** The same where lines are put together: it is that line or one a few before it. */
  void readingUpTo(String log, long number, Runnable work) {
    try {
      work.run();
    } catch (UnreadableLineException why) {
      addUpTo(log, number, why);
    }
  }

  void addUpTo(String log, long number, UnreadableLineException why) {
    add(log, "up to line " + number, why);
  }

  void add(String log, long number, UnreadableLineException why) {
    add(log, "line " + number, why);
  }

  private void add(String log, String where, UnreadableLineException why) {
    count++;
    if (first.isEmpty()) {
      first =
          Optional.of(
              (log.equals("-") ? "standard input" : log) + ", " + where + " (" + why.kind() + ")");
    }
  }

  /** A sentence about them, if there are any. */
  Optional<String> sentence() {
    return first.map(
        where ->
            (count == 1 ? "1 line" : count + " lines")
                + " could not be read and "
                + (count == 1 ? "was" : "were")
                + " left out"
                + (count == 1 ? ": " : ", the first of them ")
                + where);
  }

  /** The same document, with their number if there are any. */
  JsonObject in(JsonObject json) {
    if (count > 0) {
      json.addProperty("quarantined", count);
    }
    return json;
  }
}
