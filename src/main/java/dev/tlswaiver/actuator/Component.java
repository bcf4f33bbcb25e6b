package dev.tlswaiver.actuator;

import java.util.Arrays;
import java.util.Optional;

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

  /** The one that metrics spell so; empty where there is none. */
  public static Optional<Component> find(String label) {
    return Arrays.stream(values()).filter(one -> one.label.equals(label)).findFirst();
  }

  /** As metrics spell it. */
  public String label() {
    return label;
  }
}
