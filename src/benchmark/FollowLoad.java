import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/**
 * Appends to a log as Postfix would: {@code java FollowLoad.java lines LOG CONTENT RATE SECONDS}
 * copies the lines of a generated log at that rate, each with the time of its writing; {@code java
 * FollowLoad.java failures LOG COUNT RATE} writes handshakes that fail, each from another address.
 */
final class FollowLoad {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ROOT);
  private static final int STAMP_LENGTH = 15;
  private static final int BURSTS_EACH_SECOND = 100;

  public static void main(String[] arguments) throws IOException {
    try (OutputStream log =
        Files.newOutputStream(
            Path.of(arguments[1]), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      if (arguments[0].equals("lines")) {
        int rate = Integer.parseInt(arguments[3]);
        lines(log, Path.of(arguments[2]), rate, rate * Long.parseLong(arguments[4]));
      } else {
        failures(log, Long.parseLong(arguments[2]), Integer.parseInt(arguments[3]));
      }
    }
  }

  private static void lines(OutputStream log, Path content, int rate, long count)
      throws IOException {
    Pace pace = new Pace(log, rate);
    try (BufferedReader reader = Files.newBufferedReader(content)) {
      for (long i = 0; i < count; i++) {
        pace.write(reader.readLine().substring(STAMP_LENGTH) + "\n");
      }
    }
    pace.flush();
  }

  private static void failures(OutputStream log, long count, int rate) throws IOException {
    Pace pace = new Pace(log, rate);
    for (long i = 0; i < count; i++) {
      String tag = " mx1 postfix/smtpd[" + (2_000 + i % 500) + "]: ";
      String peer = "unknown[" + (1 + i / 256 / 256 / 256 % 200) + "." + i / 256 / 256 % 256 + "."
          + i / 256 % 256 + "." + i % 256 + "]";
      pace.write(tag + "connect from " + peer + "\n");
      pace.write(tag + "SSL_accept error from " + peer + ": -1\n");
      pace.write(tag + "warning: TLS library problem: error:0A000102:SSL routines::unsupported"
          + " protocol:../ssl/statem/statem_srvr.c:1657:\n");
      pace.write(tag + "lost connection after STARTTLS from " + peer + "\n");
      pace.write(tag + "disconnect from " + peer + " ehlo=1 starttls=0/1 commands=1/2\n");
    }
    pace.flush();
  }

  /** Writes at a rate, in a hundred bursts each second. */
  private static final class Pace {
    private final OutputStream log;
    private final int burst;
    private final long start = System.nanoTime();
    private final StringBuilder text = new StringBuilder();
    private int lines;
    private long bursts;

    Pace(OutputStream log, int rate) {
      this.log = log;
      this.burst = Math.max(1, rate / BURSTS_EACH_SECOND);
    }

    void write(String line) throws IOException {
      text.append(STAMP.format(LocalDateTime.now())).append(line);
      lines++;
      if (lines == burst) {
        flush();
        bursts++;
        long next = start + bursts * 1_000_000_000L / BURSTS_EACH_SECOND;
        while (System.nanoTime() < next) {
          LockSupport.parkNanos(next - System.nanoTime());
        }
      }
    }

    void flush() throws IOException {
      log.write(text.toString().getBytes(StandardCharsets.US_ASCII));
      text.setLength(0);
      lines = 0;
    }
  }
}
