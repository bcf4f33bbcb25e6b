package dev.tlswaiver.actuator.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Lab.HostState;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Public services that are not just called smtp, on a real Postfix. */
final class PublicServiceIT {
  private static final String SECOND = "192.0.2.26";

  /** Writes these lines for the public service's, and starts Postfix anew. */
  private static void serve(Lab lab, String interfaces, String lines) throws IOException {
    Path master = lab.postfix().resolve("master.cf");
    String text = Files.readString(master, StandardCharsets.ISO_8859_1);
    lab.onHost("ip", "address", "add", SECOND + "/24", "dev", "wire");
    lab.onHost("postconf", "-c", lab.postfix().toString(), "-e", "inet_interfaces=" + interfaces);
    Files.writeString(
        master, text.replaceFirst("(?m)^smtp +inet .*\n", lines), StandardCharsets.ISO_8859_1);
    lab.stopPostfix();
    lab.startPostfix();
  }

  private static boolean isAccepted(Lab lab, String server) {
    return lab.onSenders(
                List.of(
                    "swaks",
                    "--server",
                    server,
                    "--local-interface",
                    "198.51.100.10",
                    "--helo",
                    "mta1.oldbank.example",
                    "--from",
                    "a@oldbank.example",
                    "--to",
                    "postmaster@strict.example",
                    "--tls",
                    "--tls-protocol",
                    "tlsv1",
                    "--tls-cipher",
                    "ALL:@SECLEVEL=0"))
            .exit()
        == 0;
  }

  private static void assertWaived(Lab lab, String... servers) throws Exception {
    HostState before = lab.hostState();
    RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
    for (String server : servers) {
      assertThat(isAccepted(lab, server)).as("before, by " + server).isFalse();
    }
    lab.tlswaiver(lab.configuration(), "grant", "198.51.100.10", "--rung", "legacy");
    for (String server : servers) {
      assertThat(isAccepted(lab, server)).as("by " + server).isTrue();
    }
    agent.await("ACTIVE -> PROVEN");
    assertThat(lab.canConnect(Lab.OLD, Lab.LEGACY)).isFalse();
    assertThat(lab.isInOrder()).isTrue();
    lab.tlswaiver(lab.configuration(), "revoke", "198.51.100.10");
    assertThat(lab.hostState()).isEqualTo(before);
    agent.stop();
  }

  @Test
  void aServiceOnOneOfSeveralAddressesIsFoundByTheRedirect() throws Exception {
    try (Lab lab = Lab.up()) {
      serve(lab, SECOND, SECOND + ":smtp inet n - n - - smtpd\n");
      // The redirect leads to the interface's first address, which Postfix does not listen on.
      assertThat(lab.canConnect(Lab.OLD, 25)).isFalse();
      assertWaived(lab, SECOND);
    }
  }

  @Test
  void servicesOnTwoAddressesAreOne() throws Exception {
    try (Lab lab = Lab.up()) {
      serve(
          lab,
          "all",
          "192.0.2.25:smtp inet n - n - - smtpd\n"
              + SECOND
              + ":25 inet n - n - - smtpd\n  -o syslog_name=postfix/two\n"
              + "127.0.0.1:smtp inet n - n - - smtpd\n  -o smtpd_tls_security_level=none\n");
      assertWaived(lab, "192.0.2.25", SECOND);
    }
  }

  @Test
  void anotherServerOnAnotherAddressKeepsItsPeers() throws Exception {
    try (Lab lab = Lab.up()) {
      serve(lab, SECOND, SECOND + ":smtp inet n - n - - smtpd\n");
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      HostState before = lab.hostState();
      String other =
          lab.onHost(
                  "sh",
                  "-c",
                  "perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Listen => 5,"
                      + " LocalAddr => q(192.0.2.25:25)) or die; sleep 600'"
                      + " </dev/null >/dev/null 2>&1 & echo $!")
              .strip();
      try {
        Lab.await("another server", () -> lab.canConnect(Lab.OLD, 25));
        Lab.CommandResult granted =
            lab.tlswaiver(lab.configuration(), "grant", "198.51.100.10", "--rung", "legacy");
        agent.await("-> FAILED .*another mail server answers on port 25 of 192.0.2.25");
        assertThat(granted.exit()).isEqualTo(1);
        assertThat(lab.tlswaiver(lab.configuration(), "doctor").output())
            .contains("problem: port-shared", "port 25 of 192.0.2.25.");
        assertThat(lab.hostState()).isEqualTo(before);
      } finally {
        lab.onHost("kill", other);
      }
      Lab.await("that it is gone", () -> !lab.canConnect(Lab.OLD, 25));
      assertThat(lab.tlswaiver(lab.configuration(), "doctor").output())
          .doesNotContain("port-shared");
      lab.tlswaiver(lab.configuration(), "grant", "198.51.100.10", "--rung", "legacy");
      agent.await("-> ACTIVE");
      agent.stop();
    }
  }

  @Test
  void behindPostscreenTheListenerIsThePassService() throws Exception {
    try (Lab lab = Lab.up()) {
      serve(
          lab,
          "all",
          """
          smtp inet n - n - 1 postscreen
            -o postscreen_greet_wait=1s
          smtpd pass - - n - - smtpd
          dnsblog unix - - n - 0 dnsblog
          tlsproxy unix - - n - 0 tlsproxy
          """);
      assertWaived(lab, "192.0.2.25");
    }
  }

  @Test
  void aServiceBehindAProxyIsRefusedWithTheReason() throws Exception {
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      lab.onHost(
          "postconf",
          "-c",
          lab.postfix().toString(),
          "-e",
          "smtpd_upstream_proxy_protocol=haproxy");
      RunningTlswaiver agent = lab.run(lab.configure());
      assertThat(agent.awaitExit()).isEqualTo(1);
      assertThat(agent.output())
          .contains("come through a proxy (smtpd_upstream_proxy_protocol = haproxy)")
          .contains("mode: observe");
      assertThat(lab.hostState()).isEqualTo(before);
    }
  }

  @Test
  void anEditBetweenOurMarkersKeepsNobodyFromTakingTheWaiverBack() throws Exception {
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("PROPOSED -> ACTIVE");
      Path master = lab.postfix().resolve("master.cf");
      String edited =
          Files.readString(master, StandardCharsets.ISO_8859_1)
              .replace("smtpd_tls_loglevel=3", "smtpd_tls_loglevel=1");
      Files.writeString(master, edited, StandardCharsets.ISO_8859_1);
      lab.tlswaiver(lab.configuration(), "revoke", "oldbank.example");
      assertThat(lab.hostState()).isEqualTo(before);
      assertThat(lab.isPostfixRunning()).isTrue();
      agent.stop();
    }
  }
}
