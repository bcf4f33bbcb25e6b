package dev.tlswaiver.waiver;

import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Pool;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A rung granted to one pool, with an end; and its life.
 *
 * @param addresses those of the pool that were seen failing, in order
 * @param networks what is redirected: covers the addresses, merged, in order
 * @param rule the rule that found it, or {@code renewal}
 * @param round how often this pool was granted before, counted from 0; each round lasts twice as
 *     long
 * @param granted when it came into force
 * @param expires when it ends, whatever becomes of the agent
 */
public record Waiver(
    long id,
    Pool pool,
    List<IpAddress> addresses,
    List<IpPrefix> networks,
    Rung rung,
    Reason reason,
    Optional<String> openssl,
    String rule,
    int failures,
    Instant first,
    Instant last,
    Instant at,
    State state,
    int round,
    Optional<Instant> granted,
    Optional<Instant> expires,
    Optional<Proof> proof,
    List<Objection> objections,
    List<Transition> history) {

  public Waiver {
    addresses = addresses.stream().distinct().sorted().toList();
    networks = IpPrefix.merge(networks);
    objections = List.copyOf(objections);
    history = List.copyOf(history);
  }

  /**
   * This waiver in its next state.
   *
   * @throws IllegalStateException if the state may not follow
   */
  public Waiver become(State next, Instant when, String why) {
    if (!state.mayBecome(next)) {
      throw new IllegalStateException("waiver " + id + ": " + state + " cannot become " + next);
    }
    List<Transition> longer = new ArrayList<>(history);
    longer.add(new Transition(next, when, why));
    return new Waiver(
        id,
        pool,
        addresses,
        networks,
        rung,
        reason,
        openssl,
        rule,
        failures,
        first,
        last,
        at,
        next,
        round,
        granted,
        expires,
        proof,
        objections,
        longer);
  }

  /** In force from {@code when} to {@code until}. */
  Waiver grantedFrom(Instant when, Instant until) {
    return new Waiver(
        id,
        pool,
        addresses,
        networks,
        rung,
        reason,
        openssl,
        rule,
        failures,
        first,
        last,
        at,
        state,
        round,
        Optional.of(when),
        Optional.of(until),
        proof,
        objections,
        history);
  }

  Waiver provenBy(Proof seen) {
    return new Waiver(
        id,
        pool,
        addresses,
        networks,
        rung,
        reason,
        openssl,
        rule,
        failures,
        first,
        last,
        at,
        state,
        round,
        granted,
        expires,
        Optional.of(seen),
        objections,
        history);
  }

  Waiver objectedBy(List<Objection> why) {
    return new Waiver(
        id, pool, addresses, networks, rung, reason, openssl, rule, failures, first, last, at,
        state, round, granted, expires, proof, why, history);
  }

  /** With the latest evidence. */
  Waiver failing(int times, Instant latest) {
    return new Waiver(
        id,
        pool,
        addresses,
        networks,
        rung,
        reason,
        openssl,
        rule,
        times,
        first,
        latest,
        at,
        state,
        round,
        granted,
        expires,
        proof,
        objections,
        history);
  }

  /** Covering more of its pool. */
  Waiver covering(Collection<IpAddress> seen, List<IpPrefix> cover) {
    return new Waiver(
        id,
        pool,
        List.copyOf(seen),
        cover,
        rung,
        reason,
        openssl,
        rule,
        failures,
        first,
        last,
        at,
        state,
        round,
        granted,
        expires,
        proof,
        objections,
        history);
  }

  /** Whether the address is one of those redirected. */
  public boolean covers(IpAddress address) {
    return networks.stream().anyMatch(network -> network.contains(address));
  }

  /** When it came to its present state. */
  public Instant since() {
    return history.get(history.size() - 1).at();
  }
}
