package dev.tlswaiver.notify;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Programs.Result;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Mail to one address, through Postfix's own sendmail(1) on this host. */
public final class MailWay implements Way {
  private static final String USUAL = "/usr/sbin/sendmail";

  /** RFC 5322 has 998; some systems count differently. */
  private static final int LONGEST_LINE = 900;

  private final Programs programs;
  private final Path configDirectory;
  private final Mailbox to;
  private final Optional<Mailbox> from;

  /**
   * @param configDirectory of the Postfix instance that the mail goes through
   * @param from empty for whatever Postfix makes of the user
   */
  public MailWay(Programs programs, Path configDirectory, Mailbox to, Optional<Mailbox> from) {
    this.programs = programs;
    this.configDirectory = configDirectory;
    this.to = to;
    this.from = from;
  }

  @Override
  public String name() {
    return "mail";
  }

  @Override
  public String description() {
    return "mail to " + to;
  }

  @Override
  public void deliver(Notice notice) throws HostException {
    // -i: a line with a lone dot does not end the message.
    List<String> command = new ArrayList<>();
    command.add(parameter("sendmail_path").filter(path -> path.startsWith("/")).orElse(USUAL));
    command.addAll(List.of("-C", configDirectory.toString(), "-i", "-t", "-F", "tlswaiver"));
    from.ifPresent(sender -> command.addAll(List.of("-f", sender.text())));
    Result result =
        programs.run(
            command,
            Map.of(),
            message(notice, parameter("myhostname").orElse("this host"), to, from),
            TIMEOUT);
    if (!result.isGood()) {
      throw new HostException(
          command.get(0) + " exited with " + result.exit() + ": " + said(result));
    }
  }

  private static String said(Result result) {
    return result.said().isEmpty() ? "it said nothing" : result.said();
  }

  private Optional<String> parameter(String name) throws HostException {
    Result result = programs.run("postconf", "-c", configDirectory.toString(), "-xh", name);
    return Optional.of(result.out().strip())
        .filter(value -> result.isGood() && value.matches("[!-~]{1,255}"));
  }

  /**
   * The whole message. No header has a stranger's words but the subject, and that is one line of
   * ASCII; what is in the body stands behind the empty line.
   */
  static String message(Notice notice, String host, Mailbox to, Optional<Mailbox> from) {
    StringBuilder text = new StringBuilder();
    from.ifPresent(sender -> text.append("From: tlswaiver <").append(sender).append(">\n"));
    text.append("To: ").append(to).append('\n');
    text.append("Subject: [tlswaiver ").append(host).append("] ");
    text.append(notice.subject()).append('\n');
    text.append("X-Tlswaiver-Id: ").append(notice.id()).append('\n');
    text.append("Auto-Submitted: auto-generated\n");
    text.append("MIME-Version: 1.0\n");
    text.append("Content-Type: text/plain; charset=utf-8\n");
    text.append("Content-Transfer-Encoding: 8bit\n\n");
    notice.text().lines().forEach(line -> text.append(broken(line)).append('\n'));
    text.append("\n-- \ntlswaiver on ").append(host).append('\n');
    return text.toString();
  }

  private static String broken(String line) {
    return line.replaceAll("(.{" + LONGEST_LINE / 3 + "})", "$1\n").stripTrailing();
  }
}
