package dev.tlswaiver.actuator.nftables;

import java.util.List;

/**
 * A rule of a chain.
 *
 * @param target the chain that it jumps to; empty for other verdicts
 * @param label how a person finds it
 */
record FilterRule(List<Match> matches, Verdict verdict, String target, String label) {

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
  }

  Match.Answer answer(Packet packet) {
    Match.Answer answer = Match.Answer.YES;
    for (Match match : matches) {
      answer = answer.and(match.answer(packet));
    }
    return answer;
  }
}
