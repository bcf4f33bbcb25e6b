package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Lab.HostState;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;

/** Whatever fails, the host is as before, mail flows, and one log line and a metric say why. */
final class FaultsIT {

  private static void assertAsBefore(Lab lab, HostState before) throws Exception {
    assertThat(lab.hostState()).isEqualTo(before);
    assertThat(lab.isPostfixRunning()).isTrue();
    assertThat(lab.send(Lab.MODERN, "modern")).isPresent();
  }

  private static void assertCounted(Lab lab, String metric) {
    Lab.await(metric, () -> lab.get("/metrics").contains("\n" + metric + " 1.0"));
  }

  @Test
  void postconfRefusesTheStagedCopy() throws Exception {
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      lab.disguise(
          "postconf",
          "case \"$*\" in *staged-*) echo 'postconf: fatal: no' >&2; exit 1;; esac; exec $REAL \"$@\"");
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("plan rejected, nothing was changed: postconf rejected the staged .*fatal: no");
      agent.await("PROPOSED -> FAILED");
      assertAsBefore(lab, before);
      assertCounted(lab, "tlswaiver_apply_failures_total{stage=\"postconf\"}");
    }
  }

  @Test
  void aDamagedRelaxedKeyIsMadeAnew() throws Exception {
    try (Lab lab = Lab.up()) {
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      lab.tlswaiver(lab.configuration(), "grant", "198.51.100.10", "--rung", "legacy");
      Path key = lab.state().resolve("tls/relaxed.pem");
      Files.writeString(key, "half a k");
      agent.signal("HUP");
      agent.await("relaxed.pem holds no RSA certificate; a new one is made");
      Lab.await("mail", () -> lab.send(Lab.OLD, "tls1").isPresent());
      assertThat(Files.getPosixFilePermissions(key))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
  }

  @Test
  void nftRefusesTheTransaction() throws Exception {
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      lab.disguise(
          "nft",
          "case \"$*\" in *--check*) echo 'Error: no' >&2; exit 1;; esac; exec $REAL \"$@\"");
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("plan rejected, nothing was changed: nft rejected the transaction: Error: no");
      assertAsBefore(lab, before);
      assertCounted(lab, "tlswaiver_apply_failures_total{stage=\"nft\"}");
    }
  }

  @Test
  void nftFailsAfterThePostfixSideIsDone() throws Exception {
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      lab.disguise(
          "nft",
          """
          if [ "$*" = "-f -" ]; then
            script=$(cat)
            case "$script" in *elements*) echo 'Error: no' >&2; exit 1;; esac
            printf '%s\\n' "$script" | $REAL -f -
            exit $?
          fi
          exec $REAL "$@\"""");
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("plan rolled back: nft last: nft refused the transaction: Error: no");
      agent.await("PROPOSED -> FAILED");
      assertAsBefore(lab, before);
      assertCounted(lab, "tlswaiver_rollbacks_total{reason=\"nft\"}");
    }
  }

  @Test
  void anotherProgramHasTheRungsPort() throws Exception {
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      lab.onHost(
          "perl",
          "-MIO::Socket::INET",
          "-e",
          "my $s = IO::Socket::INET->new(LocalPort => 10127, Listen => 1) or die; exit 0 if fork;"
              + " close STDOUT; close STDERR; sleep 60");
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("port 10127 of the rung legacy is taken by another program");
      assertAsBefore(lab, before);
      assertCounted(lab, "tlswaiver_apply_failures_total{stage=\"port\"}");
    }
  }

  @Test
  void aStoppedPostfixIsLeftStopped() throws Exception {
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      RunningTlswaiver agent = lab.run(lab.configure("settle: 5s")).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("PROPOSED");
      lab.stopPostfix();
      agent.await("plan rejected, nothing was changed: Postfix is not running");
      assertThat(lab.hostState()).isEqualTo(before);
      assertThat(lab.isPostfixRunning()).isFalse();
    }
  }

  @Test
  void aReloadThatKillsTheMasterIsUndoneAndPostfixStarted() throws Exception {
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      lab.disguise(
          "postfix",
          """
          if [ "$3" = reload ] && [ ! -e "$0.done" ]; then
            touch "$0.done"
            $REAL -c "$2" stop
            exit 0
          fi
          exec $REAL "$@\"""");
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("plan rolled back: probe: Postfix has stopped running");
      assertAsBefore(lab, before);
      assertCounted(lab, "tlswaiver_rollbacks_total{reason=\"probe\"}");
    }
  }

  @Test
  void aListenerThatDoesNotAnswerIsUndone() throws Exception {
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      lab.disguise("postfix", "[ \"$3\" = reload ] && exit 0\nexec $REAL \"$@\"");
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("plan rolled back: probe: the relaxed listener on port 10127 does not answer");
      assertAsBefore(lab, before);
    }
  }

  @Test
  void anEditOfTheOperatorsBetweenPlansSurvives() throws Exception {
    try (Lab lab = Lab.up()) {
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      lab.failThreeTimes(Lab.OLD, "tls1");
      agent.await("PROPOSED -> ACTIVE");
      String edit = "# the operator was here\n";
      java.nio.file.Files.writeString(
          lab.postfix().resolve("master.cf"), edit, java.nio.file.StandardOpenOption.APPEND);
      lab.tlswaiver(lab.configure(), "revoke", Lab.OLD.substring(5));
      assertThat(lab.hostState().master()).endsWith(edit).doesNotContain("tlswaiver");
    }
  }
}
