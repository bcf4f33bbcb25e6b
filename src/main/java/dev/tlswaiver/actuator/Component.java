package dev.tlswaiver.actuator;

/** A part of the host that a plan may find different from what it should be. */
public enum Component {
  MASTER_CF("master-cf"),
  ACCESS_MAP("access-map"),
  /** A relaxed listener that master.cf has and nobody serves. */
  LISTENER("listener"),
  REDIRECT("redirect");

  private final String label;

  Component(String label) {
    this.label = label;
  }

  /** As metrics spell it. */
  public String label() {
    return label;
  }
}
