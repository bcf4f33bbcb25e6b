package dev.tlswaiver.actuator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Lab.HostState;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The invariants that need a process to die, on a real file system, Postfix and kernel. */
final class CrashIT {

  private static String applyOnce(Lab lab, String... what) {
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ApplyOnce.class.getName(),
                lab.postfix().toString(),
                lab.state().toString()));
    command.addAll(List.of(what));
    return lab.outputOnHost(command.toArray(String[]::new));
  }

  @Test
  void killedBeforeAnyStepTheHostComesBackAndMailFlows() throws Exception {
    // Invariants 2, 6 and 7.
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      int step = 0;
      String output = applyOnce(lab, "die", "0");
      while (output.contains("dies before: ")) {
        assertThat(lab.isPostfixRunning()).as(output).isTrue();
        assertThat(lab.send(Lab.MODERN, "modern")).as(output).isPresent();
        applyOnce(lab, "recover");
        assertThat(lab.hostState()).as(output).isEqualTo(before);
        assertThat(applyOnce(lab, "recover")).as(output).contains("recovered: nothing");
        step++;
        output = applyOnce(lab, "die", Integer.toString(step));
      }
      assertThat(output).contains("applied");
      assertThat(step).isGreaterThanOrEqualTo(10);
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
      assertThat(applyOnce(lab, "undo")).contains("applied");
      assertThat(lab.hostState()).isEqualTo(before);
      assertThat(lab.send(Lab.MODERN, "modern")).isPresent();
    }
  }

  @Test
  void anIpv6NetworkThatNoIndexedTableCanNameIsAdmitted() throws Exception {
    try (Lab lab = Lab.up()) {
      assertThat(applyOnce(lab, "apply")).contains("applied");
      assertThat(lab.send(Lab.OLD_TOO, "tls1", "--ipv6")).isPresent();
      assertThat(lab.send(Lab.UNLISTED, "tls1", "--ipv6")).isEmpty();
    }
  }

  @Test
  void anEditAfterValidationIsNotOverwritten() throws Exception {
    // Invariants 3 and 8.
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      assertThat(applyOnce(lab, "edit"))
          .contains("not applied: ")
          .contains("was changed meanwhile");
      assertThat(lab.hostState().master()).isEqualTo(before.master() + "# edited\n");
      assertThat(lab.hostState().ruleset()).isEqualTo(before.ruleset());
    }
  }
}
