package dev.tlswaiver.waiver;

import dev.tlswaiver.handshake.Observation.Delivery;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.rule.Finding;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Moves waivers on. Each method takes what was seen and the time, changes the ledger, and returns
 * the waivers that changed. Used by the ledger's thread.
 */
public final class Life {
  private static final String RENEWAL = "renewal";

  /** Failures that say nothing about the rung: the peer left, or the line did. */
  private static final Set<Reason> INCONCLUSIVE =
      EnumSet.of(Reason.DISCONNECTED, Reason.TIMED_OUT, Reason.OWN_FAULT);

  private final Ledger ledger;
  private final Pools pools;
  private final Terms terms;

  public Life(Ledger ledger, Pools pools, Terms terms) {
    this.ledger = ledger;
    this.pools = pools;
    this.terms = terms;
  }

  /**
   * A rule found something. Proposes a waiver, lets a running one grow, or does nothing: for a pool
   * that the operator revoked, or whose ladder has no rung left.
   *
   * @param review what may say no to a proposal
   */
  public Optional<Waiver> found(Finding finding, Function<Waiver, List<Objection>> review) {
    Optional<Waiver> latest = ledger.latest(finding.pool());
    if (latest.isEmpty()) {
      return Optional.of(judge(proposal(finding, first(finding), 0), review));
    }
    Waiver before = latest.get();
    return switch (before.state()) {
      case PROPOSED, DIAGNOSING ->
          Optional.of(put(grown(before, finding).failing(finding.failures(), finding.last())));
      case ACTIVE, PROVEN -> changed(before, grown(before, finding));
      // Without an objection it was the operator who said no, and that lasts.
      case REFUSED ->
          before.objections().isEmpty()
              ? Optional.empty()
              : Optional.of(judgeAgain(before, finding, review));
      case FAILED -> Optional.of(judge(proposal(finding, before.rung(), before.round()), review));
      case EXPIRED ->
          Optional.of(judge(proposal(finding, before.rung(), before.round() + 1), review));
      case INEFFECTIVE ->
          above(before.rung()).map(rung -> judge(proposal(finding, rung, before.round()), review));
      case REVOKED -> Optional.empty();
    };
  }

  /**
   * A single failure, of a kind that some rule counts. Renews the waiver of a pool whose last one
   * was proven and has expired: it need not fail three times again.
   */
  public Optional<Waiver> failed(
      Pool pool, Handshake handshake, Function<Waiver, List<Objection>> review) {
    Optional<Waiver> expired =
        ledger.latest(pool).filter(waiver -> waiver.state() == State.EXPIRED);
    if (expired.isEmpty()
        || !(handshake.outcome() instanceof Failed failed)
        || handshake.time().isEmpty()
        || handshake.peer().address().isEmpty()) {
      return Optional.empty();
    }
    Waiver before = expired.get();
    TreeSet<IpAddress> addresses = new TreeSet<>(before.addresses());
    addresses.add(handshake.peer().address().get());
    Instant time = handshake.time().get();
    Finding finding =
        new Finding(
            RENEWAL,
            pool,
            failed.reason(),
            failed.openssl(),
            1,
            time,
            time,
            List.copyOf(addresses));
    return Optional.of(judge(proposal(finding, before.rung(), before.round() + 1), review));
  }

  private Rung first(Finding finding) {
    Rung wanted = terms.firstRung().getOrDefault(finding.rule(), Rung.LEGACY);
    return terms.ladder().contains(wanted) ? wanted : above(wanted).orElse(wanted);
  }

  private Optional<Rung> above(Rung rung) {
    return terms.ladder().stream().filter(other -> other.compareTo(rung) > 0).findFirst();
  }

  private Waiver proposal(Finding finding, Rung rung, int round) {
    List<IpAddress> addresses = capped(finding.addresses());
    return new Waiver(
        ledger.nextId(),
        finding.pool(),
        addresses,
        pools.cover(addresses),
        rung,
        finding.reason(),
        finding.openssl(),
        finding.rule(),
        finding.failures(),
        finding.first(),
        finding.last(),
        finding.last(),
        State.PROPOSED,
        round,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(
            new Transition(
                State.PROPOSED,
                finding.last(),
                finding.failures() + " failures found by rule " + finding.rule())));
  }

  private List<IpAddress> capped(List<IpAddress> addresses) {
    return addresses.subList(0, Math.min(addresses.size(), terms.mostAddresses()));
  }

  private Waiver judge(Waiver proposal, Function<Waiver, List<Objection>> review) {
    List<Objection> objections = review.apply(proposal);
    return put(objections.isEmpty() ? proposal : refused(proposal, objections));
  }

