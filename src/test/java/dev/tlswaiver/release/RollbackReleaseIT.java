package dev.tlswaiver.release;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Lab.HostState;
import dev.tlswaiver.lab.RunningTlswaiver;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever goes wrong on a release, its host is as before, and mail flows. */
final class RollbackReleaseIT {
  /** The port of the rung is taken: a reload would kill master(8), and with it all mail. */
  @ParameterizedTest
  @EnumSource
  void aTakenPortIsSeenBeforeAnythingIsChanged(Release release) throws Exception {
    try (ReleaseHost host = ReleaseHost.up(release)) {
      HostState before = host.lab().hostState();
      RunningTlswaiver agent = directly(host);
      host.lab()
          .onHost(
              "perl",
              "-MIO::Socket::INET",
              "-e",
              "my $s = IO::Socket::INET->new(LocalPort => 10127, Listen => 1) or die;"
                  + " exit 0 if fork; close STDOUT; close STDERR; sleep 600");
      host.lab().failThreeTimes(Lab.OLD, "tls1");
      agent.await("plan rejected, nothing was changed: port 10127 of the rung legacy is taken");
      assertAsBefore(host.lab(), before);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsDoneIsUndoneWhenTheLastStepFails(Release release) throws Exception {
    try (ReleaseHost host = ReleaseHost.up(release)) {
      HostState before = host.lab().hostState();
      host.disguise(
          "nft",
          """
          if [ "$*" = "-f -" ]; then
            script=$(cat)
            case "$script" in *elements*) echo 'Error: no' >&2; exit 1;; esac
            printf '%s\\n' "$script" | $REAL -f -
            exit $?
          fi
          exec $REAL "$@\"""");
      RunningTlswaiver agent = directly(host);
      host.lab().failThreeTimes(Lab.OLD, "tls1");
      agent.await("plan rolled back: nft last: nft refused the transaction: Error: no");
      assertAsBefore(host.lab(), before);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPostfixThatDiesOfTheReloadIsStartedAgain(Release release) throws Exception {
    try (ReleaseHost host = ReleaseHost.up(release)) {
      HostState before = host.lab().hostState();
      host.disguise(
          "postfix",
          """
          if [ "$3" = reload ] && [ ! -e /run/reloaded ]; then
            touch /run/reloaded
            exec $REAL -c "$2" abort
          fi
          exec $REAL "$@\"""");
      RunningTlswaiver agent = directly(host);
      host.lab().failThreeTimes(Lab.OLD, "tls1");
      agent.await("plan rolled back: probe: Postfix has stopped running");
      assertAsBefore(host.lab(), before);
    }
  }

  private static RunningTlswaiver directly(ReleaseHost host) throws Exception {
    host.configure(Lab.DIRECTLY);
    return host.run();
  }

  private static void assertAsBefore(Lab lab, HostState before) throws Exception {
    assertThat(lab.hostState()).isEqualTo(before);
    assertThat(lab.isPostfixRunning()).isTrue();
    assertThat(lab.send(Lab.MODERN, "modern")).isPresent();
  }
}
