package dev.tlswaiver.waiver;

/**
 * What the operator said yes to: a proposal that he approved, or a grant of his own. His word holds
 * for what follows it within the same limits, so that a renewal does not ask him again; until he
 * takes it back.
 */
public final class Approvals {
  /** Why a proposal stands where it stood, once it was approved. */
  static final String APPROVED = "approved by the operator";

  private final Ledger ledger;

  public Approvals(Ledger ledger) {
    this.ledger = ledger;
  }

  /**
   * Whether the operator said yes to this waiver, or to an earlier one of its pool that reached as
   * far: to each of its addresses, and as high a rung.
   */
  public boolean hold(Waiver waiver) {
    return ledger.all().stream()
        .filter(earlier -> earlier.pool().equals(waiver.pool()))
        .filter(Approvals::isApproved)
        .filter(earlier -> earlier.rung().compareTo(waiver.rung()) >= 0)
        .anyMatch(earlier -> waiver.addresses().stream().allMatch(earlier::covers));
  }

  private static boolean isApproved(Waiver waiver) {
    boolean isTakenBack =
        waiver.state() == State.REVOKED
            || (waiver.state() == State.REFUSED && waiver.objections().isEmpty());
    return !isTakenBack
        && (waiver.isOperators()
            || waiver.history().stream().anyMatch(step -> step.why().equals(APPROVED)));
  }
}
