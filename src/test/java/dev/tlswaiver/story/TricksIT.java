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
        print $s $line =~ s/%(..)/chr hex $1/ger, "\\r\\n";
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

  /** Of a network that the operator named all are sent to the listeners, strangers too. */
  @Test
  void whoIsSentAlongNeitherAnswersForAnotherNorEndsItsWaiver() throws Exception {
    try (Lab lab = Lab.up()) {
      String stranger = "198.18.5.7";
      lab.addHost(stranger, "vm7.stranger.example");
      RunningTlswaiver agent =
          lab.run(
                  lab.configure(
                      Lab.ASKING,
                      NO_PROBES,
                      "pools: [{domain: static-rsa.example, networks: [198.18.5.0/24]}]"))
              .awaitStart();
      lab.failThreeTimes(Lab.STATIC_RSA, "tls1_2-rsa");
      agent.await("waiver 1 PROPOSED -> DIAGNOSING .*198.18.5.0/24");

      // What it offers asks for a rung above the one that the other needs.
      assertThat(comes(lab, stranger, "-tls1 -cipher ALL:@SECLEVEL=0")).isFalse();
      assertThat(lab.send(Lab.STATIC_RSA, "tls1_2-rsa")).isEmpty();
      agent.await("waiver 1 DIAGNOSING -> ACTIVE .*rung=ciphers");
      Lab.await("in order", lab::isInOrder);

      assertThat(comes(lab, stranger, "-tls1 -cipher ALL:@SECLEVEL=0")).isFalse();
      assertThat(comes(lab, stranger, "-tls1_3")).isTrue();
      assertThat(log(lab))
          .containsPattern("-diagnose/smtpd.*: SSL_accept error from vm7.stranger.example")
          .containsPattern("-ciphers/smtpd.*: SSL_accept error from vm7.stranger.example")
          .containsPattern("-ciphers/smtpd.* connection established from vm7.stranger.example");
      assertThat(lab.send(Lab.STATIC_RSA, "tls1_2-rsa")).isPresent();
      agent.await("waiver 1 ACTIVE -> PROVEN .*rung=ciphers");
      assertThat(agent.output()).doesNotContain("rung=legacy", "INEFFECTIVE", "EXPIRED");
    }
  }

  private static boolean comes(Lab lab, String address, String terms) {
    return lab.onSenders(
                List.of(
                    "sh",
                    "-c",
                    "echo QUIT | timeout 20 openssl s_client -starttls smtp -connect 192.0.2.25:25"
                        + " -bind "
                        + address
                        + ":0 "
                        + terms))
            .exit()
        == 0;
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
