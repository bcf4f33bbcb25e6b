package dev.tlswaiver.maillog;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

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

  /** The program: the tag's last component. */
  public String process() {
    return service.substring(service.lastIndexOf('/') + 1);
  }

  /** Whether a process wrote it whose sentences we read: smtpd(8) or tlsproxy(8). */
  public boolean isSmtpServer() {
    return READ.contains(process());
  }
}