  private static Waiver refused(Waiver waiver, List<Objection> objections) {
    return waiver
        .objectedBy(objections)
        .become(State.REFUSED, waiver.last(), objections.get(0).text());
  }

  /** A pool once refused is asked about again, but keeps one entry while the answer stays no. */
  private Waiver judgeAgain(
      Waiver before, Finding finding, Function<Waiver, List<Objection>> review) {
    Waiver proposal = proposal(finding, first(finding), before.round());
    List<Objection> objections = review.apply(proposal);
    return objections.isEmpty()
        ? put(proposal)
        : put(before.objectedBy(objections).failing(finding.failures(), finding.last()));
  }

  private Waiver grown(Waiver waiver, Finding finding) {
    TreeSet<IpAddress> addresses = new TreeSet<>(waiver.addresses());
    addresses.addAll(finding.addresses());
    return addresses.size() > terms.mostAddresses()
        ? waiver
        : waiver.covering(addresses, pools.cover(addresses));
  }

  private Optional<Waiver> changed(Waiver before, Waiver after) {
    return after.equals(before) ? Optional.empty() : Optional.of(put(after));
  }

  /** The plan was applied: the waiver is in force from now on. */
  public Waiver activate(Waiver waiver, Instant now) {
    return put(
        waiver
            .grantedFrom(now, until(waiver, now))
            .become(State.ACTIVE, now, "the plan was applied"));
  }

  /** What the host would owe this proposal if it came into force now. */
  public Grant grant(Waiver proposal, Instant now) {
    return new Grant(proposal.id(), proposal.rung(), proposal.networks(), until(proposal, now));
  }

  private Instant until(Waiver waiver, Instant now) {
    return now.truncatedTo(ChronoUnit.SECONDS).plus(terms.length(waiver.round()));
  }

  /** The plan was rejected or rolled back. */
  public Waiver fail(Waiver waiver, Instant now, String why) {
    return put(waiver.become(State.FAILED, now, why));
  }

  /** A handshake on a relaxed listener. A failure there shows that its rung does not help. */
  public Optional<Waiver> negotiated(Rung rung, Handshake handshake, Instant now) {
    if (!(handshake.outcome() instanceof Failed failed) || INCONCLUSIVE.contains(failed.reason())) {
      return Optional.empty();
    }
    return waiverOf(rung, handshake.peer().address())
        .filter(waiver -> waiver.state() == State.ACTIVE)
        .map(
            waiver ->
                put(
                    waiver.become(
                        State.INEFFECTIVE,
                        now,
                        "failed on the relaxed listener too: " + failed.reason().label())));
  }

  /** Mail accepted on a relaxed listener: the proof. */
  public Optional<Waiver> delivered(Rung rung, Delivery delivery, Instant now) {
    return waiverOf(rung, delivery.peer().address())
        .filter(waiver -> waiver.state() == State.ACTIVE)
        .map(
            waiver ->
                put(
                    waiver
                        .provenBy(
                            new Proof(
                                delivery.tls().map(Outcome.Completed::protocol),
                                delivery.tls().map(Outcome.Completed::cipher),
                                delivery.queueId(),
                                delivery.time().orElse(now)))
                        .become(State.PROVEN, now, "mail accepted: " + delivery.queueId())));
  }

  private Optional<Waiver> waiverOf(Rung rung, Optional<IpAddress> address) {
    return address.flatMap(known -> ledger.inForce(rung, known));
  }

  /** Ends what is due: waivers past their end, and those without proof past their deadline. */
  public List<Waiver> due(Instant now) {
    List<Waiver> ended = new ArrayList<>();
    for (Waiver waiver : ledger.in(State::isInForce)) {
      boolean isOver = !waiver.expires().orElseThrow().isAfter(now);
      Instant deadline = waiver.granted().orElseThrow().plus(terms.proveWithin());
      if (waiver.state() == State.PROVEN && isOver) {
        ended.add(put(waiver.become(State.EXPIRED, now, "its time is over")));
      }
      if (waiver.state() == State.ACTIVE && (isOver || !deadline.isAfter(now))) {
        ended.add(put(waiver.become(State.INEFFECTIVE, now, "no mail came before its deadline")));
      }
    }
    return ended;
  }

  /** Takes a waiver in force, or a proposal, back for good. */
  public Waiver revoke(Waiver waiver, Instant now, String why) {
    State next = waiver.state().isInForce() ? State.REVOKED : State.REFUSED;
    return put(waiver.become(next, now, why));
  }

  private Waiver put(Waiver waiver) {
    ledger.put(waiver);
    return waiver;
  }
}
