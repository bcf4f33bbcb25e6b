package dev.tlswaiver.guard;

/** What is remembered of peers for longer than their lines are. */
public enum Memory {
  /** They met the strict terms. */
  STRONG("strong"),
  /** They gave us mail. */
  MAIL("mail");

  private final String label;

  Memory(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }
}
