package dev.tlswaiver.hand;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Plan;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.config.ConfigurationException;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a timer does about a hand that is dead or hangs: removes from the host what is past its
 * time. A hand that answers does it itself.
 */
public final class HandSweep {
  private static final Logger LOG = LoggerFactory.getLogger(HandSweep.class);

  /** A plan may be on its way. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private HandSweep() {}

  /**
   * Sweeps once.
   *
   * @return what was removed; empty where nothing is past its time, or the hand is alive
   */
  public static Optional<Plan> now(
      Configuration configuration, Programs programs, InstantSource clock)
      throws IOException, HostException {
    HandState state = HandState.read(Hands.directory(configuration));
    if (state.running(clock.instant()).size() == state.grants().size() || isAlive(configuration)) {
      return Optional.empty();
    }
    Programs.Result killed =
        programs.run("systemctl", "kill", "--signal=KILL", "tlswaiver-hand.service");
    LOG.warn("the hand does not answer and is ended: {}", killed.isGood() ? "done" : killed.said());
    try (HandDesk desk =
        new HandDesk(() -> configuration, now -> HandHere.of(now, programs, clock), clock)) {
      return Optional.of(desk.sweep()).filter(plan -> !plan.isEmpty());
    } catch (ConfigurationException impossible) {
      throw new IllegalStateException(impossible); // It was read before.
    }
  }

  private static boolean isAlive(Configuration configuration) {
    try {
      new HandBehindSocket(Hands.socket(configuration), PATIENCE).look();
      return true;
    } catch (HandAwayException away) {
      return false;
    }
  }
}
