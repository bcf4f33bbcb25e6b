package dev.tlswaiver.source;

/** Says when a follower that has read everything looks at its file again. */
interface Waker {
  /** Returns when it is time for another look. Interrupted, it returns at once. */
  void await();

  /** Ends the present wait, or the next one where nobody waits. */
  void wake();
}
