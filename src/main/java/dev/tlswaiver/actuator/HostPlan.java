package dev.tlswaiver.actuator;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A plan in full.
 *
 * @param actual what is redirected now
 * @param first the transaction before the mail system changes; empty where none is needed
 * @param last the transaction after it; empty where none is needed
 * @param isStep whether the host is not yet there when this one is applied
 * @param text how a person reads it
 */
record HostPlan(
    MailChange mail,
    Ruleset actual,
    Ruleset desired,
    Optional<Ruleset> first,
    Optional<Ruleset> last,
    boolean isStep,
    String text)
    implements Plan {

  @Override
  public boolean isEmpty() {
    return mail.isEmpty() && first.isEmpty() && last.isEmpty();
  }

  /** Whether nothing of ours is on the host afterwards. */
  boolean leavesNothing() {
    return mail.listeners().isEmpty() && desired.isEmpty();
  }

  @Override
  public Set<Component> components() {
    Set<Component> components = EnumSet.noneOf(Component.class);
    components.addAll(mail.components());
    if (first.isPresent() || last.isPresent()) {
      components.add(Component.REDIRECT);
    }
    return components;
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
