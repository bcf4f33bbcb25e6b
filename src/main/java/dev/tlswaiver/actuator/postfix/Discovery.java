package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Settings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The live configuration as one call finds it: nothing is read before somebody asks for it, and
 * nothing twice.
 */
final class Discovery {
  private final Settings settings;
  private final Programs programs;
  private final MainFile main;
  private @Nullable MasterFile master; // Null until somebody asks.

  Discovery(Settings settings, Programs programs) {
    this.settings = settings;
    this.programs = programs;
    this.main = new MainFile(programs, settings.configDirectory());
  }

  Settings settings() {
    return settings;
  }

  Programs programs() {
    return programs;
  }

  Path directory() {
    return settings.configDirectory();
  }

  MainFile main() {
    return main;
  }

  MasterFile master() throws HostException {
    if (master == null) {
      master = MasterFile.read(directory());
    }
    return master;
  }

  /** The service that faces the Internet. */
  PublicService service() throws HostException {
    return PublicService.find(master(), settings.publicService(), main);
  }

  /** Its parameters, those of the strict listener. */
  TlsParameters strict() throws HostException {
    return TlsParameters.read(programs, directory(), service().smtpd().arguments());
  }
}
