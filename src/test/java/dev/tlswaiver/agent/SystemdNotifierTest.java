package dev.tlswaiver.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SystemdNotifierTest {
  private static final long OURS = 41;
  private static final Map<String, String> WATCHED =
      Map.of("NOTIFY_SOCKET", "/run/systemd/notify", "WATCHDOG_USEC", "30000000");

  private final List<List<String>> sent = new ArrayList<>();
  private long nanos = 1_000_000_000_000L;

  private SystemdNotifier under(Map<String, String> environment) {
    return SystemdNotifier.of(environment, OURS, sent::add, () -> nanos);
  }

  private void pass(Duration time) {
    nanos += time.toNanos();
  }

  @Test
  void outsideOfSystemdNothingIsSaid() {
    SystemdNotifier silent = under(Map.of("WATCHDOG_USEC", "30000000"));
    silent.ready("mode observe");
    pass(Duration.ofHours(1));
    silent.alive();
    assertThat(sent).isEmpty();
  }

  @Test
  void readinessComesWithWhatStatusShows() {
    under(WATCHED).ready("mode observe, follows the journal");
    assertThat(sent)
        .containsExactly(List.of("READY=1", "STATUS=mode observe, follows the journal"));
  }

  @Test
  void lifeIsShownThreeTimesInAPeriodHoweverOftenItIsFelt() {
    SystemdNotifier notifier = under(WATCHED);
    notifier.ready("");
    sent.clear();
    for (int i = 0; i < 300; i++) {
      pass(Duration.ofMillis(100));
      notifier.alive();
    }
    assertThat(sent)
        .containsExactly(List.of("WATCHDOG=1"), List.of("WATCHDOG=1"), List.of("WATCHDOG=1"));
  }

  @Test
  void whoDoesNotCallIsNotAlive() {
    SystemdNotifier notifier = under(WATCHED);
    notifier.ready("");
    sent.clear();
    pass(Duration.ofHours(1));
    assertThat(sent).isEmpty();
  }

  @Test
  void withoutAWatchdogLifeIsNotShown() {
    SystemdNotifier notifier = under(Map.of("NOTIFY_SOCKET", "/run/systemd/notify"));
    pass(Duration.ofHours(1));
    notifier.alive();
    assertThat(sent).isEmpty();
  }

  @Test
  void theWatchdogOfAnotherProcessIsNotOurs() {
    SystemdNotifier notifier =
        under(
            Map.of(
                "NOTIFY_SOCKET", "/run/systemd/notify",
                "WATCHDOG_USEC", "30000000",
                "WATCHDOG_PID", "40"));
    pass(Duration.ofHours(1));
    notifier.alive();
    assertThat(sent).isEmpty();
  }

  @Test
  void aPeriodThatIsNoNumberIsNone() {
    for (String odd : List.of("", "0", "-5", "soon", "99999999999999999999")) {
      SystemdNotifier notifier =
          under(Map.of("NOTIFY_SOCKET", "/run/systemd/notify", "WATCHDOG_USEC", odd));
      pass(Duration.ofHours(1));
      notifier.alive();
    }
    assertThat(sent).isEmpty();
  }
}
