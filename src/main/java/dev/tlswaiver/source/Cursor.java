package dev.tlswaiver.source;

import java.util.function.Supplier;

/** The place after the last line that was dealt with, in one line of text that the store keeps. */
public final class Cursor {
  private final Supplier<String> text;

  public Cursor(String text) {
    this(() -> text);
  }

  /**
   * @param text asked for when the place is written down, which most places never are; gives the
   *     same at any time, to any thread
   */
  Cursor(Supplier<String> text) {
    this.text = text;
  }

  /** Opaque outside this room. */
  public String text() {
    return text.get();
  }
}
