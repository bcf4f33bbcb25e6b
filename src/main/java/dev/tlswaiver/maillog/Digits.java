package dev.tlswaiver.maillog;

import java.util.Optional;

/** Decimal numbers in a log, read without a pattern. */
final class Digits {
  /** So many always fit an int. */
  private static final int MOST = 9;

  private Digits() {}

  static boolean isDigit(char here) {
    return here >= '0' && here <= '9';
  }

  /** The number that the text spells; empty where it spells none, or too large a one. */
  static Optional<Integer> find(String text) {
    if (text.isEmpty() || text.length() > MOST) {
      return Optional.empty();
    }
    int number = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return Optional.empty();
      }
      number = number * 10 + digit;
    }
    return Optional.of(number);
  }
}
