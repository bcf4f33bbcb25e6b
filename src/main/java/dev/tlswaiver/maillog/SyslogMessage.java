package dev.tlswaiver.maillog;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A log line after its header was read. What the line does not tell is empty.
 *
 * @param instance the first component of the tag: {@code postfix}, {@code postfix-out}
 * @param service the rest of the tag, process included: {@code smtpd}, {@code smtps/smtpd}
 * @param pid the process that wrote it
 */
public record SyslogMessage(
    Optional<Instant> time,
    Optional<String> host,
    String instance,
    String service,
    Optional<Integer> pid,
    String text) {
  private static final Set<String> READ = Set.of("smtpd", "tlsproxy");

  /** syslogd and rsyslogd, journald, and rsyslogd's imuxsock and imjournal. */
  private static final Pattern LOSS =
      Pattern.compile(
          "(?:last )?message repeated [0-9]+ times|Suppressed [0-9]+ messages from \\S*postfix"
              + "|Missed [0-9]+ kernel messages|imuxsock\\S* lost [0-9]+ messages "
              + "|imjournal: [0-9]+ messages lost ");

  /** The program: the tag's last component. */
  public String process() {
    return service.substring(service.lastIndexOf('/') + 1);
  }

  /**
   * Whether a process wrote it whose sentences we read: Postfix's smtpd(8) or tlsproxy(8). Its tag
   * has a slash; other programs call themselves smtpd too.
   */
  public boolean isSmtpServer() {
    return READ.contains(process()) && !instance.equals(service);
  }

  /** Whether the line says that others before it were dropped or left out. */
  public boolean tellsGap() {
    return !text.isEmpty()
        && "lmSMi".indexOf(text.charAt(0)) >= 0
        && LOSS.matcher(text).lookingAt();
  }
}
