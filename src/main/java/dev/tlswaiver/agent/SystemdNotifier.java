package dev.tlswaiver.agent;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd that the agent is ready, and from then on that it is alive, as sd_notify(3) says.
 * Outside of systemd it is silent.
 *
 * <p>Java has no datagram sockets of the Unix kind, so that the message is left to the program
 * systemd-notify(1).
 */
final class SystemdNotifier {
  private static final Logger LOG = LoggerFactory.getLogger(SystemdNotifier.class);

  /** One that fails is noticed, and the next one still comes in time. */
  private static final int MESSAGES_IN_A_WATCHDOG_PERIOD = 3;

  /** The program waits for systemd, which may be busy; we wait no longer than this for both. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Passes assignments like {@code READY=1} on. */
  @FunctionalInterface
  interface Sender {
    void send(List<String> assignments);
  }

  private final Optional<Sender> sender;
  private final Optional<Duration> interval;
  private final LongSupplier nanoTime;

  private long lastSent;

  private SystemdNotifier(
      Optional<Sender> sender, Optional<Duration> interval, LongSupplier nanoTime) {
    this.sender = sender;
    this.interval = interval;
    this.nanoTime = nanoTime;
  }

  /** For the service manager that started this process, if one did. */
  static SystemdNotifier ofThisProcess(Programs programs) {
    return of(
        System.getenv(),
        ProcessHandle.current().pid(),
        assignments -> send(programs, assignments),
        System::nanoTime);
  }

  /**
   * @param environment of the process, in which systemd says what it wants to be told
   */
  static SystemdNotifier of(
      Map<String, String> environment, long pid, Sender sender, LongSupplier nanoTime) {
    if (environment.getOrDefault("NOTIFY_SOCKET", "").isEmpty()) {
      return new SystemdNotifier(Optional.empty(), Optional.empty(), nanoTime);
    }
    return new SystemdNotifier(Optional.of(sender), interval(environment, pid), nanoTime);
  }

  private static Optional<Duration> interval(Map<String, String> environment, long pid) {
    String whose = environment.getOrDefault("WATCHDOG_PID", Long.toString(pid));
    String micros = environment.getOrDefault("WATCHDOG_USEC", "");
    return whose.equals(Long.toString(pid)) && micros.matches("[1-9][0-9]{0,14}")
        ? Optional.of(
            Duration.ofNanos(Long.parseLong(micros) * 1_000 / MESSAGES_IN_A_WATCHDOG_PERIOD))
        : Optional.empty();
  }

  /** The start is complete. */
  void ready(String status) {
    sender.ifPresent(
        to -> {
          lastSent = nanoTime.getAsLong();
          to.send(List.of("READY=1", "STATUS=" + status));
        });
  }

  /**
   * Whoever calls this is alive. Called by the thread that thinks and by no other: the watchdog is
   * for its sake. It may be called as often as one likes.
   */
  void alive() {
    if (sender.isEmpty() || interval.isEmpty()) {
      return;
    }
    long now = nanoTime.getAsLong();
    if (now - lastSent >= interval.get().toNanos()) {
      lastSent = now;
      sender.get().send(List.of("WATCHDOG=1"));
    }
  }

  private static void send(Programs programs, List<String> assignments) {
    List<String> command = new ArrayList<>(List.of("systemd-notify"));
    command.addAll(assignments);
    try {
      Programs.Result result = programs.run(command, Map.of(), "", PATIENCE);
      if (!result.isGood()) {
        LOG.warn("systemd-notify exited with {}: {}", result.exit(), result.said());
      }
    } catch (HostException absent) {
      LOG.error(
          "systemd can't be told how the agent is: {}; or let the unit say Type=exec and"
              + " WatchdogSec=0 (systemctl edit tlswaiver)",
          absent.getMessage());
    }
  }
}
