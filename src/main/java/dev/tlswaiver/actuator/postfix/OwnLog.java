package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Programs.Result;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Postfix's own log, as a probe reads it.
 *
 * @param file empty where it writes to syslog
 */
record OwnLog(Optional<Path> file) {

  static OwnLog of(Programs programs, Path directory) throws HostException {
    // Without -x, which came with 2.10: what is ours can be taken away from any Postfix.
    Result result = programs.run("postconf", "-c", directory.toString(), "-h", "maillog_file");
    return new OwnLog(
        Optional.of(result.out().strip())
            .filter(name -> result.isGood() && name.startsWith("/"))
            .map(Path::of));
  }

  /** It may not be there before the first line. */
  private Optional<Path> readable() {
    return file.filter(Files::isReadable);
  }

  /** How long it is, in bytes; 0 where nobody can tell. */
  long size() {
    try {
      Optional<Path> log = readable();
      return log.isPresent() ? Files.size(log.get()) : 0;
    } catch (IOException gone) {
      return 0;
    }
  }

  /** The first line of trouble that was written since it had this size. */
  Optional<String> trouble(long since) {
    Optional<Path> log = readable();
    if (log.isEmpty()) {
      return Optional.empty();
    }
    try (RandomAccessFile lines = new RandomAccessFile(log.get().toFile(), "r")) {
      return LoggedTrouble.first(lines, since);
    } catch (IOException gone) {
      return Optional.empty();
    }
  }
}
