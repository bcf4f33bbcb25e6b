package dev.tlswaiver.report;

import dev.tlswaiver.guard.Alarms;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.rule.Windows;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What would have been waived over a past log, and what not and why not.
 *
 * @param progress the pools that failed, but not enough for a finding
 * @param timeline what would have happened, in the order of the times
 * @param omitted how many moments are not in the timeline, because there were too many
 * @param losses what each waiver's pool lost, by the waiver's id
 * @param plaintextAfterFailure the pools that gave mail in plaintext after a failure
 */
public record Replay(
    int handshakes,
    int failed,
    List<Waiver> waivers,
    List<Alarms.Alarm> alarms,
    List<Windows.Progress> progress,
    List<Moment> timeline,
    int omitted,
    Map<Long, Loss> losses,
    List<Report.PlaintextAfterFailure> plaintextAfterFailure) {

  /** As many as a person reads. */
  private static final int MOST_ROWS = 50;

  /** What a moment is about. */
  public enum Kind {
    FIRST_FAILURE("first-failure"),
    PROPOSED("proposed"),
    REFUSED("refused"),
    GREW("grew"),
    ALARM("alarm");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    public String label() {
      return label;
    }
  }

  /**
   * One thing that would have happened.
   *
   * @param pool empty where it is about ourselves alone
   * @param waiver its id, where one is meant
   */
  public record Moment(
      Instant at, Kind kind, Optional<Pool> pool, Optional<Long> waiver, String text) {}

  /**
   * What a pool lost by failing.
   *
   * @param before handshakes that failed up to the proposal
   * @param after those that failed later, when the waiver would have been there
   * @param plaintextBefore messages given in plaintext after a failure, up to the proposal
   * @param plaintextAfter the same, later
   */
  public record Loss(int before, int after, int plaintextBefore, int plaintextAfter) {
    String words(boolean isRefused) {
      return handshakes(before + after)
          + " lost"
          + (after == 0
              ? ""
              : ", " + after + " of them after the " + (isRefused ? "refusal" : "proposal"))
          + (plaintextBefore + plaintextAfter == 0
              ? ""
              : "; "
                  + messages(plaintextBefore + plaintextAfter)
                  + " came in plaintext instead"
                  + (plaintextAfter == 0 ? "" : ", " + plaintextAfter + " of them after it"));
    }

    private static String handshakes(int count) {
      return count == 1 ? "1 handshake" : count + " handshakes";
    }

    private static String messages(int count) {
      return count == 1 ? "1 message" : count + " messages";
    }
  }

  public Replay {
    waivers = List.copyOf(waivers);
    alarms = List.copyOf(alarms);
    progress = List.copyOf(progress);
    timeline = timeline.stream().sorted(Comparator.comparing(Moment::at)).toList();
    losses = Map.copyOf(losses);
    plaintextAfterFailure = List.copyOf(plaintextAfterFailure);
  }

  /** The whole for a person to read. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(handshakes).append(" handshakes, ").append(failed).append(" failed\n\n");
    if (waivers.isEmpty()) {
      text.append("No waiver would have been proposed.\n");
    }
    if (!timeline.isEmpty()) {
      text.append(waivers.isEmpty() ? "\n" : "").append("Timeline:\n").append(timelineText());
    }
    if (!waivers.isEmpty()) {
      text.append("\nWaivers:\n").append(waiversText());
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
    return text.toString();
  }

  private String timelineText() {
    StringBuilder text = new StringBuilder();
    for (Moment moment : timeline) {
      text.append("  ").append(moment.at()).append("  ").append(moment.text()).append('\n');
    }
    if (omitted > 0) {
      text.append("  and ").append(omitted).append(" more\n");
    }
    return text.toString();
  }

  private String waiversText() {
    List<List<String>> rows = new ArrayList<>();
    for (Waiver waiver : waivers) {
      Optional<Loss> loss = Optional.ofNullable(losses.get(waiver.id()));
      rows.add(
          List.of(
              "  " + waiver.id(),
              waiver.state().name(),
              waiver.rung().label(),
              waiver.pool().id(),
              WaiverText.networks(waiver),
              loss.map(lost -> lost.words(waiver.state() == State.REFUSED)).orElse("-")));
    }
    return Columns.align(rows);
  }

  private static String progressText(List<Windows.Progress> rows) {
    List<List<String>> table = new ArrayList<>();
    for (Windows.Progress row : rows) {
      table.add(
          List.of(
              "  " + row.pool(),
              "rule " + row.rule(),
              row.failures() + " of " + row.needed() + " failures",
              "over " + WaiverText.spread(row)));
    }
    return Columns.align(table);
  }
}
