package dev.tlswaiver.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The lines of a text. A crash may leave a block of NULs of any length, and something else than a
 * log has no line ends at all: of NULs that follow each other one is kept, and a line that is
 * longer than any logger's is cut.
 */
final class TextLines {
  /** A document of a collector may be one line; smtpd(8) writes none of more than 2 KiB. */
  private static final int MOST = 1 << 20;

  private final Reader reader;
  private final char[] buffer = new char[1 << 13];
  private final StringBuilder line = new StringBuilder();
  private int at;
  private int length;

  TextLines(InputStream stream) {
    this.reader =
        new InputStreamReader(
            stream,
            StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPLACE)
                .onUnmappableCharacter(CodingErrorAction.REPLACE));
  }

  /**
   * The next one, without its end; empty where there is none. A return within a line is a blank, as
   * where a log is followed: what a client said must not begin a line.
   */
  Optional<String> next() throws IOException {
    line.setLength(0);
    boolean isBehindReturn = false;
    while (at < length || fill()) {
      char here = buffer[at];
      if (here == '\n') {
        at++;
        return Optional.of(line.toString());
      }
      if (isBehindReturn) {
        line.append(' ');
      }
      isBehindReturn = here == '\r';
      if (isBehindReturn) {
        at++;
      } else if (line.length() >= MOST) {
        return Optional.of(line.toString());
      } else {
        append(here);
      }
    }
    return line.isEmpty() ? Optional.empty() : Optional.of(line.toString());
  }

  private boolean fill() throws IOException {
    at = 0;
    length = Math.max(0, reader.read(buffer));
    return length > 0;
  }

  /** Takes a character, or as many as stand before the line's end. */
  private void append(char here) {
    if (here == '\0') {
      at++;
      if (line.isEmpty() || line.charAt(line.length() - 1) != '\0') {
        line.append(here);
      }
      return;
    }
    int start = at;
    int most = Math.min(length, start + MOST - line.length());
    while (at < most && buffer[at] != '\n' && buffer[at] != '\r' && buffer[at] != '\0') {
      at++;
    }
    line.append(buffer, start, at - start);
  }
}
