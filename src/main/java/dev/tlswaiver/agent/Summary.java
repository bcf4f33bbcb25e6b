package dev.tlswaiver.agent;

import dev.tlswaiver.notify.Notice;
import dev.tlswaiver.notify.Topic;
import dev.tlswaiver.report.Listing;
import dev.tlswaiver.report.Situation;
import dev.tlswaiver.report.WaiverText;
import dev.tlswaiver.store.Totals;
import dev.tlswaiver.waiver.Transition;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What the day brought, for a person. It comes on quiet days too: that is how they are known. */
final class Summary {
  private static final Duration DAY = Duration.ofDays(1);
  private static final int MOST_STEPS = 200;

  private Summary() {}

  static Notice of(Collection<Waiver> waivers, Totals totals, Situation situation, Instant now) {
    List<Waiver> open = Listing.shown(waivers, false);
    List<String> steps = steps(waivers, now.minus(DAY));
    StringBuilder text = new StringBuilder();
    text.append("Handshakes seen so far: ").append(totals.handshakes());
    text.append(", failed: ").append(totals.failed()).append(". Mode ");
    text.append(situation.mode()).append(".\n\n");
    situation.notes().forEach(note -> text.append(note).append('\n'));
    text.append(steps.isEmpty() ? "Nothing happened to a waiver in the last day.\n" : "");
    steps.stream().limit(MOST_STEPS).forEach(step -> text.append(step).append('\n'));
    if (steps.size() > MOST_STEPS) {
      text.append("and ").append(steps.size() - MOST_STEPS).append(" more\n");
    }
    text.append('\n').append(WaiverText.table(open));
    return Notice.plain(
        "summary-" + now.truncatedTo(ChronoUnit.MINUTES),
        Topic.SUMMARY,
        now,
        "summary: " + open.size() + " open waivers, " + steps.size() + " changes in a day",
        text.toString());
  }

  private static List<String> steps(Collection<Waiver> waivers, Instant since) {
    List<String> steps = new ArrayList<>();
    for (Waiver waiver : waivers) {
      for (Transition step : waiver.history()) {
        if (!step.at().isBefore(since)) {
          steps.add(
              step.at()
                  + " waiver "
                  + waiver.id()
                  + " "
                  + step.to()
                  + " "
                  + waiver.pool()
                  + ": "
                  + step.why());
        }
      }
    }
    steps.sort(null);
    return steps;
  }
}
