package dev.tlswaiver.actuator;

import java.util.List;
import java.util.Optional;

/**
 * A plan in full.
 *
 * @param actual what is redirected now
 * @param first the transaction before the mail system changes; empty where none is needed
 * @param last the transaction after it; empty where none is needed
 * @param text how a person reads it
 */
record HostPlan(
    MailChange mail,
    Ruleset actual,
    Ruleset desired,
    Optional<Ruleset> first,
    Optional<Ruleset> last,
    String text)
    implements Plan {

  @Override
  public boolean isEmpty() {
    return mail.isEmpty() && first.isEmpty() && last.isEmpty();
  }

  @Override
  public String render() {
    return text;
  }

  /** The steps' names, in the order of apply. */
  static String text(
      Optional<String> first, MailChange mail, List<String> commands, Optional<String> last) {
    StringBuilder text = new StringBuilder();
    first.ifPresent(script -> text.append("nft -f - <<END\n").append(script).append("END\n"));
    mail.edits().forEach(edit -> text.append(edit.diff()));
    commands.forEach(command -> text.append(command).append('\n'));
    last.ifPresent(script -> text.append("nft -f - <<END\n").append(script).append("END\n"));
    return text.toString();
  }
}
