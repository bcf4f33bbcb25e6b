package dev.tlswaiver.waiver;

import java.util.Optional;

/** A named set of TLS settings, served by one relaxed listener. Declared lowest first. */
public enum Rung {
  /** Nothing relaxed; the peer's ClientHello is logged. */
  DIAGNOSE("diagnose"),
  /** TLS 1.2 as the highest version, the floor as it is. */
  TLS12("tls12"),
  /** The widest cipher list at the strict protocol floor. */
  CIPHERS("ciphers"),
  /** And TLS 1.0 and 1.1. */
  LEGACY("legacy"),
  /** And SSLv3, where the library has it. */
  SSLV3("sslv3"),
  /** STARTTLS not offered. */
  PLAINTEXT("plaintext");

  private final String label;

  Rung(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }

  /** The rung with this label, or empty. */
  public static Optional<Rung> find(String label) {
    for (Rung rung : values()) {
      if (rung.label.equals(label)) {
        return Optional.of(rung);
      }
    }
    return Optional.empty();
  }
}
