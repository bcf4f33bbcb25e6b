package dev.tlswaiver.status;

import dev.tlswaiver.report.Situation;
import dev.tlswaiver.waiver.Waiver;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What the agent knew at one moment, as a value: whoever shows it looks at nothing that the
 * thinking thread changes.
 *
 * @param at when it was made
 * @param waivers those that are not over, the oldest first
 * @param ended those that are, the latest first; no more than {@value #MOST_ENDED}
 * @param limit how many waivers there may be
 */
public record Snapshot(
    Instant at,
    Situation situation,
    List<Waiver> waivers,
    List<Waiver> ended,
    int limit,
    Trend.Counts trend,
    Health health) {
  static final int MOST_ENDED = 50;

  /**
   * How the agent itself is.
   *
   * @param lastLine when a line of the log was read last in this run
   * @param gaps places where lines may be missing, in this run
   * @param compared when the host was last compared with the ledger and found, or put, in order
   * @param trouble why the latest comparison failed, or what it left undone
   */
  public record Health(
      Optional<Instant> lastLine,
      long gaps,
      Optional<Instant> compared,
      Optional<String> trouble,
      boolean isLedgerWritable) {}

  public Snapshot {
    waivers = List.copyOf(waivers);
    ended = List.copyOf(ended);
  }

  /** Of a whole ledger what is worth showing. */
  public static Snapshot of(
      Instant at,
      Situation situation,
      List<Waiver> ledger,
      int limit,
      Trend.Counts trend,
      Health health) {
    return new Snapshot(
        at,
        situation,
        ledger.stream().filter(waiver -> !waiver.state().isTerminal()).toList(),
        ledger.stream()
            .filter(waiver -> waiver.state().isTerminal())
            .sorted(Comparator.comparing(Waiver::since).reversed())
            .limit(MOST_ENDED)
            .toList(),
        limit,
        trend,
        health);
  }
}
