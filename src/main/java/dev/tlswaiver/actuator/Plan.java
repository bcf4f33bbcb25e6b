package dev.tlswaiver.actuator;

/** The difference between desired and actual host, printable and complete. */
public interface Plan {
  boolean isEmpty();

  /** Unified diffs of every file, the nft transaction, and the commands, in the order of apply. */
  String render();
}
