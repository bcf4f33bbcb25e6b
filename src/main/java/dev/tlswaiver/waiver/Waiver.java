package dev.tlswaiver.waiver;

import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Pool;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A rung granted to one pool, with an end; and its life.
 *
 * @param addresses those of the pool that were seen failing, in order
 * @param joined neighbours of those, of the pool by their names in both directions, that are
 *     covered before they fail; in order
 * @param networks what is redirected: covers the addresses and who joined, merged, in order
 * @param rung where help begins, or has come to; a peer that is asked first stands on {@code
 *     diagnose} meanwhile
 * @param at when it was proposed
 * @param round how often this pool was granted before, counted from 0; each round lasts twice as
 *     long
 * @param term when it came into force, and when it ends
 * @param attempt the latest handshake on one of our listeners
 * @param needs the lowest rung that would admit each address, as it was seen on our listener last;
 *     {@code diagnose}, whose terms are the strict ones, for one that stays since the operator
 *     granted knowingly
 * @param objections what refused it; of the operator's own, what he overruled
 */
public record Waiver(
    long id,
    Pool pool,
    List<IpAddress> addresses,
    List<IpAddress> joined,
    List<IpPrefix> networks,
    Rung rung,
    Evidence evidence,
    Instant at,
    State state,
    int round,
    Optional<Term> term,
    Optional<Attempt> attempt,
    Map<IpAddress, Rung> needs,
    Optional<Proof> proof,
    List<Objection> objections,
    List<Transition> history) {

  public Waiver {
    addresses = addresses.stream().distinct().sorted().toList();
    joined = joined.stream().distinct().sorted().toList();
    networks = IpPrefix.merge(networks);
    needs = Map.copyOf(needs);
    objections = List.copyOf(objections);
    history = List.copyOf(history);
  }

  /** One that no neighbour has joined. */
  public Waiver(
      long id,
      Pool pool,
      List<IpAddress> addresses,
      List<IpPrefix> networks,
      Rung rung,
      Evidence evidence,
      Instant at,
      State state,
      int round,
      Optional<Term> term,
      Optional<Attempt> attempt,
      Map<IpAddress, Rung> needs,
      Optional<Proof> proof,
      List<Objection> objections,
      List<Transition> history) {
    this(
        id,
        pool,
        addresses,
        List.of(),
        networks,
        rung,
        evidence,
        at,
        state,
        round,
        term,
        attempt,
        needs,
        proof,
        objections,
        history);
  }

  /** One that nobody has judged yet. */
  static Waiver propose(
      long id,
      Pool pool,
      Collection<IpAddress> addresses,
      List<IpPrefix> networks,
      Rung rung,
      Evidence evidence,
      int round) {
    return propose(
        id,
        pool,
        addresses,
        networks,
        rung,
        evidence,
        round,
        evidence.failures() + " failures found by rule " + evidence.rule());
  }

  /** One that nobody has judged yet, with the reason for it. */
  static Waiver propose(
      long id,
      Pool pool,
      Collection<IpAddress> addresses,
      List<IpPrefix> networks,
      Rung rung,
      Evidence evidence,
      int round,
      String why) {
    return new Waiver(
        id,
        pool,
        List.copyOf(addresses),
        networks,
        rung,
        evidence,
        evidence.last(),
        State.PROPOSED,
        round,
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        List.of(),
        List.of(new Transition(State.PROPOSED, evidence.last(), why)));
  }

  /** The parts that change in a waiver's life. */
  private static final class Draft {
    private List<IpAddress> addresses;
    private List<IpAddress> joined;
    private List<IpPrefix> networks;
    private Rung rung;
    private Evidence evidence;
    private State state;
    private Optional<Term> term;
    private Optional<Attempt> attempt;
    private Map<IpAddress, Rung> needs;
    private Optional<Proof> proof;
    private List<Objection> objections;
    private final List<Transition> history;

    Draft(Waiver waiver) {
      addresses = waiver.addresses;
      joined = waiver.joined;
      networks = waiver.networks;
      rung = waiver.rung;
      evidence = waiver.evidence;
      state = waiver.state;
      term = waiver.term;
      attempt = waiver.attempt;
      needs = waiver.needs;
      proof = waiver.proof;
      objections = waiver.objections;
      history = new ArrayList<>(waiver.history);
    }
  }

  private Waiver changed(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return new Waiver(
        id,
        pool,
        draft.addresses,
        draft.joined,
        draft.networks,
        draft.rung,
        draft.evidence,
        at,
        draft.state,
        round,
        draft.term,
        draft.attempt,
        draft.needs,
        draft.proof,
        draft.objections,
        draft.history);
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
    return changed(
        draft -> {
          draft.state = next;
          draft.history.add(new Transition(next, when, why));
        });
  }

  /** On another rung, in the same state. */
  Waiver stepTo(Rung next, Instant when, String why) {
    return changed(
        draft -> {
          draft.rung = next;
          draft.history.add(new Transition(state, when, why));
        });
  }

  /** In force for a time. */
  Waiver during(Term time) {
    return changed(draft -> draft.term = Optional.of(time));
  }

  Waiver provenBy(Proof seen) {
    return changed(draft -> draft.proof = Optional.of(seen));
  }

  Waiver objectedBy(List<Objection> why) {
    return changed(draft -> draft.objections = why);
  }

  /** Refused, in whichever state it waits. */
  Waiver refusedBy(Objection why, Instant when) {
    return objectedBy(List.of(why)).become(State.REFUSED, when, why.text());
  }

  /** Ended before its time, in whichever state it is. */
  Waiver endedBy(Objection why, Instant when) {
    return switch (state) {
      case PROVEN -> become(State.EXPIRED, when, why.text());
      case ACTIVE -> become(State.INEFFECTIVE, when, why.text());
      case PROPOSED, DIAGNOSING, REFUSED, FAILED, INEFFECTIVE, EXPIRED, REVOKED ->
          refusedBy(why, when);
    };
  }

  /** With the latest evidence. */
  Waiver knowing(Evidence latest) {
    return changed(draft -> draft.evidence = latest);
  }

  /** With the latest handshake on a listener of ours. */
  Waiver trying(Attempt latest) {
    return changed(draft -> draft.attempt = Optional.of(latest));
  }

  /** With what an address needs. */
  Waiver needing(IpAddress address, Rung lowest) {
    return changed(
        draft -> {
          Map<IpAddress, Rung> known = new TreeMap<>(needs);
          known.put(address, lowest);
          draft.needs = known;
        });
  }

  /** Covering these of its pool. */
  Waiver covering(
      Collection<IpAddress> seen, Collection<IpAddress> neighbours, List<IpPrefix> cover) {
    return changed(
        draft -> {
          draft.addresses = List.copyOf(seen);
          draft.joined = List.copyOf(neighbours);
          draft.networks = cover;
          Map<IpAddress, Rung> known = new TreeMap<>(needs);
          known.keySet().removeIf(gone -> addresses.contains(gone) && !seen.contains(gone));
          draft.needs = known;
        });
  }

  /** Whether the address is one of those redirected. */
  public boolean covers(IpAddress address) {
    return networks.stream().anyMatch(network -> network.contains(address));
  }

  /** Whether the operator granted it himself. */
  public boolean isOperators() {
    return evidence.rule().equals(Life.OPERATOR);
  }

  /** Whether it was in this state at some time. */
  public boolean hasBeen(State past) {
    return history.stream().anyMatch(step -> step.to() == past);
  }

  /** When it came to its present state, or rung. */
  public Instant since() {
    return history.get(history.size() - 1).at();
  }

  /** How often it changed its rung after the proof. */
  long steps() {
    return history.stream().filter(step -> step.to() == State.PROVEN).skip(1).count();
  }

  /** The rung that the host owes the peer now; empty where it owes none. */
  public Optional<Rung> standsOn() {
    return switch (state) {
      case DIAGNOSING -> Optional.of(Rung.DIAGNOSE);
      case ACTIVE, PROVEN -> Optional.of(rung);
      case PROPOSED, REFUSED, FAILED, INEFFECTIVE, EXPIRED, REVOKED -> Optional.empty();
    };
  }

  /** What the host owes the peer now. */
  Optional<Grant> grant() {
    return standsOn().map(on -> new Grant(id, on, networks, term.orElseThrow().until()));
  }
}
