package dev.tlswaiver.actuator;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The part of an apply in which something went wrong. */
public enum Stage {
  LOCK,
  STAGE,
  POSTCONF,
  POSTMAP,
  SMTPD,
  NFT,
  PORT,
  WRITE,
  RELOAD,
  PROBE;

  /** The one with this label; empty where there is none. */
  public static Optional<Stage> find(String label) {
    return Arrays.stream(values()).filter(stage -> stage.label().equals(label)).findFirst();
  }

  /** The label used in metrics and log lines. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
