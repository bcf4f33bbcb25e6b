package dev.tlswaiver.hand;

import dev.tlswaiver.actuator.HostException;

/**
 * The hand could not be asked, or went away before it answered. It may yet have done what it was
 * asked; asked again it does it once.
 */
public final class HandAwayException extends HostException {
  private static final long serialVersionUID = 1L;

  HandAwayException(String message, Throwable cause) {
    super(message, cause);
  }
}
