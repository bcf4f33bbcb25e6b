package dev.tlswaiver.agent;

import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.Objector;
import java.util.List;

/** Guards object to what the operator wants. */
final class RefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<Objection> objections;

  /**
   * @param isHard whether one of them can't be overruled
   */
  RefusedException(Pool pool, List<Objection> objections, boolean isHard) {
    super(
        "no waiver for "
            + pool
            + ": "
            + (isHard
                ? "an objection of " + hard(objections) + " can't be overruled by --force"
                : "--force overrules the objections"));
    this.objections = List.copyOf(objections);
  }

  private static String hard(List<Objection> objections) {
    return String.join(
        ", ",
        objections.stream()
            .map(Objection::guard)
            .filter(guard -> !guard.yieldsToForce())
            .map(Objector::label)
            .distinct()
            .toList());
  }

  /** All objections, the soft ones too. */
  List<Objection> objections() {
    return objections;
  }
}
