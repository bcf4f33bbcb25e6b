package dev.tlswaiver.handshake;

/**
 * The room that all sessions together have for what their peers offered: few are ever dumped, but a
 * hello may have 16 KiB, and there may be {@value Sessions#MOST_SESSIONS} sessions. A dump for
 * which there is no room left is not read. Used by one thread.
 */
final class DumpSpace {
  /** Sixty of the longest hellos at once, or two thousand of the usual length. */
  static final int MOST_BYTES = 1 << 20;

  private int left = MOST_BYTES;

  /** Whether there was room for so many bytes; then they are taken. */
  boolean take(int bytes) {
    if (bytes > left) {
      return false;
    }
    left -= bytes;
    return true;
  }

  void giveBack(int bytes) {
    left += bytes;
  }

  int left() {
    return left;
  }
}
