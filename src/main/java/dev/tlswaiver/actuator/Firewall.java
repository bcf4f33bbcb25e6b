package dev.tlswaiver.actuator;

import java.time.Instant;

/** What redirects waived peers. */
public interface Firewall {
  /** What is in force now; elements end at about the times told. */
  Ruleset actual(Instant now) throws HostException;

  /** The transaction that makes the ruleset the one in force, as text. */
  String transaction(Ruleset next, Instant now);

  /**
   * Asks the real tool whether it would take the transaction.
   *
   * @throws RejectedException if not
   */
  void check(Ruleset next, Instant now) throws HostException;

  /** Makes the ruleset the one in force, in one transaction. */
  void load(Ruleset next, Instant now) throws HostException;
}
