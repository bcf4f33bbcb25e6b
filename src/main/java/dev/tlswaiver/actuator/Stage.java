package dev.tlswaiver.actuator;

import java.util.Locale;

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

  /** The label used in metrics and log lines. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
