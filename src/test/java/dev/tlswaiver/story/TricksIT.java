package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What somebody tries who has read the source, on a real Postfix: DESIGN 14. */
final class TricksIT {
  private static final String NO_PROBES = "guards: {probe_score: 101}";

  /**
   * Says these lines, with bytes spelled {@code %9b}, and then begins a handshake of TLS 1.0 with
   * one suite.
   */
  private static final String TYPE_THEN_FAIL =
      """
      use strict; use IO::Socket::INET;
      my $from = shift;
      my $s = IO::Socket::INET->new(
        PeerAddr => '192.0.2.25:25', LocalAddr => $from, Timeout => 10) or exit 1;
      sub answer { while (<$s>) { return if /^\\d{3} /; } }
      alarm 30;
      answer();
      for my $line (@ARGV, 'STARTTLS') {
        $line =~ s/%(..)/chr hex $1/ge;
        print $s "$line\\r\\n";
        answer();
      }
      print $s pack('H*', '160301002d' . '01000029' . '0301' . '11' x 32 . '00' . '0002002f' . '0100');
      1 while <$s>;
      """;

  private static void typeThenFail(Lab lab, String address, String... lines) {
    List<String> command = new ArrayList<>(List.of("perl", "-e", TYPE_THEN_FAIL, address));
    command.addAll(List.of(lines));
    assertThat(lab.onSenders(command).exit()).isZero();
  }

  private static String list(Lab lab) throws IOException {
    return lab.tlswaiver(lab.configuration(), "list", "--all").output();
  }

  /** Proxies and filters may say for whom they speak; a stranger only seems to. */
  @Test
  void whoSaysThatItSpeaksForAnotherFailsForItselfAlone() throws Exception {
    try (Lab lab = Lab.up()) {
      RunningTlswaiver agent = lab.run(lab.configure(NO_PROBES)).awaitStart();
      for (int i = 0; i < 3; i++) {
        typeThenFail(
            lab,
            Lab.NAMELESS,
            "PROXY TCP4 198.51.100.10 192.0.2.25 4242 25",
            "EHLO mta1.oldbank.example",
            "XCLIENT NAME=mta1.oldbank.example ADDR=198.51.100.10 PORT=4242",
            "XFORWARD NAME=mta1.oldbank.example ADDR=198.51.100.10",
            "EHLO mta1.oldbank.example[198.51.100.10]");
      }
      agent.await("PROPOSED -> ACTIVE pool=" + Lab.NAMELESS);
      assertThat(list(lab)).contains(Lab.NAMELESS).doesNotContain("oldbank", "198.51.100.10");
      assertThat(agent.output()).doesNotContain("oldbank");
    }
  }

  /** The ports of the listeners are open where no packet filter is before them. */
  @Test
  void whoComesToARelaxedListenerByItselfNeitherAnswersForAnotherNorEndsItsWaiver()
      throws Exception {
    try (Lab lab = Lab.up()) {
      // Of the same domain, as another customer's machine may be.
      String mate = "198.18.5.7";
      lab.addHost(mate, "vm7.static-rsa.example");
      RunningTlswaiver agent = lab.run(lab.configure(Lab.ASKING, NO_PROBES)).awaitStart();
      lab.failThreeTimes(Lab.STATIC_RSA, "tls1_2-rsa");
      agent.await("waiver 1 PROPOSED -> DIAGNOSING");
      Lab.await("the listener", () -> lab.canConnect(Lab.STATIC_RSA, 10124));

      // What it offers would ask for a rung above the one that the other needs.
      visit(lab, mate, 10124, "-tls1 -cipher ALL:@SECLEVEL=0");
      assertThat(lab.send(Lab.STATIC_RSA, "tls1_2-rsa")).isEmpty();
      agent.await("waiver 1 DIAGNOSING -> ACTIVE .*rung=ciphers");
      assertThat(agent.output()).doesNotContain("rung=legacy");

      Lab.await("the listener", () -> lab.canConnect(Lab.STATIC_RSA, Lab.CIPHERS));
      for (String terms : List.of("-tls1 -cipher ALL:@SECLEVEL=0", "-tls1_3", "-tls1_3")) {
        visit(lab, mate, Lab.CIPHERS, terms);
      }
      assertThat(Files.readString(lab.maillog()))
          .contains("tlswaiver-ciphers/smtpd")
          .contains("SSL_accept error from vm7.static-rsa.example[" + mate + "]")
          .contains("TLS connection established from vm7.static-rsa.example[" + mate + "]");
      // Nor does it deliver there.
      assertThat(lab.sendFrom(mate, "vm7.static-rsa.example", "--port", "" + Lab.CIPHERS, "--tls"))
          .isFalse();
      assertThat(lab.send(Lab.STATIC_RSA, "tls1_2-rsa")).isPresent();
      agent.await("waiver 1 ACTIVE -> PROVEN .*networks=198.51.100.20/32 .*rung=ciphers");
      assertThat(list(lab)).doesNotContain(mate);
    }
  }

  private static void visit(Lab lab, String address, int port, String terms) {
    lab.onSenders(
        List.of(
            "sh",
            "-c",
            "echo QUIT | timeout 20 openssl s_client -starttls smtp -connect 192.0.2.25:"
                + port
                + " -bind "
                + address
                + ":0 "
                + terms));
  }

  /** Where clients may say UTF-8, Postfix writes the controls that UTF-8 has into its log. */
  @Test
  void whatIsSaidInUtf8MovesNoTerminal() throws Exception {
    try (Lab lab = Lab.up()) {
      typeThenFail(
          lab,
          Lab.NAMELESS,
          "EHLO a.example",
          "MAIL FROM:<%c2%9b2J%e2%80%aegnp.exe@a.example> SMTPUTF8",
          "RCPT TO:<somebody@elsewhere.example>");
      Lab.await("its lines", () -> log(lab).contains("disconnect from unknown[" + Lab.NAMELESS));
      assertThat(log(lab)).as("what Postfix lets through").contains("\u009b2J");
      for (String command : List.of("explain", "report")) {
        assertThat(lab.tlswaiver(lab.configure(), command, lab.maillog().toString()).output())
            .as(command)
            .contains(Lab.NAMELESS)
            // Commands are read as ISO 8859-1 here: the bytes of what must not be there.
            .doesNotContain("\u00c2\u009b", "\u00e2\u0080\u00ae");
      }
    }
  }

  private static String log(Lab lab) {
    try {
      return Files.readString(lab.maillog());
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }
}
