package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Lab.HostState;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Other rules of the packet filter, and other hands on what is ours. */
final class NeighboursIT {

  private static void nft(Lab lab, String rules) throws IOException {
    Path file = Files.createTempFile("rules", ".nft");
    try {
      Files.writeString(file, rules);
      lab.onHost("nft", "-f", file.toString());
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void nobodyIsSentToAListenerThatTheFirewallCloses() throws Exception {
    try (Lab lab = Lab.up()) {
      nft(
          lab,
          """
          table inet mine {
            chain input {
              type filter hook input priority filter; policy drop;
              iifname lo accept
              ct state established,related accept
              meta l4proto { icmp, ipv6-icmp } accept
              tcp dport 25 accept
            }
          }
          """);
      HostState before = lab.hostState();
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("REFUSED .*guard=reachable .*ct original proto-dst 25 accept");
      assertThat(lab.hostState()).isEqualTo(before);
      assertThat(lab.send(Lab.MODERN, "modern")).isPresent();
    }
  }

  @Test
  void whoeverIsBannedLosesTheWaiverAndGetsNoneAgain() throws Exception {
    try (Lab lab = Lab.up()) {
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("PROPOSED -> ACTIVE");
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
      agent.await("ACTIVE -> PROVEN");
      nft(
          lab,
          """
          table inet f2b-table {
            set addr-set-postfix {
              type ipv4_addr
              elements = { 198.51.100.10 }
            }
            chain f2b-chain {
              type filter hook input priority filter - 1; policy accept;
              tcp dport { 25, 465, 587 } ip saddr @addr-set-postfix reject
            }
          }
          """);
      agent.signal("HUP");
      agent.await("PROVEN -> EXPIRED .*198.51.100.10/32 is banned by the firewall");
      Lab.await(
          "the end of the redirect",
          () -> !lab.onHost("nft", "list", "ruleset").contains("table inet tlswaiver"));
      assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
    }
  }

  /** What somebody took away or changed is put right when the agent looks again. */
  private static void assertHealed(Lab lab, RunningTlswaiver agent, String component) {
    agent.signal("HUP");
    Lab.await("the mending of " + component, lab::isInOrder);
    assertThat(lab.send(Lab.OLD, "tls1")).as(component).isPresent();
  }

  @Test
  void whatOthersDamageIsPutRight() throws Exception {
    // Each part of the host that is ours, DESIGN 8.
    try (Lab lab = Lab.up()) {
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("PROPOSED -> ACTIVE");
      HostState whole = lab.hostState();
      Path master = lab.postfix().resolve("master.cf");

      Files.delete(lab.postfix().resolve("tlswaiver-legacy.db"));
      assertHealed(lab, agent, "the lookup table");

      Files.writeString(lab.postfix().resolve("tlswaiver-legacy"), "# emptied\n");
      assertHealed(lab, agent, "its source");

      String text = Files.readString(master, StandardCharsets.ISO_8859_1);
      Files.writeString(
          master,
          text.replace("smtpd_tls_loglevel=3", "smtpd_tls_loglevel=0"),
          StandardCharsets.ISO_8859_1);
      assertHealed(lab, agent, "our lines");

      lab.onHost("nft", "delete", "table", "inet", "tlswaiver");
      assertHealed(lab, agent, "the redirect");

      // As an upgrade may leave it: the file is right, and master(8) has not read it.
      Files.writeString(master, withoutOurs(text), StandardCharsets.ISO_8859_1);
      lab.onHost("postfix", "-c", lab.postfix().toString(), "reload");
      Lab.await("the end of the listener", () -> !isListening(lab));
      Files.writeString(master, text, StandardCharsets.ISO_8859_1);
      assertHealed(lab, agent, "the listener");

      assertThat(lab.hostState()).isEqualTo(whole);
    }
  }

  private static boolean isListening(Lab lab) {
    return lab.onHost("cat", "/proc/net/tcp").contains(":%04X ".formatted(Lab.LEGACY));
  }

  private static String withoutOurs(String text) {
    List<String> kept = new ArrayList<>();
    boolean isOurs = false;
    for (String line : text.split("\n")) {
      isOurs |= line.startsWith("# BEGIN tlswaiver");
      if (!isOurs) {
        kept.add(line);
      }
      isOurs &= !line.startsWith("# END tlswaiver");
    }
    return String.join("\n", kept) + "\n";
  }
}
