package dev.tlswaiver.peer;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A host or domain name in the form that Postfix lets through: letters, digits, hyphens and
 * underscores in labels of at most 63 (valid_hostname(3) in Postfix), lower case, no final dot.
 */
public record HostName(String text) implements Comparable<HostName> {
  private static final Pattern FORM =
      Pattern.compile("(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\\.[a-z0-9_]([a-z0-9_-]{0,62}))*");

  public HostName {
    // A stranger chose this text. It must stay one word of one line.
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException("not a host name: " + text);
    }
  }

  /** The name that the text spells in any case, or empty. */
  public static Optional<HostName> find(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    String bare = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    return FORM.matcher(bare).matches() ? Optional.of(new HostName(bare)) : Optional.empty();
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
