package dev.tlswaiver.waiver;

/** Who has something against a waiver. */
public sealed interface Objector permits GuardName, Objector.OfAnotherRelease {

  /** Its name in JSON, metrics, log lines and on disk. */
  String label();

  /** Whether the operator may grant against it, with {@code --force}. */
  boolean yieldsToForce();

  /** Whoever has this label. */
  static Objector ofLabel(String label) {
    return GuardName.find(label).<Objector>map(known -> known).orElse(new OfAnotherRelease(label));
  }

  /**
   * A guard that objected in the release before this one, or after it, and that this one does not
   * have. What it said stays in the ledger under its name.
   */
  record OfAnotherRelease(String label) implements Objector {
    @Override
    public boolean yieldsToForce() {
      return false;
    }
  }
}
