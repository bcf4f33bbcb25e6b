package dev.tlswaiver.dns;

/** No resolver answered, or the one that did could not find out. */
public final class NoAnswerException extends Exception {
  private static final long serialVersionUID = 1L;

  public NoAnswerException(String name) {
    super(name);
  }

  public NoAnswerException(String name, Throwable cause) {
    super(name + ": " + cause.getMessage(), cause);
  }
}
