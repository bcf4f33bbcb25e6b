package dev.tlswaiver.actuator;

/** A plan took effect in part, failed, and was undone: the host is as before. */
public final class RolledBackException extends HostException {
  private static final long serialVersionUID = 1L;

  private final Stage stage;

  public RolledBackException(Stage stage, String message, Throwable cause) {
    super(message, cause);
    this.stage = stage;
  }

  /** What failed. */
  public Stage stage() {
    return stage;
  }
}
