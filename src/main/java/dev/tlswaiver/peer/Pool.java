package dev.tlswaiver.peer;

import java.util.regex.Pattern;

/**
 * The identity that is counted and acted on: a registrable domain, a network or an address.
 *
 * @param id its text, as shown to people: {@code google.com}, {@code 192.0.2.0/24}, {@code
 *     192.0.2.7}
 */
public record Pool(String id) implements Comparable<Pool> {
  private static final Pattern FORM = Pattern.compile("[a-z0-9_.:/-]{1,253}");

  public Pool {
    if (!FORM.matcher(id).matches()) {
      throw new IllegalArgumentException("not a pool: " + id);
    }
  }

  /** Whether it is a domain, and neither an address nor a network. */
  public boolean isNamed() {
    char last = id.charAt(id.length() - 1);
    // No top-level domain ends in a digit (RFC 3696, 2), and no domain has a colon.
    return (last < '0' || last > '9') && id.indexOf(':') < 0;
  }

  @Override
  public int compareTo(Pool other) {
    return id.compareTo(other.id);
  }

  @Override
  public String toString() {
    return id;
  }
}
