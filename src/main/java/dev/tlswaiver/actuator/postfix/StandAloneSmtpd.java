package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Programs.Result;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** An smtpd(8) without its master(8): the only judge of protocol lists, keys and tables. */
record StandAloneSmtpd(Programs programs, Path program) {

  static StandAloneSmtpd of(Discovery host) throws HostException {
    return new StandAloneSmtpd(
        host.programs(), Path.of(host.main().value("daemon_directory"), "smtpd"));
  }

  /** What it has against these arguments; a directory is called DIR, whichever it is. */
  Set<String> complaints(Path directory, List<String> arguments) throws HostException {
    List<String> command = new ArrayList<>(List.of(program.toString(), "-S", "-V"));
    arguments.forEach(argument -> command.add(ServiceEntry.bare(argument)));
    Result result =
        programs.run(
            command, Map.of("MAIL_CONFIG", directory.toString()), "QUIT\r\n", Programs.USUAL);
    Set<String> complaints = new TreeSet<>();
    result
        .err()
        .lines()
        .filter(line -> line.matches(".*(?:fatal|panic|error|warning): .*"))
        .map(line -> line.replaceFirst("^\\S+: ", "").replace(directory.toString(), "DIR"))
        .forEach(complaints::add);
    return complaints;
  }
}
