package dev.tlswaiver.agent;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A mail log as a Postfix of today writes it, put together session by session; the lines come out
 * in the order of their times. Each session is one process of its own.
 */
final class Maillog {
  /** What the library says of a failed handshake; {@link #LOST} is said by Postfix alone. */
  enum Failure {
    NO_SHARED_CIPHER(
        "error:0A0000C1:SSL routines::no shared cipher:../ssl/statem/statem_srvr.c:2220:"),
    UNSUPPORTED_PROTOCOL(
        "error:0A000102:SSL routines::unsupported protocol:../ssl/statem/statem_srvr.c:1657:"),
    VERSION_TOO_LOW(
        "error:0A00018C:SSL routines::version too low:../ssl/statem/statem_srvr.c:1650:"),
    OLD_UNKNOWN_PROTOCOL(
        "31:error:140760FC:SSL routines:SSL23_GET_CLIENT_HELLO:unknown protocol:s23_srvr.c:647:"),
    SSLV2_HELLO("error:0A0000FC:SSL routines::unknown protocol:../ssl/record/ssl3_record.c:354:"),
    NO_SIGNATURE_ALGORITHM(
        "error:0A000076:SSL routines::no suitable signature algorithm:../ssl/t1_lib.c:3345:"),
    BAD_KEY_SHARE(
        "error:0A00006C:SSL routines::bad key share:../ssl/statem/extensions_srvr.c:643:"),
    DH_KEY_TOO_SMALL(
        "error:0A00018A:SSL routines::dh key too small:../ssl/statem/statem_srvr.c:2400:"),
    HANDSHAKE_FAILURE_ALERT(
        "error:0A000410:SSL routines::sslv3 alert handshake failure:../ssl/record/rec_layer_s3.c:1584:"
            + "SSL alert number 40:"),
    PROTOCOL_VERSION_ALERT(
        "error:0A00042E:SSL routines::tlsv1 alert protocol version:../ssl/record/rec_layer_s3.c:1584:"
            + "SSL alert number 70:"),
    INSUFFICIENT_SECURITY_ALERT(
        "error:0A00042F:SSL routines::tlsv1 alert insufficient security:"
            + "../ssl/record/rec_layer_s3.c:1584:SSL alert number 71:"),
    INAPPROPRIATE_FALLBACK(
        "error:0A000175:SSL routines::inappropriate fallback:../ssl/statem/statem_srvr.c:1700:"),
    UNKNOWN_CA(
        "error:0A000418:SSL routines::tlsv1 alert unknown ca:../ssl/record/rec_layer_s3.c:1584:"
            + "SSL alert number 48:"),
    CERTIFICATE_EXPIRED(
        "error:0A000415:SSL routines::sslv3 alert certificate expired:"
            + "../ssl/record/rec_layer_s3.c:1584:SSL alert number 45:"),
    HTTP_REQUEST("error:0A00009C:SSL routines::http request:../ssl/record/ssl3_record.c:345:"),
    WRONG_VERSION_NUMBER(
        "error:0A00010B:SSL routines::wrong version number:../ssl/record/ssl3_record.c:354:"),
    BAD_RECORD_MAC(
        "error:0A000119:SSL routines::decryption failed or bad record mac:"
            + "../ssl/record/ssl3_record.c:622:"),
    NO_CERTIFICATE("error:0A0000B3:SSL routines::no certificate set:../ssl/ssl_lib.c:1790:"),
    STRANGE("error:0A0000F0:SSL routines::something strange:../ssl/strange.c:1:"),
    LOST(""),
    TIMED_OUT("");

    private final String words;

    Failure(String words) {
      this.words = words;
    }

    private String detail() {
      return this == LOST ? "lost connection" : this == TIMED_OUT ? "Connection timed out" : "-1";
    }
  }

  /** A client's first message: TLS 1.0 to 1.2 in the old form, TLS 1.3 with a list of versions. */
  static byte[] hello(int version, int... suites) {
    ByteBuffer body = ByteBuffer.allocate(1_024);
    body.putShort((short) Math.min(version, 0x0303));
    for (int i = 0; i < 32; i++) {
      body.put((byte) (i + 1));
    }
    body.put((byte) 0).putShort((short) (suites.length * 2));
    Arrays.stream(suites).forEach(suite -> body.putShort((short) suite));
    body.put((byte) 1).put((byte) 0);
    if (version > 0x0303) {
      body.putShort((short) (7 + 8))
          .putShort((short) 43)
          .putShort((short) 3)
          .put((byte) 2)
          .putShort((short) version)
          .putShort((short) 10)
          .putShort((short) 4)
          .putShort((short) 2)
          .putShort((short) 29);
    }
    ByteBuffer record = ByteBuffer.allocate(body.position() + 9);
    record.put((byte) 22).putShort((short) 0x0301).putShort((short) (body.position() + 4));
    record.put((byte) 1).put((byte) 0).putShort((short) body.position());
    record.put(body.array(), 0, body.position());
    return record.array();
  }

  private record Line(Instant time, int order, String text) {}

  private final Instant start;
  private final List<Line> lines = new ArrayList<>();
  private final Map<Integer, Integer> pids = new HashMap<>();
  private String service = "smtpd";
  private int sessions;

  Maillog(Instant start) {
    this.start = start;
  }

  /** What follows is said by this service; {@code smtpd} is the public one. */
  Maillog service(String name) {
    service = name;
    return this;
  }

  /** A line of any program of Postfix's. */
  Maillog says(Duration at, String process, String text) {
    add(at, "mx postfix/" + process + "[1]: " + text);
    return this;
  }

  /** A line of any program. */
  Maillog line(Duration at, String text) {
    add(at, "mx " + text);
    return this;
  }

