package dev.tlswaiver.peer;

import java.util.Locale;
import java.util.Optional;

/**
 * A host or domain name in the form that Postfix lets through: letters, digits, hyphens and
 * underscores in labels of at most 63 (valid_hostname(3) in Postfix), lower case, no final dot.
 */
public record HostName(String text) implements Comparable<HostName> {
  private static final int MOST_CHARACTERS = 253;
  private static final int MOST_IN_LABEL = 63;

  public HostName {
    // A stranger chose this text. It must stay one word of one line.
    if (!isName(text)) {
      throw new IllegalArgumentException("not a host name: " + text);
    }
  }

  /** The name that the text spells in any case, or empty. */
  public static Optional<HostName> find(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    String bare = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    return isName(bare) ? Optional.of(new HostName(bare)) : Optional.empty();
  }

  private static boolean isName(String text) {
    if (text.length() > MOST_CHARACTERS) {
      return false;
    }
    int label = 0;
    for (int i = 0; i < text.length(); i++) {
      char here = text.charAt(i);
      boolean isHyphen = here == '-';
      boolean isOther = (here >= 'a' && here <= 'z') || (here >= '0' && here <= '9') || here == '_';
      if (here == '.' && label > 0) {
        label = 0;
      } else if (isOther || (isHyphen && label > 0)) {
        label++;
      } else {
        return false;
      }
      if (label > MOST_IN_LABEL) {
        return false;
      }
    }
    return label > 0;
  }

  /** Whether this is the domain or below it. */
  public boolean isWithin(HostName domain) {
    return text.equals(domain.text) || text.endsWith("." + domain.text);
  }

  @Override
  public int compareTo(HostName other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
