package dev.tlswaiver.notify;

import dev.tlswaiver.peer.HostName;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A mail address that needs no quotes: {@code postmaster@example.org}, or {@code root} on this
 * host.
 */
public record Mailbox(String text) {
  private static final int MOST_CHARACTERS = 254;

  /** RFC 5322's dot-atom. It begins with no hyphen, which a program might take for an option. */
  private static final Pattern LOCAL =
      Pattern.compile(
          "[A-Za-z0-9_][A-Za-z0-9!#$%&'*+/=?^_`{|}~-]*(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*");

  public Mailbox {
    // It stands in a header and on a command line. It must stay one word there.
    if (!isMailbox(text)) {
      throw new IllegalArgumentException("not a mail address: " + text);
    }
  }

  /** The address that the text spells, or empty. */
  public static Optional<Mailbox> find(String text) {
    return isMailbox(text) ? Optional.of(new Mailbox(text)) : Optional.empty();
  }

  private static boolean isMailbox(String text) {
    int at = text.indexOf('@');
    String local = at < 0 ? text : text.substring(0, at);
    return text.length() <= MOST_CHARACTERS
        && LOCAL.matcher(local).matches()
        && (at < 0 || HostName.find(text.substring(at + 1)).isPresent());
  }

  @Override
  public String toString() {
    return text;
  }
}
