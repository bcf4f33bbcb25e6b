package dev.tlswaiver.actuator;

import java.util.Set;

/** The difference between desired and actual host, printable and complete. */
public interface Plan {
  boolean isEmpty();

  /**
   * Whether another plan follows it: peers that change their listener leave the old one standing
   * until they have left.
   */
  boolean isStep();

  /** What differs. */
  Set<Component> components();

  /** Unified diffs of every file, the nft transaction, and the commands, in the order of apply. */
  String render();
}
