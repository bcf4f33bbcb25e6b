package dev.tlswaiver.excerpt;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * An entry of the journal with a line for each field, as {@code journalctl -o export} and {@code -o
 * verbose} show it. It becomes the same entry in JSON, so that the same fields say whose it is.
 */
final class JournalEntry {
  /** journald itself keeps fewer of one entry. */
  private static final int MOST_FIELDS = 1024;

  private static final String CURSOR = "__CURSOR=";
  private static final String TIME = "__REALTIME_TIMESTAMP";
  private static final String MARGIN = "    ";

  private final boolean isVerbose;
  private final Map<String, String> fields = new LinkedHashMap<>();
  private boolean isText = true;

  private JournalEntry(boolean isVerbose) {
    this.isVerbose = isVerbose;
  }

  /** The entry that begins with the line, if one does. */
  static Optional<JournalEntry> begin(String line, ExcerptReader reader, Instant reference) {
    if (line.startsWith(CURSOR)) {
      return Optional.of(new JournalEntry(false));
    }
    int cursor = line.indexOf(" [s=");
    boolean isHeading = cursor > 0 && line.indexOf(";i=", cursor) > 0 && line.endsWith("]");
    return isHeading
        ? reader
            .time(withoutZone(line.substring(0, cursor)), Optional.of(reference))
            .flatMap(stamp -> stamp.time())
            .map(JournalEntry::verbose)
        : Optional.empty();
  }

  private static JournalEntry verbose(Instant time) {
    JournalEntry entry = new JournalEntry(true);
    entry.fields.put(TIME, Long.toString(ChronoUnit.MICROS.between(Instant.EPOCH, time)));
    return entry;
  }

  /** Of names of zones only this one means the same everywhere; else the log's zone is ours. */
  private static String withoutZone(String time) {
    int blank = time.lastIndexOf(' ');
    boolean isName = blank > 0 && Character.isLetter(time.charAt(blank + 1));
    return !isName
        ? time
        : time.substring(0, blank) + (time.startsWith("UTC", blank + 1) ? "Z" : "");
  }

  /** Takes the line in, if it belongs to the entry. */
  boolean takes(String line) {
    boolean isOver =
        line.isBlank()
            || fields.size() >= MOST_FIELDS
            || (isVerbose ? !line.startsWith(MARGIN) : line.startsWith(CURSOR));
    if (isOver) {
      return false;
    }
    String field = isVerbose ? line.substring(MARGIN.length()) : line;
    int end = field.indexOf('=');
    if (end > 0 && isName(field.substring(0, end))) {
      fields.putIfAbsent(field.substring(0, end), field.substring(end + 1));
    } else {
      // A field of bytes may hold lines that look like fields; a text of several lines has none.
      isText &= isVerbose && field.startsWith(" ");
    }
    return true;
  }

  private static boolean isName(String text) {
    return text.chars()
        .allMatch(
            here -> (here >= 'A' && here <= 'Z') || here == '_' || (here >= '0' && here <= '9'));
  }

  /** The entry as {@code -o json} has it; one whose fields are not all text tells nothing. */
  String json() {
    return isText ? CollectedJson.object(fields) : "{}";
  }
}
