package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Programs.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Who writes a file that Postfix's lines stand in.
 *
 * <p>Whatever syslogd writes, any local user can have it write. What postlogd(8) writes comes
 * through a socket that only Postfix and root may open, unless postlog(1) is installed setgid.
 *
 * @param maillogFile Postfix's own log; empty where it logs to syslog
 * @param postlog where postlog(1) is
 */
public record LogWriter(Optional<Path> maillogFile, Path postlog) {
  private static final int SET_GROUP = 02000;
  private static final int WRITABLE_BY_OTHERS = 02;

  /** More links than that are a loop. */
  private static final int MOST_LINKS = 16;

  /**
   * Asks the Postfix of this configuration directory.
   *
   * @throws HostException if there is none
   */
  public static LogWriter of(Path configDirectory, Programs programs) throws HostException {
    String maillog = value(configDirectory, programs, "maillog_file");
    String commands = value(configDirectory, programs, "command_directory");
    return new LogWriter(
        maillog.startsWith("/") ? Optional.of(Path.of(maillog)) : Optional.empty(),
        Path.of(commands.startsWith("/") ? commands : "/usr/sbin", "postlog"));
  }

  private static String value(Path configDirectory, Programs programs, String parameter)
      throws HostException {
    Result result = programs.run("postconf", "-c", configDirectory.toString(), "-xh", parameter);
    // Before 3.4 it has no maillog_file, and says so on standard error.
    return result.isGood() ? result.out().strip() : "";
  }

  /** Why lines of this file may be anybody's, in one sentence; empty where they are Postfix's. */
  public Optional<String> doubt(Path log) {
    if (maillogFile.filter(own -> isSame(own, log)).isEmpty()) {
      return Optional.of(
          log
              + " is written by syslog, and into that any local user can write (logger -t"
              + " 'postfix/smtpd[1]')");
    }
    if (has(postlog, SET_GROUP)) {
      return Optional.of(
          postlog + " is setgid, so that any local user can write into " + log + " with it");
    }
    return has(log, WRITABLE_BY_OTHERS)
        ? Optional.of(log + " can be written by any local user")
        : Optional.empty();
  }

  private static boolean isSame(Path one, Path other) {
    try {
      return one.equals(other) || Files.isSameFile(one, other);
    } catch (IOException absent) {
      return false;
    }
  }

  private static boolean has(Path file, int bits) {
    try {
      return Files.getAttribute(file, "unix:mode") instanceof Integer mode && (mode & bits) != 0;
    } catch (IOException absent) {
      return false;
    }
  }

  /**
   * Whether it is a device, a pipe or the like, behind whatever links: {@code /dev/stdout} is
   * whatever the asking process has there, the log of the one is the output of the other.
   */
  public static boolean isNoFile(Path log) {
    Path file = log.toAbsolutePath().normalize();
    for (int links = 0; links < MOST_LINKS; links++) {
      if (List.of("/dev", "/proc", "/sys").stream().anyMatch(file::startsWith)) {
        return true;
      }
      if (!Files.isSymbolicLink(file)) {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(file);
      }
      try {
        file = file.resolveSibling(Files.readSymbolicLink(file)).normalize();
      } catch (IOException gone) {
        return false;
      }
    }
    return true;
  }
}
