package dev.tlswaiver.scan;

import dev.tlswaiver.maillog.SyslogParser;
import dev.tlswaiver.maillog.Tag;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Judges the heads of lines, host and tag, each once: a log has a few dozen. What two heads have in
 * common by chance only makes them be judged again and again.
 */
final class LineHeads {
  /** Whose line it is. */
  enum Author {
    /** smtpd(8), with its process id. */
    SMTPD,
    /** Another program of Postfix, whose lines are of no interest but for one kind. */
    POSTFIX,
    /** Another program, which may pass on what Postfix wrote. */
    FOREIGN,
    /** Somebody whose lines must be read in full. */
    DOUBTFUL
  }

  private static final int PLACES = 256;

  private final long[] known = new long[PLACES];
  private final Author[] authors = new Author[PLACES];

  /** The author by what stands from the host to the first bracket, or colon and blank. */
  Author author(byte[] bytes, int from, int end) {
    long number = LineBytes.number(bytes, from, end + 1);
    int place = (int) number & (PLACES - 1);
    if (known[place] != number) {
      known[place] = number;
      authors[place] = judge(bytes, from, end);
    }
    return authors[place];
  }

  private static Author judge(byte[] bytes, int from, int end) {
    int host = LineBytes.find(bytes, ' ', from);
    if (host < 0 || host >= end || !isHost(bytes, from, host)) {
      return Author.DOUBTFUL;
    }
    String tag = new String(bytes, host + 1, end - host - 1, StandardCharsets.ISO_8859_1);
    boolean hasProcess = bytes[end] == '[';
    if (hasProcess && tag.endsWith("/smtpd") && tag.indexOf(' ') < 0) {
      return Author.SMTPD;
    }
    boolean isDoubtful =
        (hasProcess ? tag.endsWith("/tlsproxy") : tag.indexOf('/') >= 0)
            || tag.indexOf(' ') >= 0
            || tag.isEmpty()
            || tag.startsWith("/")
            || tag.endsWith("/")
            || tag.startsWith("systemd-journald")
            || tag.startsWith("rsyslogd")
            || SyslogParser.isSeverity(tag);
    boolean isPostfix =
        hasProcess && tag.indexOf(' ') < 0 && Tag.named(tag, Optional.empty()).isPostfix();
    return isPostfix && !tag.endsWith("/tlsproxy")
        ? Author.POSTFIX
        : isDoubtful ? Author.DOUBTFUL : Author.FOREIGN;
  }

  /** Whether the word can be a host, and not a tag that stands where a host is missing. */
  private static boolean isHost(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      byte here = bytes[i];
      if (here == '[' || here == '/' || here == '<' || here == '(') {
        return false;
      }
    }
    return to > from && bytes[to - 1] != ':';
  }
}