  private void add(Duration at, String text) {
    lines.add(new Line(start.plus(at), lines.size(), text));
  }

  private final class Session {
    private final String tag;
    private final String peer;
    private final Duration at;

    Session(Duration at, String name, String address) {
      this.at = at;
      this.peer = (name.isEmpty() ? "unknown" : name) + "[" + address + "]";
      int pid = 2_000 + sessions++ % 30_000;
      pids.merge(pid, 1, Integer::sum);
      this.tag = "mx postfix/" + service + "[" + pid + "]: ";
    }

    Session say(long seconds, String text) {
      add(at.plusSeconds(seconds), tag + text.replace("PEER", peer));
      return this;
    }
  }

  /** A handshake fails, and the peer leaves. */
  Maillog fails(Duration at, String name, String address, Failure failure) {
    return fails(at, name, address, failure, new byte[0]);
  }

  /** The same, with the dump of level 3 where there are bytes. */
  Maillog fails(Duration at, String name, String address, Failure failure, byte[] hello) {
    Session session = new Session(at, name, address).say(0, "connect from PEER");
    dump(session, hello);
    session.say(0, "SSL_accept error from PEER: " + failure.detail());
    if (!failure.words.isEmpty()) {
      session.say(0, "warning: TLS library problem: " + failure.words);
    }
    session
        .say(0, "lost connection after STARTTLS from PEER")
        .say(0, "disconnect from PEER ehlo=1 starttls=0/1 commands=1/2");
    return this;
  }

  private static void dump(Session session, byte[] hello) {
    if (hello.length == 0) {
      return;
    }
    session.say(0, "setting up TLS connection from PEER");
    rows(session, Arrays.copyOf(hello, 5));
    rows(session, Arrays.copyOfRange(hello, 5, hello.length));
    session.say(0, "write to 55F5C9FAD0C0 [55F5C9FCED20] (7 bytes => 7 (0x7))");
  }

  /** Postfix leaves blanks and zero bytes at the end of a read out. */
  private static void rows(Session session, byte[] read) {
    session.say(
        0,
        String.format(
            Locale.ROOT,
            "read from 55F5C9FAD0C0 [55F5C9FC5B43] (%d bytes => %d (0x%X))",
            read.length,
            read.length,
            read.length));
    int end = read.length;
    while (end > 0 && (read[end - 1] == 0 || read[end - 1] == ' ')) {
      end--;
    }
    for (int row = 0; row < end; row += 16) {
      StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%04x ", row));
      StringBuilder letters = new StringBuilder();
      for (int i = row; i < row + 16; i++) {
        boolean isThere = i < end;
        text.append(isThere ? String.format(Locale.ROOT, "%02x", read[i]) : "  ")
            .append(isThere && i == row + 7 ? '|' : ' ');
        letters.append(isThere ? "." : "");
      }
      session.say(0, text.append(' ').append(letters).toString());
    }
    if (end < read.length) {
      session.say(0, String.format(Locale.ROOT, "%04x - <SPACES/NULLS>", end));
    }
  }

  /** A peer that has the handshake behind it rejects our certificate. */
  Maillog rejectsCertificate(Duration at, String name, String address, Failure failure) {
    new Session(at, name, address)
        .say(0, "connect from PEER")
        .say(0, "warning: TLS library problem: " + failure.words)
        .say(0, "lost connection after STARTTLS from PEER")
        .say(0, "disconnect from PEER ehlo=1 starttls=1 commands=2");
    return this;
  }

  /** A message comes over TLS 1.3. */
  Maillog succeeds(Duration at, String name, String address) {
    return succeeds(at, name, address, "TLSv1.3", "TLS_AES_256_GCM_SHA384");
  }

  Maillog succeeds(Duration at, String name, String address, String protocol, String cipher) {
    negotiates(at, name, address, protocol, cipher, true);
    return this;
  }

  /** A handshake is completed, and no message comes. */
  Maillog looks(Duration at, String name, String address) {
    negotiates(at, name, address, "TLSv1.3", "TLS_AES_256_GCM_SHA384", false);
    return this;
  }

  private void negotiates(
      Duration at, String name, String address, String protocol, String cipher, boolean mails) {
    Session session =
        new Session(at, name, address)
            .say(0, "connect from PEER")
            .say(
                0,
                "Anonymous TLS connection established from PEER: "
                    + protocol
                    + " with cipher "
                    + cipher
                    + " (256/256 bits)");
    if (mails) {
      session.say(1, queueId() + ": client=PEER");
      session.say(
          1, "disconnect from PEER ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7");
    } else {
      session.say(1, "disconnect from PEER ehlo=2 starttls=1 quit=1 commands=4");
    }
  }

  /** A message comes in plaintext. */
  Maillog mails(Duration at, String name, String address) {
    new Session(at, name, address)
        .say(0, "connect from PEER")
        .say(0, queueId() + ": client=PEER")
        .say(1, "disconnect from PEER ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5");
    return this;
  }

  private String queueId() {
    return String.format(Locale.ROOT, "4%08X", sessions);
  }

  /** A peer connects and says nothing. */
  Maillog connects(Duration at, String name, String address) {
    new Session(at, name, address)
        .say(0, "connect from PEER")
        .say(0, "lost connection after CONNECT from PEER")
        .say(0, "disconnect from PEER commands=0/0");
    return this;
  }

  /** All lines, in the order of their times. */
  List<String> lines() {
    return lines.stream()
        .sorted(Comparator.comparing(Line::time).thenComparing(Line::order))
        .map(line -> line.time().truncatedTo(ChronoUnit.SECONDS) + " " + line.text())
        .toList();
  }
}
