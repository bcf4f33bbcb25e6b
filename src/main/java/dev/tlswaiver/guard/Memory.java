package dev.tlswaiver.guard;

/** What is remembered of peers for longer than their lines are. */
public enum Memory {
  /** They met the strict terms: senders, their networks and addresses of a large host's month. */
  STRONG("strong", 400_000),
  /** They gave us mail: senders alone. */
  MAIL("mail", 100_000);

  private final String label;
  private final int most;

  Memory(String label, int most) {
    this.label = label;
    this.most = most;
  }

  /** How many are remembered. */
  public int most() {
    return most;
  }

  public String label() {
    return label;
  }
}
