package dev.tlswaiver.report;

import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.maillog.SmtpdRecord;
import dev.tlswaiver.maillog.SyslogMessage;
import dev.tlswaiver.peer.Peer;
import java.util.List;
import java.util.Optional;

/** How each line of a log is read. */
public record Explanation(List<Line> lines) {

  /**
   * One line.
   *
   * @param peer whom the line is about: named by it, or by the lines it was joined with
   * @param reason why the handshake failed that the line belongs to
   * @param openssl the code of that failure
   * @param hello what the sender of that handshake offered, where the log has a dump of it
   * @param sentence all of it in one plain sentence
   */
  public record Line(
      String text,
      Optional<SyslogMessage> message,
      SmtpdRecord record,
      Optional<Peer> peer,
      Optional<Reason> reason,
      Optional<String> openssl,
      Optional<ClientHello> hello,
      String sentence) {}

  public Explanation {
    lines = List.copyOf(lines);
  }

  /** Each line with its sentence below. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (Line line : lines) {
      text.append(Unseen.mask(line.text()))
          .append("\n    ")
          .append(Unseen.mask(line.sentence()))
          .append('\n');
    }
    return text.toString();
  }
}
