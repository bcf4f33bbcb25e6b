package dev.tlswaiver.actuator;

/**
 * A step of an apply.
 *
 * @param name what hooks, log lines and messages call it
 * @param stage what has gone wrong where it fails
 */
record Step(String name, Stage stage, Action action) {
  /** What is done. */
  @FunctionalInterface
  interface Action {
    void run() throws HostException;
  }
}
