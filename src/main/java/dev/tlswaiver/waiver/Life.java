package dev.tlswaiver.waiver;

import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Observation.Delivery;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome;
import dev.tlswaiver.handshake.Outcome.Completed;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.rule.Finding;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.Function;

/**
 * Moves waivers on. Each method takes what was seen and the time, changes the ledger, and returns
 * the waivers that changed. Used by the ledger's thread.
 *
 * <p>A finding becomes a proposal. When it is applied, the peer is asked first: it goes to the
 * strict, verbose listener, and the hello that it sends there decides the rung. Where the log shows
 * a hello already, or nobody may be asked, the proposal goes to its rung directly.
 */
public final class Life {
  /** The rule of a waiver that the operator made. */
  public static final String OPERATOR = "operator";

  private static final String RENEWAL = "renewal";

  /** Failures that say nothing about the rung: the peer left, or the line did. */
  private static final Set<Reason> INCONCLUSIVE =
      EnumSet.of(Reason.DISCONNECTED, Reason.TIMED_OUT, Reason.OWN_FAULT);

  /** Failures whose cause is in the offer, so that a better offer is their end. */
  private static final Set<Reason> IN_THE_OFFER =
      EnumSet.of(
          Reason.NO_SHARED_CIPHER,
          Reason.UNKNOWN_PROTOCOL,
          Reason.UNSUPPORTED_PROTOCOL,
          Reason.VERSION_TOO_LOW);

  /** Failures that no settings of ours end, however wide. */
  private static final Set<Reason> INCURABLE =
      EnumSet.of(Reason.CERTIFICATE_REJECTED, Reason.NOT_TLS, Reason.CORRUPTED);

  /** A waiver that stepped down and had to step back has shown that the calculation is wrong. */
  private static final int MOST_STEPS = 2;

  private final Ledger ledger;
  private final Pools pools;
  private final Terms terms;
  private final BiPredicate<IpPrefix, Instant> mayWiden;

