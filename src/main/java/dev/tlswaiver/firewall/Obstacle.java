package dev.tlswaiver.firewall;

/**
 * What another program's rules do to connections that we redirect.
 *
 * @param kind what kind of trouble it is
 * @param isInTheWay whether a redirected connection would fail; else it is worth knowing only
 * @param what one sentence
 * @param mend the command, or the words, that mend it
 */
public record Obstacle(Kind kind, boolean isInTheWay, String what, String mend) {

  /** Kinds of trouble. */
  public enum Kind {
    /** A filter drops what was redirected, though it lets the public port in. */
    DROPPED,
    /** Connection tracking, which redirects, does not see it. */
    UNTRACKED,
    /** The rules can't be judged. */
    UNCLEAR,
    /** Somebody else changes the destination of the public port too. */
    TRANSLATED
  }
}
