package dev.tlswaiver.rule;

import dev.tlswaiver.actuator.Redirect;

/** What the floor plan forbids, so that its test can show that it bites: a rule that could act. */
public final class Planted {
  private Planted() {}

  /** Uses a room that rules must not reach. */
  public static String redirect() {
    return Redirect.NFTABLES.name();
  }
}
