package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Lab.HostState;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What the operator does by hand, on a real host. */
final class CommandsIT {
  @Test
  void aGrantHelpsAtOnceAndTheStoryTellsIt() throws Exception {
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      Path configuration = lab.configure("ladder: [{rung: diagnose, enabled: true, port: 10124}]");
      RunningTlswaiver agent = lab.run(configuration).awaitStart();
      assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
      Lab.await(
          "the failure in the ledger",
          () -> show(lab, configuration, "198.51.100.10").contains("1 failure"));

      Lab.CommandResult granted =
          lab.tlswaiver(
              configuration, "grant", "oldbank.example", "--rung", "legacy", "--reason", "phone");
      assertThat(granted.output()).contains("PROPOSED -> ACTIVE").contains("198.51.100.10/32");
      assertThat(granted.exit()).isZero();
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
      agent.await("waiver 1 ACTIVE -> PROVEN");

      assertThat(lab.tlswaiver(configuration, "show", "1").output())
          .contains(
              "oldbank.example: PROVEN (waiver 1)", "granted by the operator: phone", "TLSv1");
      assertThat(lab.tlswaiver(configuration, "show", "1", "--letter").output())
          .contains("This exception ends on ");

      assertThat(lab.tlswaiver(configuration, "revoke", "oldbank.example").output())
          .contains("PROVEN -> REVOKED");
      assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
      assertThat(lab.hostState()).isEqualTo(before);
      assertThat(
              lab.tlswaiver(configuration, "grant", "198.51.100.10", "--rung", "diagnose").output())
          .contains("PROPOSED -> DIAGNOSING");
    }
  }

  private static String show(Lab lab, Path configuration, String target) {
    try {
      return lab.tlswaiver(configuration, "show", target).output();
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  @Test
  void aDamagedLedgerChangesNothingUntilTheOperatorSaysSo() throws Exception {
    try (Lab lab = Lab.up()) {
      Path configuration = lab.configure();
      Files.createDirectories(lab.state());
      Files.writeString(lab.state().resolve("ledger.db"), "scribbled over ".repeat(1_000));
      RunningTlswaiver agent = lab.run(configuration).awaitStart();
      agent.await("error: safe mode: the ledger was damaged .*/ledger.damaged-\\S+\\.db");
      assertThat(lab.get("/metrics")).contains("tlswaiver_mode{mode=\"observe\"} 1.0");
      assertThat(lab.tlswaiver(configuration, "grant", "192.0.2.1", "--rung", "legacy").output())
          .contains("until tlswaiver resume");
      assertThat(lab.tlswaiver(configuration, "resume").output())
          .contains("the safe mode has ended");
      agent.await("start version=\\S+ mode=enforce");
      Lab.await(
          "the mode", () -> lab.get("/metrics").contains("tlswaiver_mode{mode=\"enforce\"} 1.0"));
    }
  }

  @Test
  void twoAgentsWithLedgersOfTheirOwnDoNotFightOverOnePostfix() throws Exception {
    try (Lab lab = Lab.up()) {
      Path configuration = lab.configure();
      RunningTlswaiver agent = lab.run(configuration).awaitStart();
      Path other = lab.programs().resolve("other.yaml");
      Files.writeString(
          other,
          Files.readString(configuration)
                  .replace(lab.state().toString(), lab.state() + "-other")
                  .replace("control.sock", "other.sock")
              + "status: {listen: '127.0.0.1:9720'}\n");
      String keeps = "another tlswaiver, with another state_directory than .*-other, keeps ";
      lab.run(other).await(keeps + lab.postfix());
      assertThat(lab.tlswaiver(other, "reset").output()).containsPattern(keeps);
      // Whoever only watches is welcome.
      Files.writeString(other, Files.readString(other).replace("mode: enforce", "mode: observe"));
      lab.run(other).awaitStart().kill();
      agent.kill();
      assertThat(lab.tlswaiver(configuration, "reset").exit()).isZero();
    }
  }
}
