package dev.tlswaiver.doctor;

import java.util.Locale;

/** How bad a finding is. */
public enum Severity {
  /** Mail is lost, or waivers do not work. */
  PROBLEM,
  /** It will hurt some day, or some senders. */
  WARNING;

  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
