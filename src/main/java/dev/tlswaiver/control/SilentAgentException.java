package dev.tlswaiver.control;

/** An agent is there, and does not answer. */
public final class SilentAgentException extends Exception {
  private static final long serialVersionUID = 1L;

  SilentAgentException(String message, Throwable cause) {
    super(message, cause);
  }
}
