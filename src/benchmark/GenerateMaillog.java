import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * Writes the mail log of a busy host's month, the same for the same size: {@code java
 * GenerateMaillog.java FILE BYTES}. One session in five is encrypted, one in
 * thirty fails: sixty old senders, again and again, and probes.
 */
final class GenerateMaillog {
  private static final String[] MONTH = {"Oct", "Nov"};

  private final Random random = new Random(42);
  private final StringBuilder text = new StringBuilder(1 << 16);
  private long second;
  private long written;

  public static void main(String[] arguments) throws IOException {
    new GenerateMaillog().write(Path.of(arguments[0]), Long.parseLong(arguments[1]));
  }

  private void write(Path file, long size) throws IOException {
    double sessions = size / 1_050.0;
    double step = 31 * 86_400 / sessions;
    double time = 0;
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
      while (written + text.length() < size) {
        time += step;
        second = (long) time;
        session();
        if (text.length() > 1 << 15) {
          flush(out);
        }
      }
      flush(out);
    }
  }

  private void flush(OutputStream out) throws IOException {
    byte[] bytes = text.toString().getBytes(StandardCharsets.US_ASCII);
    out.write(bytes);
    written += bytes.length;
    text.setLength(0);
  }

  private void line(String tag, String message) {
    long day = second / 86_400;
    long rest = second % 86_400;
    int month = day < 31 ? 0 : 1;
    long date = month == 0 ? day + 1 : day - 30;
    text.append(MONTH[month]).append(date < 10 ? "  " : " ").append(date).append(' ');
    two(rest / 3_600).append(':');
    two(rest / 60 % 60).append(':');
    two(rest % 60).append(" mx1 ").append(tag).append(": ").append(message).append('\n');
  }

  private StringBuilder two(long number) {
    return text.append(number < 10 ? "0" : "").append(number);
  }

  private String address() {
    return random.nextInt(1, 224)
        + "."
        + random.nextInt(256)
        + "."
        + random.nextInt(256)
        + "."
        + random.nextInt(1, 255);
  }

  /** One of the host's regular senders; the first sixty of them are old and fail. */
  private String peer(boolean isKnown) {
    return isKnown ? sender(60 + random.nextInt(4_000)) : "unknown[" + address() + "]";
  }

  private static String sender(int host) {
    return "mail" + host % 7 + ".sender" + host + ".example[198.51." + host % 250 + "." + host / 250
          + "]";
  }

  private String queueId() {
    return Long.toHexString(0x100000000L + random.nextInt()).toUpperCase(java.util.Locale.ROOT)
        .substring(0, 8) + random.nextInt(10);
  }

  private void session() {
    int kind = random.nextInt(100);
    String smtpd = "postfix/smtpd[" + (2_000 + random.nextInt(3_000)) + "]";
    if (kind < 45) {
      probe(smtpd);
    } else if (kind < 90) {
      delivery(smtpd, kind < 62);
    } else if (kind < 93) {
      failure(smtpd);
    } else {
      outbound();
    }
    if (random.nextInt(3) == 0) {
      line("dovecot", "imap-login: Login: user=<user" + random.nextInt(900)
          + "@example.org>, method=PLAIN, rip=203.0.113." + random.nextInt(255)
          + ", lip=192.0.2.25, mpid=" + random.nextInt(32_000) + ", TLS, session=<abcdefgh>");
    }
  }

  private void probe(String smtpd) {
    String peer = peer(false);
    line(smtpd, "connect from " + peer);
    if (random.nextBoolean()) {
      line(smtpd, "NOQUEUE: reject: RCPT from " + peer
          + ": 554 5.7.1 Service unavailable; Client host blocked using zen.example; from=<a@spam"
          + random.nextInt(5_000) + ".example> to=<b@example.org> proto=ESMTP helo=<host>");
    } else {
      line(smtpd, "lost connection after AUTH from " + peer);
    }
    line(smtpd, "disconnect from " + peer + " ehlo=1 auth=0/1 commands=1/2");
  }

  private void delivery(String smtpd, boolean isEncrypted) {
    String peer = peer(true);
    String id = queueId();
    line(smtpd, "connect from " + peer);
    if (isEncrypted) {
      line(smtpd, "Anonymous TLS connection established from " + peer
          + (random.nextInt(9) == 0
              ? ": TLSv1.2 with cipher ECDHE-RSA-AES256-GCM-SHA384 (256/256 bits)"
              : ": TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519"
                  + " server-signature RSA-PSS (2048 bits) server-digest SHA256"));
    }
    line(smtpd, id + ": client=" + peer);
    line("postfix/cleanup[" + random.nextInt(9_000) + "]",
        id + ": message-id=<" + id + random.nextInt() + "@sender.example>");
    line("opendkim[811]", id + ": DKIM verification successful");
    line("postfix/qmgr[1200]", id + ": from=<someone" + random.nextInt(9_999)
        + "@sender.example>, size=" + random.nextInt(90_000) + ", nrcpt=1 (queue active)");
    line(smtpd, "disconnect from " + peer + " ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7");
    line("postfix/lmtp[" + random.nextInt(9_000) + "]", id
        + ": to=<b@example.org>, relay=mx1.example.org[private/dovecot-lmtp], delay=0.4,"
        + " delays=0.2/0/0/0.2, dsn=2.0.0, status=sent (250 2.0.0 <b@example.org> Saved)");
    line("postfix/qmgr[1200]", id + ": removed");
  }

  private void failure(String smtpd) {
    String peer = random.nextInt(3) > 0 ? sender(random.nextInt(60)) : peer(false);
    line(smtpd, "connect from " + peer);
    line(smtpd, "SSL_accept error from " + peer + ": -1");
    line(smtpd, "warning: TLS library problem: error:"
        + (random.nextBoolean()
            ? "0A000102:SSL routines::unsupported protocol:../ssl/statem/statem_srvr.c:1657:"
            : "0A0000C1:SSL routines::no shared cipher:../ssl/statem/statem_srvr.c:2220:"));
    line(smtpd, "lost connection after STARTTLS from " + peer);
    line(smtpd, "disconnect from " + peer + " ehlo=1 starttls=0/1 commands=1/2");
  }

  private void outbound() {
    String id = queueId();
    String smtp = "postfix/smtp[" + random.nextInt(9_000) + "]";
    line(smtp, "Trusted TLS connection established to mx.recipient" + random.nextInt(900)
        + ".example[203.0.113.9]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)");
    line(smtp, id + ": to=<x@recipient.example>, relay=mx.recipient.example[203.0.113.9]:25,"
        + " delay=1.3, delays=0.1/0/0.5/0.7, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued)");
    line("postfix/qmgr[1200]", id + ": removed");
  }
}
