package dev.tlswaiver.report;

import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.rule.Windows;
import dev.tlswaiver.waiver.Life;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.Success;
import dev.tlswaiver.waiver.Term;
import dev.tlswaiver.waiver.Waiver;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What happens next to a pool, in one sentence. */
public final class Outlook {
  private Outlook() {}

  /** For a pool that has, or had, a waiver. */
  public static String of(Waiver waiver, Life life, List<Objection> now, Situation situation) {
    String until = waiver.term().map(Term::until).map(Instant::toString).orElse("its end");
    return switch (waiver.state()) {
      case PROPOSED -> proposed(waiver, situation);
      case DIAGNOSING ->
          "Its next handshake, on the strict listener that logs what it offers, decides the rung;"
              + " if none comes by "
              + until
              + ", it is refused.";
      case ACTIVE ->
          "Its next mail on the relaxed listener proves it; if none comes by "
              + life.proofDeadline(waiver).map(Instant::toString).orElse(until)
              + ", it is taken back.";
      case PROVEN ->
          "It ends at "
              + until
              + (Success.isMarked(waiver)
                  ? "; a host of it meets the strict terms now, and it stays since you granted it"
                      + " knowingly: tlswaiver revoke "
                      + waiver.id()
                      + " ends it."
                  : "; if it fails again after that as often as at first, it is judged anew, and"
                      + " granted for "
                      + WaiverText.length(life.nextLength(waiver))
                      + ".");
      case REFUSED -> refused(waiver, now);
      case FAILED -> again("The next finding proposes it again", now);
      case INEFFECTIVE ->
          life.mayProposeAfter(waiver)
              ? again("The next finding proposes it again, on the next rung where one is left", now)
              : "Nothing: no rung is left that might help it.";
      case EXPIRED ->
          again(
              "If it fails as often as at first, it is judged anew, and granted for "
                  + WaiverText.length(life.nextLength(waiver)),
              now);
      case REVOKED ->
          "Nothing by itself: the operator took it back. tlswaiver grant "
              + waiver.pool()
              + " --rung "
              + waiver.rung().label()
              + " gives it again.";
    };
  }

  private static String proposed(Waiver waiver, Situation situation) {
    return switch (situation.mode()) {
      case "observe" ->
          "Nothing: nothing is changed in mode observe. Set mode: propose or enforce to help it.";
      case "propose" -> "It waits for: tlswaiver approve " + waiver.id();
      default ->
          situation.isRunning()
              ? "It is put in force in a moment."
              : "It is put in force when the agent runs.";
    };
  }

  private static String refused(Waiver waiver, List<Objection> now) {
    return waiver.objections().isEmpty()
        ? "Nothing by itself: the operator said no."
        : now.isEmpty()
            ? "Nobody objects any more: the next finding proposes it again."
            : again("Each further failure is judged again", now);
  }

  private static String again(String what, List<Objection> now) {
    return now.isEmpty() ? what + "." : what + ", and " + guards(now) + " would object now.";
  }

  private static String guards(List<Objection> objections) {
    return String.join(
        ", ", objections.stream().map(said -> said.guard().label()).distinct().toList());
  }

  /** For a pool that never had one. */
  public static String of(
      List<Windows.Progress> progress, Optional<Handshake> latest, List<Objection> now) {
    Optional<Windows.Progress> nearest =
        progress.stream()
            .max(Comparator.comparing(row -> (double) row.failures() / Math.max(1, row.needed())));
    if (nearest.isEmpty()) {
      return latest
          .map(Handshake::outcome)
          .filter(Failed.class::isInstance)
          .map(Failed.class::cast)
          .map(failed -> "Nothing: no rule counts " + failed.reason().label() + ".")
          .orElse("Nothing: it does not fail.");
    }
    Windows.Progress row = nearest.get();
    int missing = Math.max(1, row.needed() - row.failures());
    return again(
        (missing == 1 ? "One failure more makes" : missing + " failures more make")
            + " a finding of rule "
            + row.rule()
            + (row.spread().compareTo(row.neededSpread()) < 0
                ? ", once the first and the last are "
                    + WaiverText.length(row.neededSpread())
                    + " apart"
                : ""),
        now);
  }
}
