package dev.tlswaiver.actuator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Lab.HostState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The invariants that need a process to die, on a real file system, Postfix and kernel. */
final class CrashIT {

  private static String applyOnce(Lab lab, String... what) {
    return lab.outputOnHost(command(lab, what).toArray(String[]::new));
  }

  private static List<String> command(Lab lab, String... what) {
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                ApplyOnce.class.getName(),
                lab.postfix().toString(),
                lab.state().toString()));
    command.addAll(List.of(what));
    return command;
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

  /**
   * Applies, with the kernel killing the process, or a program that it started, at the nth time
   * that one of its threads makes this system call.
   */
  private static String applyKilledAt(Lab lab, String call, int nth) {
    return lab.outputOnHost(
        Stream.concat(
                Stream.of(
                    "strace",
                    "-f",
                    "-qq",
                    "-o",
                    "/dev/null",
                    "-e",
                    "trace=" + call,
                    "-e",
                    "inject=" + call + ":signal=KILL:when=" + nth),
                command(lab, "apply").stream())
            .toArray(String[]::new));
  }

  @ParameterizedTest
  @CsvSource({"fsync, 8", "rename, 4", "unlink, 4"})
  void killedAtAnyCallThatTouchesTheDiskTheHostIsAsBeforeOrAsAfter(String call, int atLeast)
      throws Exception {
    // Invariants 1, 2 and 6.
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      assertThat(applyOnce(lab, "apply")).contains("applied");
      HostState after = lab.hostState();
      assertThat(applyOnce(lab, "undo")).contains("applied");
      assertThat(lab.hostState()).isEqualTo(before);
      int kills = 0;
      for (String output = ""; !output.contains("applied"); ) {
        output = applyKilledAt(lab, call, kills + 1);
        String what = call + " " + (kills + 1) + ": " + output;
        assertThat(lab.isPostfixRunning()).as(what).isTrue();
        assertThat(lab.send(Lab.MODERN, "modern")).as(what).isPresent();
        applyOnce(lab, "recover");
        if (!lab.hostState().equals(before)) {
          assertThat(lab.hostState()).as(what).isEqualTo(after);
          applyOnce(lab, "undo");
          assertThat(lab.hostState()).as(what).isEqualTo(before);
        }
        try (Stream<Path> left = Files.list(lab.state())) {
          assertThat(left.map(file -> file.getFileName().toString()))
              .as(what)
              .noneMatch(name -> name.startsWith("staged-"));
        }
        kills++;
      }
      assertThat(kills).isGreaterThanOrEqualTo(atLeast);
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
