package dev.tlswaiver.doctor;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.postfix.LogWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/** The log that an agent would follow: readable, alive, Postfix's, and rotated without a loss. */
final class MailLog implements Examination {
  private static final Duration SILENT = Duration.ofDays(1);

  /** So much of the end of the log is searched for a line of Postfix. */
  private static final int END_BYTES = 1024 * 1024;

  @Override
  public void examine(Patient patient, Chart chart) throws HostException {
    if (patient.hasPostfix()) {
      examineWriter(LogWriter.of(patient.configDirectory(), patient.programs()), patient, chart);
    }
    if (patient.log().isEmpty()) {
      examineJournal(patient, chart);
      return;
    }
    Path log = patient.log().get();
    if (LogWriter.isNoFile(log)) {
      return; // Said already.
    }
    if (!Files.exists(log)) {
      chart.find(
          Ailment.LOG_MISSING,
          log + " does not exist.",
          "postconf -c "
              + patient.configDirectory()
              + " -h maillog_file names Postfix's own log file; in tlswaiver.yaml: log: {source:"
              + " file, path: FILE}, or: log: {source: journal}");
      return;
    }
    if (!Files.isReadable(log)) {
      chart.find(
          Ailment.LOG_UNREADABLE,
          log + " can't be read by this user.",
          "run as root, or: usermod -a -G $(stat -c %G " + log + ") USER");
      return;
    }
    examineLines(log, patient, chart);
    examineRotation(log, patient.root(), chart);
  }

  private static void examineWriter(LogWriter writer, Patient patient, Chart chart) {
    Stream.concat(writer.maillogFile().stream(), patient.log().stream())
        .filter(LogWriter::isNoFile)
        .findFirst()
        .ifPresent(
            file ->
                chart.find(
                    Ailment.LOG_NO_FILE,
                    "The log " + file + " is no file.",
                    "postconf -c "
                        + patient.configDirectory()
                        + " -e 'maillog_file = /var/log/maillog', then: postfix -c "
                        + patient.configDirectory()
                        + " stop; postfix -c "
                        + patient.configDirectory()
                        + " start"));
    patient
        .log()
        .filter(
            file ->
                !patient.isLogTrusted() && Files.isRegularFile(file) && !LogWriter.isNoFile(file))
        .flatMap(writer::doubt)
        .ifPresent(
            why ->
                chart.find(
                    Ailment.LOG_FORGEABLE,
                    capital(why) + ".",
                    "in tlswaiver.yaml: log: {source: journal}, where it has Postfix's lines; or, if"
                        + " nobody on this host would forge a line, log: {trust: file}; or tlswaiver"
                        + " approve for each waiver"));
  }

  private static String capital(String sentence) {
    return sentence.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + sentence.substring(1);
  }

  private static void examineJournal(Patient patient, Chart chart) throws HostException {
    try {
      if (patient.programs().run("journalctl", "--quiet", "--lines=1", "--output=cat").isGood()) {
        return;
      }
    } catch (HostException absent) {
      // Neither a file nor a journal: said below.
    }
    if (patient.isRoot()) {
      chart.find(
          Ailment.LOG_MISSING,
          "There is no log file of Postfix, and journalctl does not run.",
          "postconf -c "
              + patient.configDirectory()
              + " -e 'maillog_file = /var/log/maillog', and the service postlog in master.cf");
    } else {
      chart.couldNotSee("the journal: journalctl does not run for this user");
    }
  }

  private static void examineLines(Path log, Patient patient, Chart chart) throws HostException {
    try {
      Instant last = Files.getLastModifiedTime(log).toInstant();
      if (last.isBefore(patient.now().minus(SILENT)) && !chart.has(Ailment.POSTFIX_STOPPED)) {
        chart.find(
            Ailment.LOG_SILENT,
            "The last line came into "
                + log
                + " at "
                + last
                + ", "
                + Duration.between(last, patient.now()).toHours()
                + " hours ago.",
            "postconf -c "
                + patient.configDirectory()
                + " -h maillog_file; if empty, look where syslog writes mail.*: grep -r mail"
                + " /etc/rsyslog.conf /etc/rsyslog.d");
      }
      String end = end(log);
      if (!end.isBlank() && !end.contains("postfix")) {
        chart.find(
            Ailment.LOG_WITHOUT_POSTFIX,
            "The end of " + log + " has no line of Postfix.",
            "in tlswaiver.yaml: log: {source: file, path: FILE}, or: log: {source: journal}");
      }
    } catch (IOException failure) {
      throw new HostException("the log " + log + " can't be read: " + failure, failure);
    }
  }

  private static String end(Path log) throws IOException {
    return new String(TextFile.end(log, END_BYTES), StandardCharsets.ISO_8859_1);
  }

  /** A file of logrotate(8) that names the log and copies it. */
  private static void examineRotation(Path log, Path root, Chart chart) {
    List<Path> files = new ArrayList<>(List.of(root.resolve("etc/logrotate.conf")));
    try (Stream<Path> more = Files.list(root.resolve("etc/logrotate.d"))) {
      more.sorted().forEach(files::add);
    } catch (IOException absent) {
      // A host without logrotate.
    }
    for (Path file : files) {
      boolean isNamed = false;
      for (String line : TextFile.lines(file)) {
        String bare = line.strip();
        isNamed |= isNamed(log, bare);
        if (bare.equals("}")) {
          isNamed = false;
        }
        if (isNamed && bare.equals("copytruncate")) {
          chart.find(
              Ailment.LOG_COPYTRUNCATE,
              file + " rotates " + log + " with copytruncate.",
              "replace copytruncate in "
                  + file
                  + " by create, and let postrotate tell the writer (rsyslog: systemctl kill -s HUP"
                  + " rsyslog.service; maillog_file: use postfix logrotate)");
        }
      }
    }
  }

  private static boolean isNamed(Path log, String line) {
    return Arrays.stream(line.split("[\\s{}\"]+"))
        .filter(word -> word.startsWith("/"))
        .anyMatch(
            word -> {
              try {
                return FileSystems.getDefault().getPathMatcher("glob:" + word).matches(log);
              } catch (PatternSyntaxException noGlob) {
                return false;
              }
            });
  }
}
