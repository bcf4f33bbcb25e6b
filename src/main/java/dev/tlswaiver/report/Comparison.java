package dev.tlswaiver.report;

import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What two configurations make of the same logs.
 *
 * @param first the one in force, by name
 * @param second the one that is asked about
 */
public record Comparison(Named first, Named second) {

  /** A replay, and the configuration that it is of. */
  public record Named(String name, Replay replay) {}

  /** What differs. */
  public enum Kind {
    /** Only the first has a waiver for the pool, proposed or refused. */
    ONLY_FIRST("only-first"),
    /** Only the second has one. */
    ONLY_SECOND("only-second"),
    /** One refuses it, or others object. */
    REFUSED("refused"),
    RUNG("rung"),
    TIME("time"),
    NETWORKS("networks");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    public String label() {
      return label;
    }
  }

  /** One difference. */
  public record Difference(Pool pool, Kind kind, String text) {}

  /** All differences, by pool. */
  public List<Difference> differences() {
    Map<Pool, Waiver> before = latest(first.replay());
    Map<Pool, Waiver> after = latest(second.replay());
    TreeSet<Pool> pools = new TreeSet<>(before.keySet());
    pools.addAll(after.keySet());
    List<Difference> differences = new ArrayList<>();
    for (Pool pool : pools) {
      Optional<Waiver> one = Optional.ofNullable(before.get(pool));
      Optional<Waiver> other = Optional.ofNullable(after.get(pool));
      if (one.isPresent() && other.isPresent()) {
        differences.addAll(differences(one.get(), other.get()));
      } else {
        one.ifPresent(
            waiver ->
                differences.add(
                    new Difference(
                        pool, Kind.ONLY_FIRST, "only " + first.name() + ": " + words(waiver))));
        other.ifPresent(
            waiver ->
                differences.add(
                    new Difference(
                        pool, Kind.ONLY_SECOND, "only " + second.name() + ": " + words(waiver))));
      }
    }
    return differences;
  }

  private static Map<Pool, Waiver> latest(Replay replay) {
    Map<Pool, Waiver> latest = new TreeMap<>();
    replay.waivers().forEach(waiver -> latest.put(waiver.pool(), waiver));
    return latest;
  }

  private List<Difference> differences(Waiver one, Waiver other) {
    List<Difference> differences = new ArrayList<>();
    if (one.state() != other.state() || !guards(one).equals(guards(other))) {
      differences.add(difference(Kind.REFUSED, one, words(one), words(other)));
      return differences;
    }
    if (one.rung() != other.rung()) {
      differences.add(
          difference(
              Kind.RUNG,
              one,
              "the rung " + one.rung().label(),
              "the rung " + other.rung().label()));
    }
    if (!one.at().equals(other.at())) {
      differences.add(difference(Kind.TIME, one, "at " + one.at(), "at " + other.at()));
    }
    if (!one.networks().equals(other.networks())) {
      differences.add(
          difference(Kind.NETWORKS, one, WaiverText.networks(one), WaiverText.networks(other)));
    }
    return differences;
  }

  private Difference difference(Kind kind, Waiver waiver, String before, String after) {
    return new Difference(
        waiver.pool(), kind, first.name() + ": " + before + "; " + second.name() + ": " + after);
  }

  private static List<String> guards(Waiver waiver) {
    return waiver.objections().stream().map(said -> said.guard().label()).toList();
  }

  private static String words(Waiver waiver) {
    return waiver.state() == State.REFUSED
        ? "refused by "
            + String.join(", ", guards(waiver))
            + " at "
            + waiver.at()
            + (waiver.objections().isEmpty() ? "" : ": " + waiver.objections().get(0).text())
        : "rung "
            + waiver.rung().label()
            + " for "
            + WaiverText.networks(waiver)
            + " at "
            + waiver.at();
  }

  /** The differences for a person to read. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(Columns.align(List.of(sum(first), sum(second))));
    text.append('\n');
    List<Difference> differences = differences();
    if (differences.isEmpty()) {
      text.append("No difference.\n");
    }
    differences.forEach(
        difference ->
            text.append(difference.pool()).append(": ").append(difference.text()).append('\n'));
    return text.toString();
  }

  private static List<String> sum(Named named) {
    long refused =
        named.replay().waivers().stream().filter(waiver -> waiver.state() == State.REFUSED).count();
    return List.of(
        named.name() + ":",
        named.replay().waivers().size() - refused + " proposed",
        refused + " refused",
        named.replay().alarms().size() + " alarms");
  }
}
