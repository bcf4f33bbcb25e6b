package dev.tlswaiver.actuator;

import dev.tlswaiver.waiver.Grant;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;

/**
 * The host's changes, in phases. What may not be called yet does not exist: only a {@link
 * Validated} plan can be applied.
 */
public interface Actuator {

  /** Makes ready what every plan will need, in the state directory and in memory only. */
  void prepare() throws HostException;

  /** Makes anew what {@link #prepare} made and somebody has damaged since. */
  void keep() throws HostException;

  /** The difference between what the grants ask for and what the host has. Changes nothing. */
  Plan plan(Collection<Grant> grants, Instant now) throws HostException;

  /** Writes the plan's files where the host does not see them. */
  Staged stage(Plan plan) throws HostException;

  /**
   * Brings the host back to before or after a plan that an earlier process left half done.
   *
   * @return what was done, as one sentence; empty where there was nothing to do
   */
  Optional<String> recover() throws HostException;

  /** A plan whose files stand ready in a place of their own. Closing it discards them. */
  interface Staged extends AutoCloseable {
    /**
     * Asks the real tools.
     *
     * @throws RejectedException if one of them, or the host's present state, refuses the plan
     */
    Validated validate() throws HostException;

    @Override
    void close();
  }

  /** A plan that the real tools accepted. */
  interface Validated {
    /**
     * Makes the host what the plan says, and probes it.
     *
     * @throws MovedException if the host moved on since the plan was made; nothing was changed
     * @throws RejectedException if the host is not well enough to be changed; nothing was changed
     * @throws RolledBackException if a step or the probe failed; the host is as before
     */
    void apply() throws HostException;
  }
}
