package dev.tlswaiver.firewall;

import java.util.List;

/**
 * A rule of a chain.
 *
 * @param effects what it does to a packet that it matches, besides its verdict
 * @param target the chain that it jumps to; empty for other verdicts
 * @param label how a person finds it
 */
record FilterRule(
    List<Match> matches, List<Effect> effects, Verdict verdict, String target, String label) {

  /** What becomes of a packet that the rule matches. */
  enum Verdict {
    ACCEPT,
    /** Or reject: it does not get in. */
    DROP,
    /** Its destination is changed, which ends the chain. */
    TRANSLATE,
    JUMP,
    GOTO,
    RETURN,
    /** The next rule is asked. */
    CONTINUE
  }

  FilterRule {
    matches = List.copyOf(matches);
    effects = List.copyOf(effects);
  }

  Match.Answer answer(Packet packet) {
    Match.Answer answer = Match.Answer.YES;
    for (Match match : matches) {
      answer = answer.and(match.answer(packet));
    }
    return answer;
  }

  /** This one, if it did not say notrack. */
  FilterRule tracking() {
    return new FilterRule(
        matches,
        effects.stream().filter(effect -> !(effect instanceof Effect.NoTracking)).toList(),
        verdict,
        target,
        label);
  }
}
