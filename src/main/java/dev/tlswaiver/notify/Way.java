package dev.tlswaiver.notify;

import dev.tlswaiver.actuator.HostException;
import java.time.Duration;

/** One way on which notices go out. */
public interface Way {
  /** A mail program or a command that takes longer hangs. */
  Duration TIMEOUT = Duration.ofSeconds(10);

  /** Its name in metrics and messages. */
  String name();

  /** What it does, for a person. */
  String description();

  /**
   * Hands the notice over.
   *
   * @throws HostException if it was not taken; says why
   */
  void deliver(Notice notice) throws HostException;
}
