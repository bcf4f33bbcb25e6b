package dev.tlswaiver.status;

import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.report.Situation;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.Proof;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Term;
import dev.tlswaiver.waiver.Waiver;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What the agent knew at one moment, as a value: whoever shows it looks at nothing that the
 * thinking thread changes.
 *
 * <p>It has no name, no address and no sentence, since anybody on the host may be shown it: only
 * numbers, times and words of closed sets.
 *
 * @param at when it was made
 * @param mode the mode in force
 * @param pausedUntil when a pause ends
 * @param isSafe whether a damaged ledger keeps the agent from acting
 * @param standing the waivers that are not over, the oldest first
 * @param ended those that are, the latest first; no more than {@value #MOST_ENDED}
 * @param limit how many waivers there may be
 */
public record Snapshot(
    Instant at,
    String mode,
    Optional<Instant> pausedUntil,
    boolean isSafe,
    List<Entry> standing,
    List<Entry> ended,
    int limit,
    Trend.Counts trend,
    Health health) {
  static final int MOST_ENDED = 50;

  /**
   * A waiver, and not whose.
   *
   * @param rung what it stands on now, or stood on at last
   * @param reason why the latest handshake failed
   * @param isOperators whether it was granted by hand
   * @param networks how many are redirected
   * @param until when it ends by itself
   * @param since when it came to its state
   * @param guards those that refused it; of other releases' none
   */
  record Entry(
      long id,
      State state,
      Rung rung,
      Reason reason,
      int failures,
      boolean isOperators,
      int networks,
      Optional<Instant> until,
      Optional<Proven> proven,
      Instant since,
      List<GuardName> guards) {

    static Entry of(Waiver waiver) {
      return new Entry(
          waiver.id(),
          waiver.state(),
          waiver.standsOn().orElse(waiver.rung()),
          waiver.evidence().reason(),
          waiver.evidence().failures(),
          waiver.isOperators(),
          waiver.networks().size(),
          waiver.term().map(Term::until),
          waiver.proof().map(Proven::of),
          waiver.since(),
          waiver.objections().stream()
              .map(Objection::guard)
              .filter(GuardName.class::isInstance)
              .map(GuardName.class::cast)
              .toList());
    }
  }

  /**
   * That mail came through.
   *
   * @param suite empty for plaintext
   */
  record Proven(Optional<Trend.Suite> suite, Instant at) {
    private static Proven of(Proof proof) {
      return new Proven(
          proof
              .protocol()
              .map(protocol -> new Trend.Suite(true, protocol, proof.cipher().orElse(""))),
          proof.at());
    }
  }

  /**
   * How the agent itself is.
   *
   * @param lastLine when a line of the log was read last in this run
   * @param gaps places where lines may be missing, in this run
   * @param compared when the host was last compared with the ledger and found, or put, in order
   * @param outOfOrder when the latest comparison failed, or left something undone
   */
  public record Health(
      Optional<Instant> lastLine,
      long gaps,
      Optional<Instant> compared,
      Optional<Instant> outOfOrder,
      boolean isLedgerWritable) {}

  public Snapshot {
    standing = List.copyOf(standing);
    ended = List.copyOf(ended);
  }

  /** Of a whole ledger what is worth showing, and may be shown. */
  public static Snapshot of(
      Instant at,
      Situation situation,
      List<Waiver> ledger,
      int limit,
      Trend.Counts trend,
      Health health) {
    return new Snapshot(
        at,
        situation.mode(),
        situation.pause().map(pause -> pause.until()),
        situation.safe().isPresent(),
        ledger.stream().filter(waiver -> !waiver.state().isTerminal()).map(Entry::of).toList(),
        ledger.stream()
            .filter(waiver -> waiver.state().isTerminal())
            .sorted(Comparator.comparing(Waiver::since).reversed())
            .limit(MOST_ENDED)
            .map(Entry::of)
            .toList(),
        limit,
        trend,
        health);
  }
}
