package dev.tlswaiver.handshake;

import java.util.Optional;

/** Why a handshake failed. The labels are a contract: configuration, JSON and metrics use them. */
public enum Reason {
  NO_SHARED_CIPHER("no-shared-cipher"),
  UNKNOWN_PROTOCOL("unknown-protocol"),
  UNSUPPORTED_PROTOCOL("unsupported-protocol"),
  VERSION_TOO_LOW("version-too-low"),
  NO_SIGNATURE_ALGORITHM("no-signature-algorithm"),
  TLS13_TROUBLE("tls13-trouble"),
  DH_KEY_TOO_SMALL("dh-key-too-small"),
  HANDSHAKE_FAILURE_ALERT("handshake-failure-alert"),
  PROTOCOL_VERSION_ALERT("protocol-version-alert"),
  INSUFFICIENT_SECURITY_ALERT("insufficient-security-alert"),
  INAPPROPRIATE_FALLBACK("inappropriate-fallback"),
  CERTIFICATE_REJECTED("certificate-rejected"),
  NOT_TLS("not-tls"),
  CORRUPTED("corrupted"),
  DISCONNECTED("disconnected"),
  TIMED_OUT("timed-out"),
  OWN_FAULT("own-fault"),
  OTHER("other");

  private final String label;

  Reason(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }

  /** The reason with this label, or empty. */
  public static Optional<Reason> find(String label) {
    for (Reason reason : values()) {
      if (reason.label.equals(label)) {
        return Optional.of(reason);
      }
    }
    return Optional.empty();
  }
}
