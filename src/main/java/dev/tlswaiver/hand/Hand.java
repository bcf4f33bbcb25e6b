package dev.tlswaiver.hand;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Plan;
import dev.tlswaiver.actuator.RejectedException;
import dev.tlswaiver.actuator.RolledBackException;
import dev.tlswaiver.actuator.postfix.Capabilities;
import java.util.Optional;

/** Whoever may change this host. Used by one thread. */
public interface Hand {

  /**
   * Brings the host back to before or after a plan that an earlier process left half done.
   *
   * @return what was done, as one sentence; empty where there was nothing to do
   */
  default Optional<String> recover() throws HostException {
    return Optional.empty();
  }

  /** Makes ready what every plan will need. */
  default void prepare() throws HostException {}

  /** Makes anew what {@link #prepare} made and somebody has damaged since. */
  default void keep() throws HostException {}

  /** What {@link #apply} would do now. */
  Plan plan(Desired desired) throws HostException;

  /**
   * Makes the host what is desired; what is known to have ended goes. Done twice it changes nothing
   * the second time.
   *
   * @throws RejectedException if nothing was changed
   * @throws RolledBackException if the host is as before
   * @throws HandAwayException if it can't be told whether anything was done
   */
  Done apply(Desired desired) throws HostException;

  /** Removes every trace, and forgets what was desired. */
  Plan reset() throws HostException;

  /** Looks at the host. */
  Sight look() throws HandAwayException;

  /** What the rungs can do; it takes a dozen commands to find out. */
  Capabilities capabilities() throws HandAwayException;

  /** Something will be asked soon. */
  default void wake() {}

  /** Whether it is another process, for which the start of the agent does not wait. */
  default boolean isApart() {
    return false;
  }
}
