package dev.tlswaiver.report;

import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.rule.Windows;
import dev.tlswaiver.waiver.Proof;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Waivers in words. */
public final class WaiverText {
  private WaiverText() {}

  /** The log line of a transition: complete in itself, the same shape for each. */
  public static String transition(Optional<State> before, Waiver waiver) {
    StringBuilder text = new StringBuilder();
    text.append("waiver ").append(waiver.id()).append(' ');
    before.ifPresent(state -> text.append(state).append(" -> "));
    text.append(waiver.state());
    text.append(" pool=").append(waiver.pool());
    text.append(" networks=").append(networks(waiver));
    text.append(" rung=").append(waiver.rung().label());
    waiver.term().ifPresent(term -> text.append(" until=").append(term.until()));
    text.append(" reason=").append(waiver.evidence().reason().label());
    text.append(" finding=").append(finding(waiver));
    waiver.proof().ifPresent(proof -> text.append(" proof=").append(proof(proof)));
    if (waiver.state() == State.REFUSED && !waiver.objections().isEmpty()) {
      text.append(" guard=").append(waiver.objections().get(0).guard().label());
    }
    if (before.isPresent() || waiver.state() == State.REFUSED) {
      text.append(" why=\"")
          .append(waiver.history().get(waiver.history().size() - 1).why())
          .append('"');
    }
    return text.toString();
  }

  /** What is proposed and on which evidence, for a person. */
  public static String proposal(Waiver waiver) {
    return "proposal " + waiver.id() + ": " + wanted(waiver);
  }

  /** A rung for whom, and on which evidence. */
  static String wanted(Waiver waiver) {
    return "rung "
        + waiver.rung().label()
        + " for "
        + waiver.pool()
        + " ("
        + networks(waiver)
        + "): "
        + waiver.evidence().failures()
        + " failures, "
        + waiver.evidence().reason().label()
        + ", from "
        + time(waiver.evidence().first())
        + " to "
        + time(waiver.evidence().last());
  }

  /** A moment for a person, to the second. */
  static String time(Instant moment) {
    return moment.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** A table of waivers with aligned columns; a sentence where there are none. */
  public static String table(Collection<Waiver> waivers) {
    if (waivers.isEmpty()) {
      return "No waivers.\n";
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("ID", "STATE", "RUNG", "POOL", "NETWORKS", "REASON", "EXPIRES", "PROOF"));
    for (Waiver waiver : waivers) {
      rows.add(
          List.of(
              Long.toString(waiver.id()),
              waiver.state().name(),
              waiver.rung().label(),
              waiver.pool().id(),
              networks(waiver),
              waiver.evidence().reason().label(),
              waiver.term().map(term -> term.until().toString()).orElse("-"),
              waiver.proof().map(WaiverText::proof).orElse("-")));
    }
    return Columns.align(rows);
  }

  private static String proof(Proof proof) {
    return proof.protocol().orElse("plaintext")
        + proof.cipher().map(cipher -> "/" + cipher).orElse("")
        + "/"
        + proof.queueId();
  }

  public static String networks(Waiver waiver) {
    return waiver.networks().stream().map(IpPrefix::toString).collect(Collectors.joining(","));
  }

  private static String finding(Waiver waiver) {
    return waiver.evidence().rule()
        + "("
        + waiver.evidence().failures()
        + " in "
        + length(Duration.between(waiver.evidence().first(), waiver.evidence().last()))
        + ")";
  }

  /** How long a pool's failures are apart, and how long they must be. */
  static String spread(Windows.Progress row) {
    return length(row.spread())
        + (row.neededSpread().equals(Duration.ZERO)
            ? ""
            : " of at least " + length(row.neededSpread()));
  }

  /** A duration in its largest fitting unit: 45s, 12m, 6h, 3d. */
  public static String length(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds < 120) {
      return seconds + "s";
    }
    if (seconds < 7_200) {
      return seconds / 60 + "m";
    }
    return seconds < 172_800 ? seconds / 3_600 + "h" : seconds / 86_400 + "d";
  }
}
