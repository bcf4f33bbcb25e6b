package dev.tlswaiver.benchmark;

import dev.tlswaiver.handshake.Sessions;
import dev.tlswaiver.maillog.SmtpdRecord;
import dev.tlswaiver.maillog.SyslogParser;
import dev.tlswaiver.scan.BlockScan;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** What a line costs on its way: header, sentence, join; and what it costs to drop one. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ParserBenchmark {
  private static final Instant WRITTEN = Instant.parse("2026-12-01T00:00:00Z");
  private static final int LINES = 8;

  private final List<String> lines =
      List.of(
          "Nov  5 12:43:48 mx postfix/smtpd[963]: connect from mail.example.org[192.0.2.1]",
          "Nov  5 12:43:48 mx postfix/smtpd[963]: SSL_accept error from mail.example.org[192.0.2.1]: -1",
          "Nov  5 12:43:48 mx postfix/smtpd[963]: warning: TLS library problem: error:0A000102:SSL"
              + " routines::unsupported protocol:../ssl/statem/statem_srvr.c:1664:",
          "Nov  5 12:43:48 mx postfix/smtpd[963]: lost connection after STARTTLS from"
              + " mail.example.org[192.0.2.1]",
          "Nov  5 12:43:48 mx postfix/smtpd[963]: disconnect from mail.example.org[192.0.2.1] ehlo=1"
              + " starttls=0/1 commands=1/2",
          "Nov  5 12:43:48 mx postfix/qmgr[12]: 4F6D0629C: removed",
          "Nov  5 12:43:48 mx dovecot: imap-login: Login: user=<a>, method=PLAIN, rip=192.0.2.9, TLS",
          "Nov  5 12:43:48 mx postfix/cleanup[77]: 4F6D0629C: message-id=<a@example.org>");

  private static final int SENTENCES = 8;

  /** Sentences with what clients say in them, which are most of a busy log. */
  private final List<String> sentences =
      List.of(
          "connect from mail.example.org[192.0.2.1]",
          "NOQUEUE: reject: RCPT from mail.example.org[192.0.2.1]: 554 5.7.1 <a@b.example>: Relay"
              + " access denied; from=<c@d.example> to=<a@b.example> proto=ESMTP helo=<x.example>",
          "4F6D0629C: client=mail.example.org[192.0.2.1]",
          "warning: non-SMTP command from unknown[192.0.2.1]: GET / HTTP/1.1",
          "warning: hostname x.example does not resolve to address 192.0.2.1",
          "improper command pipelining after EHLO from unknown[192.0.2.1]: QUIT\\r\\n",
          "0010  16 03 01 00 93 01 00 00 8f 03 03 01 02 03 04 05  ................",
          "disconnect from mail.example.org[192.0.2.1] ehlo=1 mail=1 rcpt=0/1 commands=2/3");

  private final byte[] block =
      (String.join("\n", lines) + "\n").repeat(1_000).getBytes(StandardCharsets.US_ASCII);
  private final SyslogParser parser = new SyslogParser(ZoneOffset.UTC);
  private final Sessions sessions = new Sessions();
  private final BlockScan scan = new BlockScan();

  /** As the agent reads what it follows. */
  @Benchmark
  @OperationsPerInvocation(LINES)
  public void readAndJoin(Blackhole hole) {
    for (String line : lines) {
      parser.parse(line, WRITTEN).ifPresent(message -> hole.consume(sessions.accept(message)));
    }
  }

  @Benchmark
  @OperationsPerInvocation(LINES)
  public void header(Blackhole hole) {
    for (String line : lines) {
      hole.consume(parser.parse(line, WRITTEN));
    }
  }

  @Benchmark
  public SmtpdRecord sentence() {
    return SmtpdRecord.parse("SSL_accept error from mail.example.org[192.0.2.1]: -1");
  }

  @Benchmark
  @OperationsPerInvocation(SENTENCES)
  public void sentences(Blackhole hole) {
    for (String text : sentences) {
      hole.consume(SmtpdRecord.parse(text));
    }
  }

  /** As {@code report} looks at lines before it reads any. */
  @Benchmark
  @OperationsPerInvocation(LINES * 1_000)
  public int sieve() {
    return scan.scan(block, block.length).size();
  }
}
