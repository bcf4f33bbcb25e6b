package dev.tlswaiver.actuator;

/** The host let us down: names the object and the operation. Nothing is known to have changed. */
public class HostException extends Exception {
  private static final long serialVersionUID = 1L;

  public HostException(String message) {
    super(message);
  }

  public HostException(String message, Throwable cause) {
    super(message, cause);
  }
}
