package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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

  /**
   * Values as a service sees them, with {@code $name} expanded, its own overrides' included. What
   * is not set anywhere is missing.
   *
   * @param more overrides behind the service's own
   */
  Map<String, String> values(ServiceEntry entry, Map<String, String> more, Collection<String> names)
      throws HostException {
    Map<String, String> overrides = new HashMap<>(entry.overrides());
    overrides.putAll(more);
    List<String> command = new ArrayList<>(List.of("postconf", "-c", directory.toString(), "-x"));
    overrides.forEach((name, value) -> command.addAll(List.of("-o", name + "=" + value)));
    command.addAll(names);
    Map<String, String> values = new HashMap<>();
    programs
        .output(command.toArray(String[]::new))
        .lines()
        .map(line -> line.split("=", 2))
        .filter(pair -> pair.length == 2)
        .forEach(pair -> values.put(pair[0].strip(), pair[1].strip()));
    return values;
  }
}
