package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Lab.CommandResult;
import dev.tlswaiver.lab.Lab.HostState;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What becomes of waivers when the agent is dead, on a real host (invariant 9). */
final class SweepIT {
  /** Everything in force is late at once, by a configuration that the dead agent never saw. */
  private static final String LATE = "waiver: {lasts: 7d, longest: 30d, prove_within: 1ms}";

  private static RunningTlswaiver agentWithWaiver(Lab lab) throws IOException {
    Path configuration = lab.configure();
    RunningTlswaiver agent = lab.run(configuration).awaitStart();
    assertThat(
            lab.tlswaiver(configuration, "grant", "198.51.100.10", "--rung", "legacy", "--force")
                .output())
        .contains("PROPOSED -> ACTIVE");
    return agent;
  }

  @Test
  void itEndsWhatIsLateAndLeavesNoTrace() throws Exception {
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      agentWithWaiver(lab).kill();
      CommandResult swept = lab.tlswaiver(lab.configure(LATE), "sweep");
      assertThat(swept.output()).contains("waiver 1 ACTIVE -> INEFFECTIVE").contains("-10127 inet");
      assertThat(swept.exit()).isZero();
      assertThat(lab.hostState()).isEqualTo(before);
      assertThat(lab.tlswaiver(lab.configuration(), "sweep").output())
          .contains("Nothing is past its time.");
    }
  }

  @Test
  void itLeavesALivingAgentItsBusiness() throws Exception {
    try (Lab lab = Lab.up()) {
      agentWithWaiver(lab);
      HostState before = lab.hostState();
      CommandResult swept = lab.tlswaiver(lab.configure(LATE), "sweep");
      assertThat(swept.output()).contains("an agent is running");
      assertThat(swept.exit()).isZero();
      assertThat(lab.hostState()).isEqualTo(before);
    }
  }

  @Test
  void itPutsNothingBackThatSomebodyTookAway() throws Exception {
    try (Lab lab = Lab.up()) {
      agentWithWaiver(lab).kill();
      lab.onHost("nft", "delete", "table", "inet", "tlswaiver");
      assertThat(lab.tlswaiver(lab.configuration(), "sweep").output())
          .contains("Nothing is past its time.");
      assertThat(lab.onHost("nft", "list", "ruleset")).doesNotContain("tlswaiver");
    }
  }

  @Test
  void whatCanNotBeRemovedNowIsRemovedNextTime() throws Exception {
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      agentWithWaiver(lab).kill();
      lab.stopPostfix();
      CommandResult refused = lab.tlswaiver(lab.configure(LATE), "sweep");
      assertThat(refused.output()).contains("Postfix is not running");
      assertThat(refused.exit()).isEqualTo(1);
      lab.startPostfix();
      assertThat(lab.tlswaiver(lab.configuration(), "sweep").output())
          .contains("waiver 1 ACTIVE -> INEFFECTIVE");
      assertThat(lab.hostState()).isEqualTo(before);
    }
  }

  @Test
  void aDamagedLedgerIsLeftToTheOperator() throws Exception {
    try (Lab lab = Lab.up()) {
      agentWithWaiver(lab).kill();
      HostState before = lab.hostState();
      Files.writeString(lab.state().resolve("ledger.damaged"), "somebody was here\n");
      CommandResult refused = lab.tlswaiver(lab.configure(LATE), "sweep");
      assertThat(refused.output()).contains("tlswaiver resume").contains("tlswaiver reset");
      assertThat(refused.exit()).isEqualTo(1);
      assertThat(lab.hostState()).isEqualTo(before);
    }
  }
}
