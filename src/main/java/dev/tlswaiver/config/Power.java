package dev.tlswaiver.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Which process changes the host.
 *
 * @param isInside the agent itself, whoever it is
 * @param socket the one that listens there. Where neither is said, an agent that is root does it
 *     itself
 */
public record Power(boolean isInside, Optional<Path> socket) {
  static final Power AUTO = new Power(false, Optional.empty());
  private static final Power INSIDE = new Power(true, Optional.empty());

  /** As the file says it: {@code auto}, {@code inside}, or the path of a socket. */
  static Optional<Power> find(String text) {
    return switch (text) {
      case "auto" -> Optional.of(AUTO);
      case "inside" -> Optional.of(INSIDE);
      default ->
          text.startsWith("/")
              ? Optional.of(new Power(false, Optional.of(Path.of(text))))
              : Optional.empty();
    };
  }
}
