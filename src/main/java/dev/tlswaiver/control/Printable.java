package dev.tlswaiver.control;

/** What somebody typed, fit to stand in a message. */
public final class Printable {
  private static final int MOST_CHARACTERS = 100;

  private Printable() {}

  /** As one line, of a hundred characters at most. */
  public static String line(String typed) {
    String line = typed.replaceAll("[\\p{Cc}\\p{Cf}]", "?");
    return line.length() > MOST_CHARACTERS ? line.substring(0, MOST_CHARACTERS) + "..." : line;
  }
}
