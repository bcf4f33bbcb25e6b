package dev.tlswaiver.cli;

import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.config.ConfigurationException;
import dev.tlswaiver.config.ConfigurationReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Which configuration file counts: the default one may be absent, a given one may not. */
final class ConfigurationFile {
  static final Path DEFAULT = Path.of("/etc/tlswaiver/tlswaiver.yaml");

  private ConfigurationFile() {}

  /** The file that counts; empty where none was given and the default one does not exist. */
  static Optional<Path> find(Optional<Path> given) {
    return given.or(() -> Optional.of(DEFAULT).filter(Files::exists));
  }

  /** The configuration in force: the file's, or the defaults. */
  static Configuration read(Optional<Path> given) throws IOException, ConfigurationException {
    Optional<Path> file = find(given);
    return file.isPresent() ? ConfigurationReader.read(file.get()) : Configuration.defaults();
  }
}
