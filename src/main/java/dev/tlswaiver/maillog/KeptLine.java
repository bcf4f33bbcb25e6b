package dev.tlswaiver.maillog;

import java.nio.charset.StandardCharsets;

/** A copy of a scanned line that outlives its block. Its memory is used again for the next one. */
public final class KeptLine {
  private static final int USUAL = 160;

  private byte[] bytes = new byte[0];
  private int length;

  /** Keeps a line of the scan; one that was kept before is forgotten. */
  public void keep(BlockScan scan, int index) {
    length = scan.length(index);
    if (length > bytes.length) {
      bytes = new byte[Math.max(USUAL, length)];
    }
    scan.copy(index, bytes);
  }

  public void clear() {
    length = 0;
  }

  public String text() {
    int end = length > 0 && bytes[length - 1] == '\r' ? length - 1 : length;
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }
}
