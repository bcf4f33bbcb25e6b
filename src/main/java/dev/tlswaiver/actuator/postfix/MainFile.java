package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Programs.Result;
import dev.tlswaiver.actuator.postfix.PostfixVersion.Feature;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The parameters of main.cf, as the postconf command tells them. */
public record MainFile(Programs programs, Path directory) {
  /** The value, or the default, with {@code $name} expanded; empty for what this Postfix lacks. */
  public String value(String name) throws HostException {
    return expanded("-h", name).strip();
  }

  /** The value as a service sees it. */
  String value(ServiceEntry entry, String name) throws HostException {
    var override = entry.override(name);
    return override.isPresent() ? override.get() : value(name);
  }

  /**
   * What postconf prints with {@code $name} expanded.
   *
   * @throws HostException if it can't; of a Postfix that is too old this is what it says
   */
  String expanded(String... arguments) throws HostException {
    List<String> command = new ArrayList<>(List.of("postconf", "-c", directory.toString(), "-x"));
    command.addAll(List.of(arguments));
    try {
      return programs.output(command.toArray(String[]::new));
    } catch (HostException failure) {
      refuseTooOld();
      throw failure;
    }
  }

  /**
   * Without smtpd_relay_restrictions a relaxed listener can't tell whom it admits; the options of
   * postconf came with them.
   */
  private void refuseTooOld() throws HostException {
    Result version = programs.run("postconf", "-c", directory.toString(), "-h", "mail_version");
    Feature needed = Feature.RELAY_RESTRICTIONS;
    if (version.isGood() && !PostfixVersion.parse(version.out()).has(needed)) {
      throw new HostException(
          "this is Postfix "
              + version.out().strip()
              + ", which is too old; "
              + needed.since()
              + " or later is needed");
    }
  }
}
