package dev.tlswaiver.control;

/** The agent can't start. The message says why and what to do. */
public final class StartException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Whether it does not mend itself, as a mistake in the configuration does not. */
  private final boolean isLasting;

  public StartException(String message) {
    this(message, false);
  }

  private StartException(String message, boolean isLasting) {
    super(message);
    this.isLasting = isLasting;
  }

  /** One that trying again does not mend. */
  public static StartException lasting(String message) {
    return new StartException(message, true);
  }

  /** Whether trying again does not mend it. */
  public boolean isLasting() {
    return isLasting;
  }

  public StartException(String message, Throwable cause) {
    super(message, cause);
    this.isLasting = false;
  }

  /** The message of this and of any exception, never null. */
  public static String say(Throwable failure) {
    String message = failure.getMessage();
    return message == null ? failure.toString() : message;
  }
}