  /**
   * @param mayWiden whether a network may be waived as a whole where several of its addresses fail
   */
  public Life(Ledger ledger, Pools pools, Terms terms, BiPredicate<IpPrefix, Instant> mayWiden) {
    this.ledger = ledger;
    this.pools = pools;
    this.terms = terms;
    this.mayWiden = mayWiden;
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
      Evidence evidence = Evidence.of(finding, diagnosis(finding));
      return Optional.of(judge(proposal(finding, evidence, first(evidence), 0), review));
    }
    Waiver before = latest.get();
    Evidence evidence = before.evidence().then(finding, diagnosis(finding));
    return switch (before.state()) {
      case PROPOSED ->
          Optional.of(judge(reconsidered(grown(before, finding), finding, evidence), review));
      case DIAGNOSING ->
          changed(before, grownWhereNobodyObjects(before, finding, review).knowing(evidence));
      case ACTIVE, PROVEN -> changed(before, grownWhereNobodyObjects(before, finding, review));
      case REFUSED -> judgeAgain(before, finding, review);
      case FAILED -> Optional.of(again(before, finding, before.rung(), before.round(), review));
      case EXPIRED ->
          Optional.of(again(before, finding, before.rung(), before.round() + 1, review));
      case INEFFECTIVE ->
          next(before).map(rung -> again(before, finding, rung, before.round(), review));
      case REVOKED -> Optional.empty();
    };
  }

  /**
   * A proposal with what was found since: a hello decides the rung, and where there is none, the
   * highest that a rule names, since each of them found failures that a lower one does not cure.
   */
  private Waiver reconsidered(Waiver proposal, Finding finding, Evidence evidence) {
    Rung named = terms.ladder().from(named(finding.rule()));
    Rung rung =
        evidence.hello().isPresent()
            ? first(evidence)
            : named.compareTo(proposal.rung()) > 0 ? named : proposal.rung();
    Waiver knowing = proposal.knowing(evidence);
    return rung == proposal.rung()
        ? knowing
        : knowing.stepTo(rung, finding.last(), "the rung that the later failures ask for");
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
            List.copyOf(addresses),
            handshake.hello());
    return Optional.of(again(before, finding, before.rung(), before.round() + 1, review));
  }

  /** A pool that had a waiver before; what it offered then is not asked for again. */
  private Waiver again(
      Waiver before,
      Finding finding,
      Rung rung,
      int round,
      Function<Waiver, List<Objection>> review) {
    Evidence evidence =
        Evidence.of(finding, diagnosis(finding).or(() -> before.evidence().diagnosis()));
    return judge(proposal(finding, evidence, rung, round), review);
  }

  private Optional<Diagnosis> diagnosis(Finding finding) {
    return finding.hello().map(terms.ladder()::diagnose);
  }

  /** Where help begins: as the hello says, or else as the rule does. */
  private Rung first(Evidence evidence) {
    Rung named = terms.ladder().from(named(evidence.rule()));
    return evidence.hello().flatMap(hello -> decided(hello, named)).orElse(named);
  }

  private Rung named(String rule) {
    return terms.firstRung().getOrDefault(rule, Rung.LEGACY);
  }

  /**
   * The rung that a hello asks for; the one that the rule names where the strict terms would admit
   * it; empty where no enabled rung does.
   */
  private Optional<Rung> decided(ClientHello hello, Rung named) {
    return terms.ladder().isStrictEnough(hello)
        ? Optional.of(named)
        : terms.ladder().admitting(hello, Rung.DIAGNOSE);
  }

  /** The rung after one that did not help; the same one where nobody tried it. */
  private Optional<Rung> next(Waiver before) {
    Optional<Reason> failed = before.attempt().flatMap(Attempt::failed);
    if (failed.isEmpty()) {
      return Optional.of(before.rung());
    }
    if (INCURABLE.contains(failed.get())) {
      return Optional.empty();
    }
    Optional<ClientHello> hello = before.evidence().hello();
    Optional<Rung> admitting =
        hello.flatMap(offered -> terms.ladder().admitting(offered, before.rung()));
    // A version alone asks for one rung, and for none above it.
    boolean mayClimb = hello.filter(offered -> !offered.hasSuites()).isEmpty();
    return mayClimb ? admitting.or(() -> terms.ladder().above(before.rung())) : admitting;
  }

  private Waiver proposal(Finding finding, Evidence evidence, Rung rung, int round) {
    List<IpAddress> addresses = capped(finding.addresses());
    return Waiver.propose(
        ledger.nextId(),
        finding.pool(),
        addresses,
        cover(addresses, finding.last()),
        rung,
        evidence,
        round);
  }

  private List<IpPrefix> cover(Collection<IpAddress> addresses, Instant now) {
    return pools.cover(addresses, network -> mayWiden.test(network, now));
  }

  private List<IpAddress> capped(List<IpAddress> addresses) {
    return addresses.subList(0, Math.min(addresses.size(), terms.mostAddresses()));
  }

  private Waiver judge(Waiver proposal, Function<Waiver, List<Objection>> review) {
    List<Objection> objections = review.apply(proposal);
    if (areLeftToOperator(objections)) {
      return put(proposal.objectedBy(objections));
    }
    return put(refused(proposal, objections));
  }

  /** Also where there is none. */
  private static boolean areLeftToOperator(List<Objection> objections) {
    return objections.stream()
        .allMatch(said -> said.guard() instanceof GuardName guard && guard.isLeftToOperator());
  }

  private static Waiver refused(Waiver waiver, List<Objection> objections) {
    return waiver
        .objectedBy(objections)
        .become(State.REFUSED, waiver.evidence().last(), objections.get(0).text());
  }

  /**
   * A pool once refused is asked about again, but keeps one entry while the answer stays no.
   * Without an objection it was the operator who said no, and that lasts; a peer that was asked has
   * told what it had to tell for a while.
   */
  private Optional<Waiver> judgeAgain(
      Waiver before, Finding finding, Function<Waiver, List<Objection>> review) {
    boolean isSettled =
        before.objections().isEmpty()
            || (before.hasBeen(State.DIAGNOSING)
                && finding.last().isBefore(before.since().plus(terms.proveWithin())));
    if (isSettled) {
      return Optional.empty();
    }
    Evidence evidence = before.evidence().then(finding, diagnosis(finding));
    Waiver proposal = proposal(finding, evidence, first(evidence), before.round());
    List<Objection> objections = review.apply(proposal);
    return Optional.of(
        objections.isEmpty()
            ? put(proposal)
            : put(before.objectedBy(objections).knowing(evidence)));
  }

  /**
   * Something came to light that may concern proposals made before it: those that are not in force
   * yet are judged once more.
   */
  public List<Waiver> reconsider(Function<Waiver, List<Objection>> review) {
    List<Waiver> refused = new ArrayList<>();
    for (Waiver waiver : ledger.in(State.PROPOSED::equals)) {
      List<Objection> objections = review.apply(waiver);
      if (!objections.isEmpty()) {
        refused.add(put(refused(waiver, objections)));
      }
    }
    return refused;
  }

  private Waiver grown(Waiver waiver, Finding finding) {
    TreeSet<IpAddress> addresses = new TreeSet<>(waiver.addresses());
    addresses.addAll(finding.addresses());
    if (addresses.size() > terms.mostAddresses()) {
      return waiver;
    }
    return covering(waiver, addresses, finding.last());
  }

  private Waiver covering(Waiver waiver, Collection<IpAddress> addresses, Instant now) {
    List<IpPrefix> cover = new ArrayList<>(cover(addresses, now));
    if (isOperators(waiver)) {
      cover.addAll(waiver.networks()); // What the operator named stays.
    }
    return waiver.covering(addresses, cover);
  }

  private static boolean isOperators(Waiver waiver) {
    return waiver.evidence().rule().equals(OPERATOR);
  }

  /** Grown by each address that no guard has anything against: it was not judged before. */
  private Waiver grownWhereNobodyObjects(
      Waiver waiver, Finding finding, Function<Waiver, List<Objection>> review) {
    Waiver grown = waiver;
    for (IpAddress address : finding.addresses()) {
      if (!grown.addresses().contains(address)
          && grown.addresses().size() < terms.mostAddresses()) {
        TreeSet<IpAddress> addresses = new TreeSet<>(grown.addresses());
        addresses.add(address);
        Waiver wider = covering(grown, addresses, finding.last());
        grown = review.apply(wider).isEmpty() ? wider : grown;
      }
    }
    return grown;
  }

  private Optional<Waiver> changed(Waiver before, Waiver after) {
    return after.equals(before) ? Optional.empty() : Optional.of(put(after));
  }

  /** What would be proposed for a pool that had no waiver before. The ledger stays as it is. */
  public Waiver hypothetical(Finding finding) {
    Evidence evidence = Evidence.of(finding, diagnosis(finding));
    return proposal(finding, evidence, first(evidence), 0);
  }

  /** Whether a finding would propose something for a pool whose latest waiver is this. */
  public boolean mayProposeAfter(Waiver latest) {
    return switch (latest.state()) {
      case PROPOSED, DIAGNOSING, ACTIVE, PROVEN, REVOKED -> false;
      case REFUSED -> !latest.objections().isEmpty();
      case FAILED, EXPIRED -> true;
      case INEFFECTIVE -> next(latest).isPresent();
    };
  }

  /** How long the waiver lasts that follows one that was proven and has expired. */
  public Duration nextLength(Waiver expired) {
    return terms.length(expired.round() + 1);
  }

  /** When a waiver in force ends for want of proof. */
  public Optional<Instant> proofDeadline(Waiver waiver) {
    return waiver
        .term()
        .filter(term -> waiver.state() == State.ACTIVE)
        .map(
            term -> {
              Instant late = term.from().plus(terms.proveWithin());
              return late.isBefore(term.until()) ? late : term.until();
            });
  }

  /**
   * The operator's own grant, to be judged before it is proposed. The ledger stays as it is.
   *
   * @param rung the rung; {@code diagnose} to ask the peer what it offers and go on from there
   * @param length how long it lasts once it is in force
   */
  public Waiver draft(
      Pool pool,
      Collection<IpAddress> addresses,
      List<IpPrefix> networks,
      Rung rung,
      Duration length,
      Instant now,
      Optional<Evidence> seen,
      String why) {
    Evidence evidence =
        new Evidence(
            OPERATOR,
            seen.map(Evidence::reason).orElse(Reason.OTHER),
            seen.flatMap(Evidence::openssl),
            seen.map(Evidence::failures).orElse(0),
            seen.map(Evidence::first).orElse(now),
            now,
            rung == Rung.DIAGNOSE ? Optional.empty() : seen.flatMap(Evidence::diagnosis));
    Rung target = rung == Rung.DIAGNOSE ? terms.ladder().from(Rung.TLS12) : rung;
    Waiver waiver =
        Waiver.propose(ledger.nextId(), pool, addresses, networks, target, evidence, 0, why);
    return rung == Rung.DIAGNOSE ? waiver : waiver.during(new Term(now, whole(now).plus(length)));
  }

  /** Proposes what was drafted, and judged. */
  public Waiver propose(Waiver draft) {
    return put(draft);
  }

  /** Whether the peer is asked what it offers before anything is relaxed for it. */
  public boolean asksFirst(Waiver waiver) {
    return waiver.state() == State.PROPOSED
        && terms.ladder().isDiagnosing()
        && waiver.evidence().hello().isEmpty()
        && waiver.term().isEmpty()
        && (isOperators(waiver) || !wasAsked(waiver.pool()));
  }

  /** Whether the pool was asked once, and then helped without an answer. */
  private boolean wasAsked(Pool pool) {
    return ledger.all().stream()
        .anyMatch(
            waiver ->
                waiver.pool().equals(pool)
                    && waiver.hasBeen(State.DIAGNOSING)
                    && waiver.hasBeen(State.ACTIVE));
  }

  /** Whether the waiver waits for the host to be changed: proposed, or asked and answered. */
  public static boolean awaitsPlan(Waiver waiver) {
    return waiver.state() == State.PROPOSED || isAnswered(waiver);
  }

  private static boolean isAnswered(Waiver waiver) {
    return waiver.state() == State.DIAGNOSING
        && waiver
            .attempt()
            .flatMap(Attempt::failed)
            .filter(
                reason -> waiver.evidence().hello().isPresent() || !INCONCLUSIVE.contains(reason))
            .isPresent();
  }

  /** What the host would owe this waiver if its plan were applied now. */
  public Grant grant(Waiver waiver, Instant now) {
    return planned(waiver, now).grant().orElseThrow();
  }

  /** The plan was applied: the peer is asked, or its waiver is in force from now on. */
  public Waiver activate(Waiver waiver, Instant now) {
    return put(planned(waiver, now));
  }

  private Waiver planned(Waiver waiver, Instant now) {
    if (asksFirst(waiver)) {
      return waiver
          .during(new Term(now, whole(now).plus(terms.proveWithin())))
          .become(State.DIAGNOSING, now, "the plan was applied: what does it offer?");
    }
    return waiver
        .during(new Term(now, until(waiver, now)))
        .become(State.ACTIVE, now, "the plan was applied");
  }

  private Instant until(Waiver waiver, Instant now) {
    Optional<Instant> chosen =
        waiver.state() == State.PROPOSED ? waiver.term().map(Term::until) : Optional.empty();
    return chosen.orElseGet(() -> whole(now).plus(terms.length(waiver.round())));
  }

  private static Instant whole(Instant now) {
    return now.truncatedTo(ChronoUnit.SECONDS);
  }

  /** The plan was rejected or rolled back. */
  public Waiver fail(Waiver waiver, Instant now, String why) {
    return put(waiver.become(State.FAILED, now, why));
  }

  /**
   * A handshake on one of our listeners. On {@code diagnose} it answers what the peer offers; on a
   * relaxed one a failure shows that the rung does not help, and success shows what would do.
   */
  public Optional<Waiver> negotiated(
      Rung rung, Handshake handshake, Instant now, Function<Waiver, List<Objection>> review) {
    Optional<IpAddress> address = handshake.peer().address();
    Optional<Waiver> standing = standing(rung, handshake.peer());
    if (standing.isEmpty() || isAnswered(standing.get())) {
      return Optional.empty();
    }
    Waiver waiver = standing.get().trying(attempt(rung, handshake, now));
    if (rung == Rung.DIAGNOSE) {
      return changed(standing.get(), answered(waiver, handshake, now, review));
    }
    if (handshake.outcome() instanceof Failed failed) {
      return changed(
          standing.get(),
          isServed(standing.get(), rung)
              ? waiver
              : failedThere(waiver, failed, handshake.hello(), now));
    }
    return changed(
        standing.get(),
        waiver.addresses().contains(address.get())
            ? stepped(needing(waiver, address.get(), handshake), now)
            : waiver);
  }

  /** The waiver of the peer; a neighbour in a waived network says nothing about it. */
  private Optional<Waiver> standing(Rung rung, Peer peer) {
    return peer.address()
        .flatMap(address -> ledger.standing(rung, address))
        .filter(
            waiver ->
                waiver.evidence().rule().equals(OPERATOR)
                    || waiver.addresses().contains(peer.address().orElseThrow())
                    || pools.find(peer).filter(waiver.pool()::equals).isPresent());
  }

  private static Attempt attempt(Rung rung, Handshake handshake, Instant now) {
    Outcome outcome = handshake.outcome();
    Optional<Completed> completed =
        outcome instanceof Completed agreed ? Optional.of(agreed) : Optional.empty();
    return new Attempt(
        handshake.time().orElse(now),
        rung,
        outcome instanceof Failed failed ? Optional.of(failed.reason()) : Optional.empty(),
        completed.map(Completed::protocol),
        completed.map(Completed::cipher));
  }

  private Waiver answered(
      Waiver waiver, Handshake handshake, Instant now, Function<Waiver, List<Objection>> review) {
    if (handshake.outcome() instanceof Completed completed) {
      return refused(
          waiver,
          GuardName.FEASIBLE,
          waiver.pool()
              + " meets the strict terms now ("
              + completed.protocol()
              + ", "
              + completed.cipher()
              + "): nothing needs to be relaxed",
          now);
    }
    if (!(handshake.outcome() instanceof Failed failed)) {
      return waiver;
    }
    Waiver knowing =
        handshake
            .hello()
            .map(hello -> waiver.knowing(waiver.evidence().with(terms.ladder().diagnose(hello))))
            .orElse(waiver);
    if (!isAnswered(knowing)) {
      return knowing;
    }
    if (failed.reason() == Reason.NOT_TLS && handshake.hello().isEmpty()) {
      return refused(
          knowing,
          GuardName.PROBE,
          waiver.pool() + " sends something that is no TLS: no rung helps",
          now);
    }
    Optional<Rung> rung =
        knowing
            .evidence()
            .hello()
            .map(hello -> decided(hello, knowing.rung()))
            .orElse(Optional.of(knowing.rung()));
    if (rung.isEmpty()) {
      return refused(knowing, GuardName.FEASIBLE, words(knowing), now);
    }
    Waiver next = knowing.stepTo(rung.get(), now, "asked: " + words(knowing));
    List<Objection> objections = review.apply(next);
    // Whoever is asked for the operator's word was asked with it.
    return areLeftToOperator(objections)
        ? next
        : next.objectedBy(objections).become(State.REFUSED, now, objections.get(0).text());
  }

  private static String words(Waiver waiver) {
    return waiver
        .evidence()
        .diagnosis()
        .map(Diagnosis::words)
        .orElse("the log shows no hello of it, so that its rule decides");
  }

  private static Waiver refused(Waiver waiver, GuardName guard, String why, Instant now) {
    return refused(waiver, new Objection(guard, why), now);
  }

  private static Waiver refused(Waiver waiver, Objection objection, Instant now) {
    return waiver.objectedBy(List.of(objection)).become(State.REFUSED, now, objection.text());
  }

  private Waiver failedThere(
      Waiver waiver, Failed failed, Optional<ClientHello> hello, Instant now) {
    if (INCONCLUSIVE.contains(failed.reason())) {
      return waiver;
    }
    if (waiver.state() == State.PROVEN) {
      return steppedBack(waiver, failed, now);
    }
    return hello
        .map(offered -> waiver.knowing(waiver.evidence().with(terms.ladder().diagnose(offered))))
        .orElse(waiver)
        .become(
            State.INEFFECTIVE,
            now,
            "failed on the relaxed listener too: " + failed.reason().label());
  }

  /** A lower rung was tried after the proof, and does not do. */
  private static Waiver steppedBack(Waiver waiver, Failed failed, Instant now) {
    Rung proven = waiver.proof().orElseThrow().rung();
    return waiver.rung().compareTo(proven) >= 0
        ? waiver
        : waiver.stepTo(
            proven,
            now,
            "steps back to "
                + proven.label()
                + ": on "
                + waiver.rung().label()
                + " it failed with "
                + failed.reason().label());
  }

  /** Whether one of the pool's hosts was served there just before: to that one it is of use. */
  private static boolean isServed(Waiver waiver, Rung rung) {
    return waiver.state() == State.ACTIVE
        && waiver
            .attempt()
            .filter(last -> last.rung() == rung && last.failed().isEmpty())
            .isPresent();
  }

  private Waiver needing(Waiver waiver, IpAddress address, Handshake handshake) {
    Optional<Rung> lowest =
        handshake
            .hello()
            .map(terms.ladder()::lowestAdmitting)
            .or(
                () ->
                    handshake.outcome() instanceof Completed completed
                        ? terms.ladder().lowestAgreeing(completed.protocol(), completed.cipher())
                        : Optional.empty());
    return lowest
        .filter(rung -> isExplainedByOffer(waiver))
        .map(rung -> waiver.needing(address, rung))
        .orElse(waiver);
  }

  /**
   * Whether the peer failed because of what it offers. Else what it offers says nothing about what
   * it needs; and without its hello a guess that was wrong once is not made again.
   */
  private boolean isExplainedByOffer(Waiver waiver) {
    return waiver
        .evidence()
        .hello()
        .map(hello -> !terms.ladder().isStrictEnough(hello))
        .orElse(waiver.round() == 0 && IN_THE_OFFER.contains(waiver.evidence().reason()));
  }

  /**
   * A proven waiver goes down to the lowest rung that every failing address can do with, and ends
   * when all of them meet the strict terms.
   */
  private Waiver stepped(Waiver waiver, Instant now) {
    if (waiver.state() != State.PROVEN
        || waiver.needs().isEmpty()
        || !waiver.needs().keySet().containsAll(waiver.addresses())) {
      return waiver;
    }
    Rung most = waiver.needs().values().stream().max(Comparator.naturalOrder()).orElseThrow();
    if (most == Rung.DIAGNOSE) {
      return waiver.become(
          State.EXPIRED,
          now,
          "what it offers now meets the strict terms: nothing is relaxed any more");
    }
    Rung target = terms.ladder().from(most);
    return target.compareTo(waiver.rung()) < 0 && waiver.steps() < MOST_STEPS
        ? waiver.stepTo(
            target,
            now,
            "steps down from " + waiver.rung().label() + ": " + target.label() + " would do")
        : waiver;
  }

  /** Mail accepted on a relaxed listener: the proof. */
  public Optional<Waiver> delivered(Rung rung, Delivery delivery, Instant now) {
    return standing(rung, delivery.peer())
        .filter(waiver -> waiver.state() == State.ACTIVE)
        .map(
            waiver ->
                waiver
                    .provenBy(
                        new Proof(
                            rung,
                            delivery.tls().map(Completed::protocol),
                            delivery.tls().map(Completed::cipher),
                            delivery.queueId(),
                            delivery.time().orElse(now)))
                    .become(State.PROVEN, now, "mail accepted: " + delivery.queueId()))
        .map(waiver -> put(stepped(waiver, now)));
  }

  /** Ends what is due: waivers past their end, and those without proof past their deadline. */
  public List<Waiver> due(Instant now) {
    List<Waiver> ended = new ArrayList<>();
    for (Waiver waiver : ledger.in(State::isOnHost)) {
      Term term = waiver.term().orElseThrow();
      boolean isOver = !term.until().isAfter(now);
      boolean isLate = !term.from().plus(terms.proveWithin()).isAfter(now);
      if (waiver.state() == State.PROVEN && isOver) {
        ended.add(put(waiver.become(State.EXPIRED, now, "its time is over")));
      }
      if (waiver.state() == State.ACTIVE && (isOver || isLate)) {
        ended.add(put(waiver.become(State.INEFFECTIVE, now, "no mail came before its deadline")));
      }
      if (waiver.state() == State.DIAGNOSING && isOver && !isAnswered(waiver)) {
        ended.add(
            put(
                refused(
                    waiver,
                    GuardName.FEASIBLE,
                    waiver.pool() + " did not try again: nobody knows what it offers",
                    now)));
      }
    }
    return ended;
  }

  /** The clock is not to be trusted: ends all that is on the host, whatever its time. */
  public List<Waiver> endAll(Instant now, String why) {
    Objection objection = new Objection(GuardName.CLOCK, why);
    return ledger.in(State::isOnHost).stream().map(waiver -> end(waiver, now, objection)).toList();
  }

  /** Ends one that is on the host before its time. */
  public Waiver end(Waiver waiver, Instant now, Objection objection) {
    return switch (waiver.state()) {
      case PROVEN -> put(waiver.become(State.EXPIRED, now, objection.text()));
      case ACTIVE -> put(waiver.become(State.INEFFECTIVE, now, objection.text()));
      default -> put(refused(waiver, objection, now));
    };
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
