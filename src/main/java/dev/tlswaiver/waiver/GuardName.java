package dev.tlswaiver.waiver;

import java.util.Arrays;
import java.util.Optional;

/**
 * The guards by their names, in the order in which their objections are shown. It stands here,
 * below the guards, because a waiver keeps who objected to it. The labels are a contract.
 */
public enum GuardName implements Objector {
  NEVER("never"),
  ONLY("only"),
  PRIVATE_ADDRESS("private-address"),
  STRONG_TLS_MEMORY("strong-tls-memory"),
  IS_IT_US("is-it-us"),
  PROBE("probe"),
  BOUNDS("bounds"),
  FEASIBLE("feasible"),
  REACHABLE("reachable"),
  BANNED("banned"),
  POSTSCREEN("postscreen"),
  LOGS_IN("logs-in"),
  PAUSED("paused"),
  EVIDENCE_GAP("evidence-gap"),
  MEMORY_INCOMPLETE("memory-incomplete"),
  FORGEABLE_LOG("forgeable-log"),
  /** No guard of its own: ends what is on the host when the clock was set back. */
  CLOCK("clock"),
  /**
   * No guard of its own: what the privileged process refuses, which asks the configuration itself.
   */
  LIMITS("limits");

  private final String label;

  GuardName(String label) {
    this.label = label;
  }

  public static Optional<GuardName> find(String label) {
    return Arrays.stream(values()).filter(name -> name.label.equals(label)).findFirst();
  }

  @Override
  public String label() {
    return label;
  }

  /**
   * Those yield that go by evidence or by circumstances, and the clock, which speaks against what
   * was granted before and against nothing new. Those do not that are the operator's own lists and
   * limits, which he can change in the configuration; a private address is a machine that he can
   * mend; and a rung that does not work here does not work by force.
   */
  @Override
  public boolean yieldsToForce() {
    return switch (this) {
      case ONLY,
          STRONG_TLS_MEMORY,
          IS_IT_US,
          PROBE,
          REACHABLE,
          BANNED,
          POSTSCREEN,
          LOGS_IN,
          PAUSED,
          EVIDENCE_GAP,
          MEMORY_INCOMPLETE,
          FORGEABLE_LOG,
          CLOCK ->
          true;
      case NEVER, PRIVATE_ADDRESS, BOUNDS, FEASIBLE, LIMITS -> false;
    };
  }

  /** Whether it is asked about a proposal; the others speak up by themselves. */
  public boolean isAsked() {
    return this != CLOCK && this != LIMITS;
  }

  /** Whether what it objects to waits for the operator's word, instead of being refused. */
  public boolean isLeftToOperator() {
    return this == FORGEABLE_LOG;
  }
}
