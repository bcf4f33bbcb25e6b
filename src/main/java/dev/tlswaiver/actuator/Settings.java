package dev.tlswaiver.actuator;

import dev.tlswaiver.waiver.Rung;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What the operator decided about the host.
 *
 * @param configDirectory Postfix's config_directory
 * @param publicService the master.cf name of the service that faces the Internet; empty to find it
 * @param ports the port of each enabled rung
 * @param stateDirectory where the journal, the lock, and the relaxed key live
 */
public record Settings(
    Path configDirectory,
    Optional<String> publicService,
    Map<Rung, Integer> ports,
    Redirect redirect,
    Path stateDirectory) {
  public Settings {
    ports = Map.copyOf(ports);
  }

  /** Whether there is a Postfix: without its main.cf each postconf(1) takes a second to say so. */
  public boolean hasPostfix() {
    return Files.isReadable(configDirectory.resolve("main.cf"));
  }

  /** The port of the rung's relaxed listener. */
  public int port(Rung rung) {
    Integer port = ports.get(rung);
    if (port == null) {
      throw new IllegalStateException("the rung " + rung.label() + " has no port");
    }
    return port;
  }
}
