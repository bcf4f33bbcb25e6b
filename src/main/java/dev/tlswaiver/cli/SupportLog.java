package dev.tlswaiver.cli;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.doctor.Patient;
import dev.tlswaiver.doctor.TextFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The end of the mail log, as far as it concerns handshakes. */
final class SupportLog {
  static final int MOST_LINES = 2_000;

  private static final int END_BYTES = 16 * 1024 * 1024;

  private static final Pattern RELEVANT =
      Pattern.compile("(smtpd|postscreen|tlsproxy|master|tlswaiver[^ ]{0,100})(\\[[0-9]+\\])?: ");

  /** A level 3 dump holds the names that a client asked for, in hexadecimal. */
  private static final Pattern DUMP =
      Pattern.compile("\\]: [0-9A-Fa-f]{4} +-? ?[0-9A-Fa-f]{2}[ -]");

  /** The header's host, behind either form of time. */
  private static final Pattern HOST =
      Pattern.compile(
          "(?m)^(?:[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8}|[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][^ ]+) ([^ :\\[\\]]+) ");

  private SupportLog() {}

  static String last(Patient host) throws IOException, HostException {
    String text =
        host.log().isPresent()
            ? end(host.log().get())
            : host.programs()
                .output(
                    "journalctl", "--quiet", "--no-pager", "--output=short-iso", "--lines=20000");
    List<String> lines = text.lines().filter(SupportLog::isRelevant).toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - MOST_LINES), lines.size()));
  }

  static boolean isRelevant(String line) {
    return RELEVANT.matcher(line).find() && !DUMP.matcher(line).find();
  }

  private static String end(Path file) throws IOException {
    byte[] bytes = TextFile.end(file, END_BYTES);
    String text = new String(bytes, StandardCharsets.UTF_8);
    // The first line may be the half of one.
    return Files.size(file) <= bytes.length ? text : text.substring(text.indexOf('\n') + 1);
  }

  /** What the lines call the host that wrote them, without the domain. */
  static Set<String> hostNames(String lines) {
    Set<String> names = new TreeSet<>();
    Matcher matcher = HOST.matcher(lines);
    while (matcher.find()) {
      String name = matcher.group(1).split("\\.")[0];
      if (!name.contains("/") && !name.equals("postfix")) {
        names.add(name);
      }
    }
    return names;
  }
}
