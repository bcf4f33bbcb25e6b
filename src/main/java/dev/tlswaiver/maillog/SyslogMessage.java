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

  /**
   * Whether a process wrote it whose sentences we read: Postfix's smtpd(8) or tlsproxy(8). Its tag
   * has a slash; other programs call themselves smtpd too.
   */
  public boolean isSmtpServer() {
    return READ.contains(process()) && !instance.equals(service);
  }

  /** Whether a program of Postfix wrote it. */
  public boolean isPostfix() {
    return Tag.isPostfix(instance, service) || isSmtpServer();
  }

  /**
   * Whether the line says that others before it were dropped or left out: by syslogd or rsyslogd,
   * by journald, or by rsyslogd's imuxsock or imjournal.
   */
  public boolean tellsGap() {
    return !text.isEmpty()
        && "lmSMi".indexOf(text.charAt(0)) >= 0
        && (tells("last message repeated ", " times")
            || tells("message repeated ", " times")
            || isSuppressed()
            || tells("Missed ", " kernel messages")
            || isLostAtSocket()
            || tells("imjournal: ", " messages lost "));
  }

  /** Whether the text begins with the words, a number, and more words. */
  private boolean tells(String words, String more) {
    return text.startsWith(words) && isNumberBefore(words.length(), more);
  }

  private boolean isNumberBefore(int from, String more) {
    int at = from;
    while (at < text.length() && Digits.isDigit(text.charAt(at))) {
      at++;
    }
    return at > from && text.startsWith(more, at);
  }

  private boolean isSuppressed() {
    String from = " messages from ";
    int unit = tells("Suppressed ", from) ? text.indexOf(from) + from.length() : -1;
    return unit > 0 && word(unit).contains("postfix");
  }

  private boolean isLostAtSocket() {
    String lost = " lost ";
    int end = text.startsWith("imuxsock") ? word(0).length() : -1;
    return end > 0
        && text.startsWith(lost, end)
        && isNumberBefore(end + lost.length(), " messages ");
  }

  private String word(int from) {
    int end = text.indexOf(' ', from);
    return text.substring(from, end < 0 ? text.length() : end);
  }
}
