package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.MailChange.Table;
import dev.tlswaiver.actuator.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;

/** What postfix(1) and postmap(1) do with an instance. */
record PostfixControl(Programs programs, Path directory) {
  /** Is there where systemd is process 1: sd_booted(3). */
  private static final Path SYSTEMD = Path.of("/run/systemd/system");

  /** The configuration directory of the instance that postfix.service runs. */
  private static final Path MAIN_INSTANCE = Path.of("/etc/postfix");

  boolean isRunning() throws HostException {
    return programs.run(words("status")).isGood();
  }

  /** Whether it runs, and yet serves not each of these ports: it has not read master.cf. */
  boolean hasLost(Collection<Integer> ports) throws HostException {
    try {
      return !ListeningPorts.now().containsAll(ports) && isRunning();
    } catch (IOException unknown) {
      return false;
    }
  }

  /**
   * Left to systemd where it runs Postfix: our own child would live in our sandbox, and our unit.
   */
  void start() throws HostException {
    boolean isSystemds = Files.isDirectory(SYSTEMD) && directory.equals(MAIN_INSTANCE);
    if (isSystemds
        && programs.run("systemctl", "start", "postfix.service").isGood()
        && isRunning()) {
      return;
    }
    programs.output(words("start"));
  }

  void reload() throws HostException {
    programs.output(words("reload"));
  }

  /** A command of postfix(1), for a person. */
  String command(String verb) {
    return String.join(" ", words(verb));
  }

  private String[] words(String verb) {
    return new String[] {"postfix", "-c", directory.toString(), verb};
  }

  /** Builds the table from its source, or removes it where the source is gone. */
  void build(Table table) throws HostException {
    if (Files.exists(table.source())) {
      programs.output("postmap", "-c", directory.toString(), table.toString());
    } else {
      RungTables.deleteBuilt(table.source());
    }
  }
}
