package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Lab.CommandResult;
import dev.tlswaiver.lab.Lab.HostState;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** An agent without power, and the privileged process that acts for it within its own limits. */
final class TwoProcessesIT {

  private static String ruleset(Lab lab) {
    return lab.onHost("nft", "list", "ruleset");
  }

  /** What somebody says to the hand who has taken the agent over. */
  private static CommandResult say(Lab lab, String... lines) throws IOException {
    List<String> command = new ArrayList<>(RunningTlswaiver.java("dev.tlswaiver.hand.TakenOver"));
    command.add(lab.handSocket().toString());
    command.addAll(List.of(lines));
    return lab.asAgent(command);
  }

  private static String apply(String grants) {
    return "{\"version\": 1, \"ask\": \"apply\", \"ended\": [], \"desired\": [" + grants + "]}";
  }

  private static String grant(int waiver, String rung, Duration length, String... networks) {
    return "{\"waiver\": %d, \"rung\": \"%s\", \"until\": \"%s\", \"networks\": [%s]}"
        .formatted(
            waiver,
            rung,
            Instant.now().plus(length),
            List.of(networks).stream()
                .map(network -> '"' + network + '"')
                .collect(Collectors.joining(",")));
  }

  @Test
  void anAgentWithoutPowerGetsAnOldSenderItsMail() throws Exception {
    try (Lab lab = Lab.up().apart()) {
      HostState before = lab.hostState();
      Path configuration = lab.configure();
      RunningTlswaiver agent = lab.run(configuration).awaitStart();
      assertThat(lab.outputOnHost("nft", "list", "tables")).doesNotContain("tlswaiver");

      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("waiver 1 PROPOSED -> ACTIVE .* rung=legacy");
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
      agent.await("waiver 1 ACTIVE -> PROVEN");
      assertThat(lab.send(Lab.UNLISTED, "tls1")).isEmpty();
      assertThat(lab.tlswaiver(configuration, "plan").exit()).isZero();
      assertThat(Files.getOwner(lab.state().resolve("ledger.db")).getName()).isEqualTo(Lab.USER);
      assertThat(lab.state().resolve("tls")).doesNotExist();
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(lab.handState().resolve("tls/relaxed.pem"))))
          .isEqualTo("rw-------");

