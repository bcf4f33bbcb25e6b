package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Programs.Result;
import dev.tlswaiver.actuator.postfix.PostfixVersion.Feature;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of main.cf, as the postconf command tells them. An answer is remembered: each call
 * that is to see what an operator has changed since begins with a new one of these.
 */
public final class MainFile {
  /** What a plan, a check or a probe asks for sooner or later comes with the first of it. */
  private static final Set<String> TOGETHER =
      Set.of(
          "default_database_type",
          "inet_interfaces",
          "inet_protocols",
          "postscreen_upstream_proxy_protocol",
          "smtpd_service_name",
          "smtpd_upstream_proxy_protocol");

  private final Programs programs;
  private final Path directory;
  private final Map<String, String> answers = new HashMap<>();
  private @Nullable Set<String> tableTypes; // Null until somebody asks.

  public MainFile(Programs programs, Path directory) {
    this.programs = programs;
    this.directory = directory;
  }

  Path directory() {
    return directory;
  }

  /** The value, or the default, with {@code $name} expanded; empty for what this Postfix lacks. */
  public String value(String name) throws HostException {
    String known = answers.get(name);
    return known == null ? ask(name) : known;
  }

  private String ask(String name) throws HostException {
    Set<String> names = TOGETHER.contains(name) ? TOGETHER : Set.of(name);
    Map<String, String> values = values(Map.of(), names);
    names.forEach(asked -> answers.put(asked, values.getOrDefault(asked, "")));
    return values.getOrDefault(name, "");
  }

  /** The types of lookup tables that were built into this Postfix, or installed beside it. */
  Set<String> tableTypes() throws HostException {
    if (tableTypes == null) {
      tableTypes =
          programs
              .output("postconf", "-c", directory.toString(), "-m")
              .lines()
              .map(String::strip)
              .collect(Collectors.toUnmodifiableSet());
    }
    return tableTypes;
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
    return values(overrides, names);
  }

  /** The same under these overrides alone. */
  Map<String, String> values(Map<String, String> overrides, Collection<String> names)
      throws HostException {
    List<String> asked = new ArrayList<>();
    overrides.forEach((name, value) -> asked.addAll(List.of("-o", name + "=" + value)));
    asked.addAll(names);
    Map<String, String> values = new HashMap<>();
    expanded(asked.toArray(String[]::new))
        .lines()
        .map(line -> line.split("=", 2))
        .filter(pair -> pair.length == 2)
        .forEach(pair -> values.put(pair[0].strip(), pair[1].strip()));
    return values;
  }

  /**
   * What postconf prints with {@code $name} expanded.
   *
   * @throws HostException if it can't; of a Postfix that is too old this is what it says
   */
  private String expanded(String... arguments) throws HostException {
    List<String> command = new ArrayList<>(List.of("postconf", "-c", directory.toString(), "-x"));
    command.addAll(List.of(arguments));
    try {
      return programs.output(command.toArray(String[]::new));
    } catch (HostException failure) {
      refuseTooOld();
      throw failure;
    }
  }

  private void refuseTooOld() throws HostException {
    Result version = programs.run("postconf", "-c", directory.toString(), "-h", "mail_version");
    Feature needed = Feature.POSTCONF_OPTIONS;
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
