package dev.tlswaiver.report;

import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.rule.Windows;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What would have been waived over a past log, and what not and why not.
 *
 * @param progress the pools that failed, but not enough for a finding
 */
public record Replay(
    int handshakes,
    int failed,
    List<Waiver> waivers,
    List<Alarm> alarms,
    List<Windows.Progress> progress) {

  /** As many as a person reads. */
  private static final int MOST_ROWS = 50;

  /** An objection that a person should look at. */
  public record Alarm(Instant at, Pool pool, Objection objection) {}

  public Replay {
    waivers = List.copyOf(waivers);
    alarms = List.copyOf(alarms);
    progress = List.copyOf(progress);
  }

  /** The whole for a person to read. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(handshakes).append(" handshakes, ").append(failed).append(" failed\n\n");
    if (waivers.isEmpty()) {
      text.append("No waiver would have been proposed.\n");
    } else {
      text.append(waiversText());
    }
    Set<Pool> proposed = waivers.stream().map(Waiver::pool).collect(Collectors.toSet());
    List<Windows.Progress> notEnough =
        progress.stream()
            .filter(row -> !proposed.contains(row.pool()))
            .sorted(Comparator.comparingInt(Windows.Progress::failures).reversed())
            .toList();
    if (!notEnough.isEmpty()) {
      text.append("\nSeen failing, but not enough for a finding:\n")
          .append(progressText(notEnough.subList(0, Math.min(MOST_ROWS, notEnough.size()))));
      if (notEnough.size() > MOST_ROWS) {
        text.append("  and ").append(notEnough.size() - MOST_ROWS).append(" more\n");
      }
    }
    if (!alarms.isEmpty()) {
      text.append("\nAlarms:\n");
      alarms.forEach(
          alarm ->
              text.append("  ")
                  .append(alarm.at())
                  .append("  ")
                  .append(alarm.objection().guard())
                  .append(": ")
                  .append(alarm.objection().text())
                  .append('\n'));
    }
    return text.toString();
  }

  private String waiversText() {
    StringBuilder text = new StringBuilder();
    for (Waiver waiver : waivers) {
      text.append(waiver.at()).append("  ").append(WaiverText.proposal(waiver)).append('\n');
      if (waiver.state() == State.REFUSED) {
        waiver
            .objections()
            .forEach(
                objection ->
                    text.append("    refused by ")
                        .append(objection.guard())
                        .append(": ")
                        .append(objection.text())
                        .append('\n'));
      }
    }
    return text.toString();
  }

  private static String progressText(List<Windows.Progress> rows) {
    List<List<String>> table = new ArrayList<>();
    for (Windows.Progress row : rows) {
      table.add(
          List.of(
              "  " + row.pool(),
              "rule " + row.rule(),
              row.failures() + " of " + row.needed() + " failures",
              "over "
                  + WaiverText.length(row.spread())
                  + (row.neededSpread().equals(Duration.ZERO)
                      ? ""
                      : " of at least " + WaiverText.length(row.neededSpread()))));
    }
    return Columns.align(table);
  }
}