      assertThat(lab.tlswaiver(configuration, "revoke", "1").output())
          .contains("PROVEN -> REVOKED");
      assertThat(lab.hostState()).isEqualTo(before);
    }
  }

  @Test
  void aWaiverStandsWhoeverOfTheTwoIsKilled() throws Exception {
    try (Lab lab = Lab.up().apart()) {
      Path configuration = lab.configure();
      RunningTlswaiver agent = lab.run(configuration).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("waiver 1 PROPOSED -> ACTIVE");

      agent.kill();
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
      lab.hand().kill();
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();

      // The agent alone: what it can't have done it says, and it is done when somebody is there.
      RunningTlswaiver second = lab.run(configuration).awaitStart();
      second.await("waiver 1 ACTIVE -> PROVEN");
      lab.hand().kill();
      lab.failThreeTimes(Lab.STATIC_RSA, "tls1_2-rsa");
      second.await("can't be asked .*tlswaiver-hand");
      lab.runHand();
      second.await("waiver 2 PROPOSED -> ACTIVE");
      assertThat(lab.send(Lab.STATIC_RSA, "tls1_2-rsa")).isPresent();
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
    }
  }

  @Test
  void aHandThatIsKilledInAPlanLeavesTheHostWholeAndGoesOn() throws Exception {
    try (Lab lab = Lab.up().apart()) {
      Path configuration = lab.configure();
      Path reached = lab.state().resolveSibling("reached");
      lab.disguise(
          "postfix",
          """
          case "$*" in *reload*)
            if [ ! -e %1$s ]; then touch %1$s; exec sleep 300; fi ;;
          esac
          exec "$REAL" "$@"
          """
              .formatted(reached));
      RunningTlswaiver agent = lab.run(configuration).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      Lab.await("the reload", () -> Files.exists(reached));
      lab.hand().kill();
      agent.await("can't be asked");
      lab.runHand();
      lab.hand().await("recovered: a plan was interrupted");
      agent.await("waiver 1 PROPOSED -> ACTIVE");
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
    }
  }

  @Test
  void anAgentThatLostItsLedgerEmptiesNothing() throws Exception {
    try (Lab lab = Lab.up().apart()) {
      Path configuration = lab.configure();
      RunningTlswaiver agent = lab.run(configuration).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("waiver 1 PROPOSED -> ACTIVE");
      agent.stop();
      for (String file : List.of("ledger.db", "ledger.db-wal", "ledger.db-shm")) {
        Files.deleteIfExists(lab.state().resolve(file));
      }
      lab.run(configuration).awaitStart();
      lab.hand().await("1 waivers in force are unknown to the agent");
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
    }
  }

  /** Section "trust" of docs/security.md: the thinker, taken over. */
  @Test
  void anAgentThatIsTakenOverGetsTheLimitsAndNoMore() throws Exception {
    try (Lab lab = Lab.up().apart()) {
      Path configuration =
          lab.configure(
              "guards: {most_waivers: 3, most_addresses: 4, never: [198.51.100.66]}",
              "waiver: {lasts: 1d, longest: 2d, prove_within: 1h}");
      RunningTlswaiver agent = lab.run(configuration).awaitStart();
      HostState before = lab.hostState();
      Lab.await("the first state", () -> lab.hand().isAlive());
      agent.kill();
      Duration day = Duration.ofDays(1);

      String answer =
          say(
                  lab,
                  apply(
                      String.join(
                          ",",
                          grant(1, "legacy", day, "198.51.100.0/24"),
                          grant(2, "legacy", day, "0.0.0.0/0"),
                          grant(3, "sslv3", day, "198.51.100.10"),
                          grant(4, "plaintext", day, "198.51.100.10"),
                          grant(5, "legacy", Duration.ofDays(3), "198.51.100.10"),
                          grant(6, "legacy", day, "198.51.100.66"),
                          grant(7, "legacy", day, "10.0.0.1"),
                          grant(
                              8,
                              "legacy",
                              day,
                              IntStream.range(0, 5)
                                  .mapToObj(i -> "203.0.113." + 2 * i)
                                  .toArray(String[]::new)))))
              .output();
      for (int waiver = 1; waiver <= 8; waiver++) {
        assertThat(answer).contains("\"" + waiver + "\":");
      }
      assertThat(lab.hostState()).isEqualTo(before);

      String root =
          say(
                  lab,
                  "{\"version\":1,\"ask\":\"permit\",\"network\":\"198.51.100.0/24\",\"until\":\"2099-01-01T00:00:00Z\"}",
                  "{\"version\":1,\"ask\":\"forbid\",\"network\":\"198.51.100.0/24\"}",
                  "{\"version\":1,\"ask\":\"reset\"}")
              .output();
      assertThat(root.lines()).hasSize(3).allMatch(line -> line.contains("denied"));

      say(lab, "x".repeat(100_000), "[".repeat(100_000), "{\"version\":1,\"ask\":\"sh\"}", "");
      assertThat(lab.hand().isAlive()).isTrue();

      String most =
          IntStream.range(1, 9)
              .mapToObj(i -> grant(i, "legacy", day, "203.0.113." + i))
              .collect(Collectors.joining(","));
      String granted = say(lab, apply(most)).output();
      assertThat(granted).contains("guards.most_waivers");
      assertThat(ruleset(lab)).contains("203.0.113.1", "203.0.113.2", "203.0.113.3");
      assertThat(ruleset(lab)).doesNotContain("203.0.113.4");

      CommandResult reset = lab.tlswaiver(configuration, "reset");
      assertThat(reset.output()).contains("203.0.113.1");
      assertThat(lab.hostState()).isEqualTo(before);
    }
  }

  @Test
  void aNetworkIsForRootToGrant() throws Exception {
    try (Lab lab = Lab.up().apart()) {
      Path configuration = lab.configure();
      lab.run(configuration).awaitStart();
      List<String> command = new ArrayList<>(RunningTlswaiver.java());
      command.addAll(
          List.of(
              "grant",
              "--config",
              configuration.toString(),
              "--rung",
              "legacy",
              "--force",
              "198.51.100.0/24"));
      CommandResult ofUser = lab.asAgent(command);
      assertThat(ofUser.exit()).isEqualTo(1);
      assertThat(ofUser.output()).contains("limits").contains("root may grant");
      assertThat(lab.outputOnHost("nft", "list", "ruleset")).doesNotContain("198.51.100.0/24");

      CommandResult ofRoot =
          lab.tlswaiver(configuration, "grant", "--rung", "legacy", "--force", "198.51.100.0/24");
      assertThat(ofRoot.output()).contains("-> ACTIVE");
      assertThat(ruleset(lab)).contains("198.51.100.0/24");
      assertThat(lab.tlswaiver(configuration, "revoke", "2").exit()).isZero();
      assertThat(lab.outputOnHost("nft", "list", "ruleset")).doesNotContain("198.51.100.0/24");
      assertThat(lab.asAgent(command).exit()).isEqualTo(1);
    }
  }

  @Test
  void whateverIsSaidToTheHandItGoesOn() throws Exception {
    try (Lab lab = Lab.up().apart()) {
      Path configuration = lab.configure("ladder: [{rung: diagnose, enabled: true}]");
      RunningTlswaiver agent = lab.run(configuration).awaitStart();
      HostState before = lab.hostState();
      agent.kill();
      Duration day = Duration.ofDays(1);
      for (String grants :
          List.of(
              grant(-1, "legacy", day, "203.0.113.1") + "," + grant(5, "legacy", day),
              grant(1, "legacy", day, "203.0.113.1", "203.0.113.1"),
              grant(1, "legacy", day, "203.0.113.1")
                  + ","
                  + grant(2, "diagnose", day, "203.0.113.1"),
              grant(1, "legacy", day, "203.0.113.1")
                  + ","
                  + grant(2, "legacy", day, "203.0.113.0/31"),
              grant(1, "legacy", Duration.ofSeconds(1), "203.0.113.1"),
              grant(1, "legacy", Duration.ofDays(-400_000), "203.0.113.1"),
              grant(1, "legacy", day, "::", "203.0.113.1"))) {
        String answer = say(lab, apply(grants)).output();
        assertThat(answer).as(grants).contains("\"say\":\"planned\"");
        say(lab, apply(""), apply(grant(9, "legacy", day, "203.0.113.9")));
        assertThat(ruleset(lab)).as(grants).contains("203.0.113.9");
      }
      assertThat(lab.tlswaiver(configuration, "reset").exit()).isZero();
      assertThat(lab.hostState()).isEqualTo(before);
    }
  }

  /** What the agent's user leaves in its directory is read with the agent's rights. */
  @Test
  void whatATakenOverAgentLeavesBehindDoesNotHurtRoot() throws Exception {
    try (Lab lab = Lab.up().apart()) {
      HostState before = lab.hostState();
      Path configuration = lab.configure();
      RunningTlswaiver agent = lab.run(configuration).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("waiver 1 PROPOSED -> ACTIVE");
      agent.kill();
      assertThat(lab.tlswaiver(configuration, "list").output()).contains("ACTIVE");
      assertThat(lab.tlswaiver(configuration, "pause").exit()).isZero();
      try (Stream<Path> files = Files.list(lab.state())) {
        assertThat(files)
            .allSatisfy(file -> assertThat(Files.getOwner(file).getName()).isEqualTo(Lab.USER));
      }

      Path precious = Files.writeString(lab.state().resolveSibling("precious"), "root's own");
      Files.setPosixFilePermissions(precious, PosixFilePermissions.fromString("rw-------"));
      Files.delete(lab.state().resolve("agent.lock"));
      Files.createSymbolicLink(lab.state().resolve("agent.lock"), precious);
      for (String command : List.of("pause", "sweep", "reset")) {
        assertThat(lab.tlswaiver(configuration, command).exit()).as(command).isEqualTo(1);
      }
      assertThat(precious).hasContent("root's own");

      Files.delete(lab.state().resolve("agent.lock"));
      Files.delete(lab.state().resolve("ledger.db"));
      Files.createDirectory(lab.state().resolve("ledger.db"));
      assertThat(lab.tlswaiver(configuration, "reset").exit()).isEqualTo(1);
      assertThat(lab.hostState()).isEqualTo(before);
    }
  }
}
