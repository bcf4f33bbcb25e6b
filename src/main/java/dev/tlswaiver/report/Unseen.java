package dev.tlswaiver.report;

/**
 * Characters that are not seen where they stand: controls, which a terminal obeys, and those that
 * turn the direction of what follows. Postfix writes what a client says in UTF-8 as it is, and the
 * controls above U+0080 are some of that.
 */
final class Unseen {
  private Unseen() {}

  static boolean is(char here) {
    return Character.isISOControl(here) || Character.getType(here) == Character.FORMAT;
  }

  /** A stranger's words as one line for a terminal; a tab moves nothing there but itself. */
  static String mask(String text) {
    StringBuilder seen = new StringBuilder(text);
    for (int i = 0; i < text.length(); i++) {
      if (is(text.charAt(i)) && text.charAt(i) != '\t') {
        seen.setCharAt(i, '?');
      }
    }
    return seen.toString();
  }
}
