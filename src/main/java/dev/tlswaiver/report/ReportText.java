package dev.tlswaiver.report;

import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Pool;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A report for a person to read, with aligned columns. */
public final class ReportText {
  private ReportText() {}

  /**
   * The text.
   *
   * @param most how many rows of failures there may be
   */
  public static String render(Report report, int most) {
    StringBuilder text = new StringBuilder();
    text.append(report.lines()).append(" lines");
    report
        .from()
        .ifPresent(
            from -> text.append(", from ").append(from).append(" to ").append(or(report.to())));
    if (report.unrecognized() > 0) {
      text.append(", ").append(report.unrecognized()).append(" not recognized");
    }
    if (report.gaps() > 0) {
      text.append(", lines are missing in ").append(report.gaps()).append(" places");
    }
    if (report.postfixLines() == 0) {
      return text.append("\n\nNot one line is of Postfix: there is nothing to report.\n")
          .toString();
    }
    text.append("\n\nFailed handshakes\n");
    text.append(report.failures().isEmpty() ? "  none\n" : failures(report.top(most)));
    int more = report.failures().size() - most;
    if (more > 0) {
      text.append("  and ").append(more).append(" rows with fewer failures; --top 0 shows all\n");
    }
    text.append("\nEstablished\n");
    text.append(report.established().isEmpty() ? "  none\n" : established(report));
    if (!report.ownFaults().isEmpty()) {
      text.append("\nOur own faults\n");
      report
          .ownFaults()
          .forEach(
              fault ->
                  text.append("  ")
                      .append(fault.count())
                      .append("  ")
                      .append(Unseen.mask(fault.text()))
                      .append('\n'));
    }
    if (!report.plaintextAfterFailure().isEmpty()) {
      text.append("\nIn plaintext after a failed handshake\n");
      report
          .plaintextAfterFailure()
          .forEach(
              row ->
                  text.append("  ")
                      .append(row.pool())
                      .append("  ")
                      .append(row.messages())
                      .append(" messages\n"));
    }
    return text.toString();
  }

  private static String failures(Report report) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "  COUNT", "POOL", "NAME", "ADDRESS", "SERVICE", "REASON", "OPENSSL", "FIRST", "LAST"));
    for (Report.Failure failure : report.failures()) {
      rows.add(
          List.of(
              "  " + failure.count(),
              failure.pool().map(Pool::id).orElse("-"),
              failure
                  .name()
                  .map(HostName::text)
                  .orElse(failure.address().isEmpty() ? "-" : "unknown"),
              failure.address().map(IpAddress::toString).orElse("-"),
              failure.service(),
              failure.reason().label() + (failure.late() ? " (late)" : ""),
              failure.openssl().orElse("-"),
              or(failure.first()),
              or(failure.last())));
    }
    return Columns.align(rows);
  }

  private static String established(Report report) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("  COUNT", "PEERS", "PROTOCOL", "CIPHER", "BITS", "SERVICE"));
    for (Report.Established row : report.established()) {
      rows.add(
          List.of(
              "  " + row.count(),
              Integer.toString(row.peers()),
              row.protocol(),
              row.cipher(),
              Integer.toString(row.bits()),
              row.service()));
    }
    return Columns.align(rows);
  }

  private static String or(Optional<?> value) {
    return value.map(Object::toString).orElse("-");
  }
}
