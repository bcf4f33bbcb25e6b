package dev.tlswaiver.doctor;

import dev.tlswaiver.actuator.HostException;

/** One look at the host. */
@FunctionalInterface
interface Examination {
  /**
   * Writes down what is wrong.
   *
   * @throws HostException if it can't be done here; what was written down so far counts
   */
  void examine(Patient patient, Chart chart) throws HostException;
}
