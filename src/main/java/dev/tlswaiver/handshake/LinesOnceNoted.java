package dev.tlswaiver.handshake;

import dev.tlswaiver.maillog.SyslogMessage;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Sessions as they were noted before {@link SessionNote}: their lines, each with time, host, the
 * two parts of the tag, process id and text between tabs. An agent that is upgraded in the middle
 * of a session finds such notes once.
 */
final class LinesOnceNoted {
  private static final int FIELDS = 6;

  private LinesOnceNoted() {}

  /** The messages; what is no such line is left out. */
  static List<SyslogMessage> messages(String noted) {
    List<SyslogMessage> messages = new ArrayList<>();
    for (String line : noted.split("\n", -1)) {
      message(line.split("\t", FIELDS)).ifPresent(messages::add);
    }
    return messages;
  }

  private static Optional<SyslogMessage> message(String[] fields) {
    if (fields.length != FIELDS) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new SyslogMessage(
              Optional.of(fields[0]).filter(time -> !time.isEmpty()).map(Instant::parse),
              Optional.of(fields[1]).filter(host -> !host.isEmpty()),
              fields[2],
              fields[3],
              Optional.of(fields[4]).filter(pid -> !pid.isEmpty()).map(Integer::valueOf),
              fields[5]));
    } catch (DateTimeException | NumberFormatException damaged) {
      return Optional.empty();
    }
  }
}
