package dev.tlswaiver.rule;

import java.util.regex.Pattern;

/**
 * A text in which an operator's pattern is looked for, with an end to its patience: a pattern may
 * need more time than the world has ({@code (a+)+b}), or recurse for each character, and the text
 * comes from a log. A search that would need more finds nothing.
 */
final class PatientText implements CharSequence {
  /**
   * The words of OpenSSL and of the system for a failure are shorter; what is behind is not read.
   */
  private static final int MOST_CHARACTERS = 128;

  /** A pattern that means something looks at each character a few times. */
  private static final int MOST_LOOKS = 20_000;

  /** The search has looked often enough. */
  private static final class Impatient extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Impatient() {
      super("the pattern looks too often", null, false, false);
    }
  }

  private final String text;
  private int looks;

  private PatientText(String text) {
    this.text = text;
  }

  static boolean contains(String text, Pattern pattern) {
    String bounded = text.substring(0, Math.min(text.length(), MOST_CHARACTERS));
    try {
      return pattern.matcher(new PatientText(bounded)).find();
    } catch (Impatient | StackOverflowError endless) {
      return false; // Even so short a text may be too long for a pattern that nests its groups.
    }
  }

  @Override
  public char charAt(int index) {
    if (++looks > MOST_LOOKS) {
      throw new Impatient();
    }
    return text.charAt(index);
  }

  @Override
  public int length() {
    return text.length();
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    return text.substring(start, end);
  }

  @Override
  public String toString() {
    return text;
  }
}
