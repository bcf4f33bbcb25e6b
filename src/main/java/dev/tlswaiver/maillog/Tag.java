package dev.tlswaiver.maillog;

import java.util.Optional;
import java.util.Set;

/**
 * Who wrote a line: {@code instance/service[pid]:}, or {@code program[pid]:} of a program that is
 * not Postfix.
 *
 * @param instance the first component: {@code postfix}; of another program, the whole
 * @param service the rest, or the whole
 */
public record Tag(String instance, String service, Optional<Integer> pid) {
  /** The programs of Postfix that log. */
  private static final Set<String> PROGRAMS =
      Set.of(
          "anvil",
          "bounce",
          "cleanup",
          "defer",
          "discard",
          "dnsblog",
          "error",
          "flush",
          "lmtp",
          "local",
          "master",
          "nqmgr",
          "oqmgr",
          "pickup",
          "pipe",
          "postalias",
          "postdrop",
          "postfix-script",
          "postlog",
          "postlogd",
          "postmap",
          "postqueue",
          "postscreen",
          "postsuper",
          "proxymap",
          "proxywrite",
          "qmgr",
          "qmqpd",
          "relay",
          "retry",
          "scache",
          "sendmail",
          "showq",
          "smtp",
          "smtpd",
          "spawn",
          "tlsmgr",
          "tlsproxy",
          "trace",
          "trivial-rewrite",
          "verify",
          "virtual");

  /** The tag that a word is; empty where it is none. */
  public static Optional<Tag> find(String word) {
    return word.endsWith(":") && word.length() > 1
        ? bare(word.substring(0, word.length() - 1))
        : Optional.empty();
  }

  /** The tag that a word is without its colon. */
  public static Optional<Tag> bare(String word) {
    String name = word;
    int bracket = name.lastIndexOf('[');
    Optional<Integer> pid = Optional.empty();
    if (name.endsWith("]") && bracket > 0) {
      pid = Digits.find(name.substring(bracket + 1, name.length() - 1));
      name = name.substring(0, bracket);
      if (pid.isEmpty() && name.indexOf('/') < 0) {
        return Optional.empty(); // A number that was blotted out follows a name of Postfix only.
      }
    }
    boolean isName =
        !name.isEmpty() && name.indexOf('[') < 0 && !name.endsWith("/") && !name.startsWith("/");
    return isName ? Optional.of(named(name, pid)) : Optional.empty();
  }

  /** The tag of a program with that name. */
  public static Tag named(String name, Optional<Integer> pid) {
    int slash = name.indexOf('/');
    return slash < 0
        ? new Tag(name, name, pid)
        : new Tag(name.substring(0, slash), name.substring(slash + 1), pid);
  }

  /** Whether it is a tag even where no time stands before it. */
  public boolean isCertain() {
    return pid.isPresent() || !instance.equals(service);
  }

  /** Whether it is a program of Postfix: their tags have a slash. */
  public boolean isPostfix() {
    return isPostfix(instance, service);
  }

  static boolean isPostfix(String instance, String service) {
    return !instance.equals(service)
        && PROGRAMS.contains(service.substring(service.lastIndexOf('/') + 1));
  }
}
