package dev.tlswaiver.actuator;

/** A plan was refused before it touched the host, by a real tool or because the host moved on. */
public final class RejectedException extends HostException {
  private static final long serialVersionUID = 1L;

  private final Stage stage;

  public RejectedException(Stage stage, String message) {
    super(message);
    this.stage = stage;
  }

  /** What refused it. */
  public Stage stage() {
    return stage;
  }
}
