package dev.tlswaiver.scan;

import java.util.function.Supplier;

/** A scan that fails at a text which begins with {@link #MARK}. */
public final class FaultyScan {
  public static final String MARK = "~ fails here";

  private FaultyScan() {}

  public static BlockScan failingWith(Supplier<? extends Error> failure) {
    BlockScan scan = new BlockScan();
    scan.look(
        MARK.charAt(0),
        (process, start, host, text, end) -> {
          throw failure.get();
        });
    return scan;
  }
}
