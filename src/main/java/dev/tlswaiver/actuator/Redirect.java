package dev.tlswaiver.actuator;

/** How waived peers get to the relaxed listener. */
public enum Redirect {
  NFTABLES,
  /** The operator steers them; nothing is redirected by us. */
  NONE
}
