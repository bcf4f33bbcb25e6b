package dev.tlswaiver.actuator;

/**
 * The host is no longer what the plan was made for, and was left as it is. A new plan may well
 * succeed.
 */
public final class MovedException extends HostException {
  private static final long serialVersionUID = 1L;

  private final Stage stage;

  public MovedException(Stage stage, String message) {
    super(message);
    this.stage = stage;
  }

  /** Where the difference was found. */
  public Stage stage() {
    return stage;
  }
}
