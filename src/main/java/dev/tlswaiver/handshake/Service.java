package dev.tlswaiver.handshake;

import java.util.Set;

/**
 * The service that a process serves, read from its syslog tag. {@code postfix/smtps/smtpd} is
 * instance {@code postfix}, name {@code smtps/smtpd}; {@code postfix-out/smtpd} is instance {@code
 * postfix-out}, name {@code smtpd}.
 *
 * @param instance the first component of the tag
 * @param name the rest of the tag
 */
public record Service(String instance, String name) {
  private static final String RELAXED = "tlswaiver-";
  private static final Set<String> NOT_MX =
      Set.of("submission", "submissions", "smtps", "465", "587");

  /** Whether mail from other mail systems comes in here; submission and smtps are for people. */
  public boolean facesMx() {
    return !NOT_MX.contains(parent());
  }

  /** The label of the rung whose relaxed listener this is; empty for any other service. */
  public java.util.Optional<String> rungLabel() {
    return parent().startsWith(RELAXED)
        ? java.util.Optional.of(parent().substring(RELAXED.length()))
        : java.util.Optional.empty();
  }

  /**
   * What stands before the process: {@code smtps} in {@code smtps/smtpd}; empty in {@code smtpd}.
   */
  private String parent() {
    int slash = name.lastIndexOf('/');
    return slash < 0 ? "" : name.substring(0, slash);
  }
}
