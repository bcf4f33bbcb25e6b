package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.maillog.SmtpdRecord;
import dev.tlswaiver.maillog.SmtpdRecord.OwnFault;
import dev.tlswaiver.maillog.SyslogMessage;
import dev.tlswaiver.maillog.SyslogParser;
import dev.tlswaiver.maillog.UnreadableLineException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/**
 * Lines of a fresh log that mean that a service does not do what it was told. They are recognised
 * by how Postfix begins them: clients say {@code fatal:} too, and whoever could end a plan by that
 * would keep everybody from a waiver.
 */
final class LoggedTrouble {
  private static final int BLOCK = 1 << 20;

  private static final List<String> BEGINNINGS =
      List.of(
          "fatal: ",
          "panic: ",
          "error: unsupported dictionary",
          "error: open database",
          "warning: Invalid TLS protocol list",
          "warning: No server certs available",
          "warning: disabling TLS support");

  private LoggedTrouble() {}

  /**
   * The first such line that begins behind this place in the log.
   *
   * @param log read to where it ends now; strangers may write faster than anybody reads
   */
  static Optional<String> first(RandomAccessFile log, long since) throws IOException {
    byte[] block = new byte[BLOCK];
    long end = log.length();
    int kept = 0;
    log.seek(Math.min(since, end));
    while (log.getFilePointer() < end) {
      int read = log.read(block, kept, (int) Math.min(BLOCK - kept, end - log.getFilePointer()));
      int filled = kept + Math.max(0, read);
      int whole = read < 0 || filled < BLOCK ? filled : wholeLines(block);
      Optional<String> found = first(new String(block, 0, whole, StandardCharsets.ISO_8859_1));
      if (found.isPresent() || read < 0) {
        return found;
      }
      kept = filled - whole;
      System.arraycopy(block, whole, block, 0, kept);
    }
    return Optional.empty();
  }

  /** How many bytes of a full block are lines to their end; all, of a line that fills it. */
  private static int wholeLines(byte[] block) {
    int end = block.length;
    while (end > 0 && block[end - 1] != '\n') {
      end--;
    }
    return end == 0 ? block.length : end;
  }

  private static Optional<String> first(String lines) {
    SyslogParser headers = new SyslogParser(ZoneOffset.UTC);
    return lines.lines().filter(line -> isOne(headers, line)).findFirst();
  }

  private static boolean isOne(SyslogParser headers, String line) {
    try {
      // The times of the lines are of no interest.
      return UnreadableLineException.reading(
          () -> headers.parse(line, Instant.EPOCH).filter(LoggedTrouble::isOne).isPresent());
    } catch (UnreadableLineException unreadable) {
      return false;
    }
  }

  private static boolean isOne(SyslogMessage message) {
    if (!message.isPostfix()) {
      return false;
    }
    String text = message.text();
    return BEGINNINGS.stream().anyMatch(text::startsWith)
        || (message.process().equals("master") && text.contains(": bad command startup"))
        || (message.isSmtpServer()
            && SmtpdRecord.parse(text) instanceof OwnFault fault
            && fault.text().contains("disabling TLS support"));
  }
}
