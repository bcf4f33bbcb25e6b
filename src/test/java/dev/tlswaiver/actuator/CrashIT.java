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

  /** All that may change what is on the disk. */
  private static final String CHANGES =
      "fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,link,linkat,ftruncate";

  /**
   * Applies, with the kernel killing the process at the nth call of one of its threads, or of a
   * program that it started, that changes what is on the disk.
   */
  private static String applyKilledAt(Lab lab, int call) {
    return lab.outputOnHost(
        Stream.concat(
                Stream.of(
                    "strace",
                    "-f",
                    "--seccomp-bpf",
                    "-qq",
                    "-o",
                    "/dev/null",
                    "-e",
                    "trace=" + CHANGES,
                    "-e",
                    "inject=" + CHANGES + ":signal=KILL:when=" + call),
                command(lab, "apply").stream())
            .toArray(String[]::new));
  }

  @Test
  void killedAtAnyCallThatTouchesTheDiskTheHostIsAsBeforeOrAsAfter() throws Exception {
    // Invariants 1, 2 and 6.
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      assertThat(applyOnce(lab, "apply")).contains("applied");
      HostState after = lab.hostState();
      assertThat(applyOnce(lab, "undo")).contains("applied");
      assertThat(lab.hostState()).isEqualTo(before);
      int call = 1;
      int kills = 0;
      for (String output = ""; !output.contains("applied"); call++) {
        output = applyKilledAt(lab, call);
        String what = "call " + call + ": " + output;
        assertThat(lab.isPostfixRunning()).as(what).isTrue();
        assertThat(lab.send(Lab.MODERN, "modern")).as(what).isPresent();
        applyOnce(lab, "recover");
        if (!lab.hostState().equals(before)) {
          assertThat(lab.hostState()).as(what).isEqualTo(after);
          applyOnce(lab, "undo");
          assertThat(lab.hostState()).as(what).isEqualTo(before);
        } else {
          kills++;
        }
        try (Stream<Path> left = Files.list(lab.state())) {
          assertThat(left.map(file -> file.getFileName().toString()))
              .as(what)
              .noneMatch(name -> name.startsWith("staged-"));
        }
      }
      assertThat(kills).isGreaterThanOrEqualTo(10);
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
