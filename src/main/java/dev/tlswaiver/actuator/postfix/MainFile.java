package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import java.nio.file.Path;

/** The parameters of main.cf, as the postconf command tells them. */
public record MainFile(Programs programs, Path directory) {
  /** The value, or the default, with {@code $name} expanded; empty for what this Postfix lacks. */
  public String value(String name) throws HostException {
    return programs.output("postconf", "-c", directory.toString(), "-x", "-h", name).strip();
  }

  /** The value as a service sees it. */
  String value(ServiceEntry entry, String name) throws HostException {
    var override = entry.override(name);
    return override.isPresent() ? override.get() : value(name);
  }
}
