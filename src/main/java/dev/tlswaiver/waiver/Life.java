package dev.tlswaiver.waiver;

import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Observation.Delivery;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Observation.Neighbours;
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
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

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

  /** Failures that say nothing about the rung: the peer left, or the line did. */
  private static final Set<Reason> INCONCLUSIVE =
      EnumSet.of(Reason.DISCONNECTED, Reason.TIMED_OUT, Reason.OWN_FAULT);

  /** Guards that speak of what a peer told when it was asked, which holds for a while. */
  private static final Set<GuardName> ANSWERED =
      EnumSet.of(GuardName.FEASIBLE, GuardName.PROBE, GuardName.STRONG_TLS_MEMORY);

  /** Failures that no settings of ours end, however wide. */
  private static final Set<Reason> INCURABLE =
      EnumSet.of(Reason.CERTIFICATE_REJECTED, Reason.NOT_TLS, Reason.CORRUPTED);

  /** As the configuration allows. */
  private static final int MOST_CONFIGURABLE = 10_000;

  /** Networks in a line that a person copies. */
  private static final int MOST_IN_A_LINE = 8;

  private final Ledger ledger;
  private final Pools pools;
  private final Terms terms;
  private final Descent descent;
  private final Success success;

  public Life(Ledger ledger, Pools pools, Terms terms) {
    this.ledger = ledger;
    this.pools = pools;
    this.terms = terms;
    this.descent = new Descent(terms.ladder());
    this.success = new Success(ledger, terms.ladder(), descent, this::without);
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
      case FAILED -> Optional.of(again(before, finding, before.round(), review));
      case EXPIRED -> Optional.of(again(before, finding, before.round() + 1, review));
      case INEFFECTIVE ->
          hasFailedThere(before)
              ? climb(before, finding, review)
              : Optional.of(again(before, finding, before.round(), review));
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

  /** When the time of the pool's last waiver was over: a renewal counts failures from there. */
  public Optional<Instant> ended(Pool pool) {
    return ledger.latest(pool).filter(waiver -> waiver.state() == State.EXPIRED).map(Waiver::since);
  }

  /**
   * A pool that had a waiver before. It needs what a first one needs, and is asked anew: what it
   * offered then says nothing about who fails now.
   */
  private Waiver again(
      Waiver before, Finding finding, int round, Function<Waiver, List<Objection>> review) {
    Evidence evidence = Evidence.of(finding, diagnosis(finding));
    Rung rung = evidence.hello().isPresent() ? first(evidence) : before.rung();
    return judge(proposal(finding, evidence, rung, round), review);
  }

  /** To the next rung, with what the peer has shown already. */
  private Optional<Waiver> climb(
      Waiver before, Finding finding, Function<Waiver, List<Objection>> review) {
    Evidence evidence =
        Evidence.of(finding, before.evidence().then(finding, diagnosis(finding)).diagnosis());
    return next(before, evidence)
        .map(
            rung ->
                isLongAgo(before, finding.last())
                    ? again(before, finding, before.round(), review)
                    : judge(proposal(finding, evidence, rung, before.round()), review));
  }

  /** Whether its rung was tried, and the try failed. */
  private static boolean hasFailedThere(Waiver waiver) {
    return waiver
        .attempt()
        .filter(last -> last.rung() == waiver.rung())
        .flatMap(Attempt::failed)
        .isPresent();
  }

  /** Whether what became of a waiver is too long ago to go on from there. */
  private boolean isLongAgo(Waiver ended, Instant now) {
    return ended.since().plus(terms.lasts()).isBefore(now);
  }

  private Optional<Diagnosis> diagnosis(Finding finding) {
    return finding.hello().map(terms.ladder()::diagnose);
  }

  /** Where help begins: as the hello says, or else as the rule does. */
  private Rung first(Evidence evidence) {
    Rung named = terms.ladder().from(named(evidence.rule()));
    return evidence
        .hello()
        .flatMap(hello -> terms.ladder().decide(hello, evidence.reason(), named))
        .orElse(named);
  }

  private Rung named(String rule) {
    return terms.firstRung().getOrDefault(rule, Rung.LEGACY);
  }

  /**
   * The rung after one that did not help. A hello that was seen allows none but the one it needs.
   */
  private Optional<Rung> next(Waiver before, Evidence evidence) {
    Reason failed = before.attempt().flatMap(Attempt::failed).orElseThrow();
    if (INCURABLE.contains(failed)) {
      return Optional.empty();
    }
    return evidence.hello().isPresent()
        ? terms
            .ladder()
            .decide(evidence.hello().get(), failed, before.rung())
            .filter(rung -> rung.compareTo(before.rung()) > 0)
        : terms.ladder().above(before.rung());
  }

  private Waiver proposal(Finding finding, Evidence evidence, Rung rung, int round) {
    List<IpAddress> addresses =
        finding.addresses().stream().distinct().limit(terms.mostAddresses()).toList();
    return Waiver.propose(
        ledger.nextId(),
        finding.pool(),
        addresses,
        pools.cover(finding.pool(), addresses),
        rung,
        evidence,
        round);
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
            || (hasAnswered(before)
                && finding.last().isBefore(before.since().plus(terms.proveWithin())));
    if (isSettled) {
      return Optional.empty();
    }
    Evidence evidence = before.evidence().then(finding, diagnosis(finding));
    // A pool with strong hosts must show the same hello on another day.
    Evidence asked = isRefusedBy(before, GuardName.STRONG_TLS_MEMORY) ? anew(evidence) : evidence;
    Waiver proposal = proposal(finding, asked, first(asked), before.round());
    List<Objection> objections = review.apply(proposal);
    return Optional.of(
        objections.isEmpty()
            ? put(before.hasBeen(State.DIAGNOSING) ? proposal.knowing(anew(asked)) : proposal)
            : put(before.objectedBy(objections).knowing(evidence)));
  }

  /** To be asked again, where peers are asked. */
  private Evidence anew(Evidence evidence) {
    return terms.ladder().isDiagnosing() ? evidence.withoutDiagnosis() : evidence;
  }

  /** Whether the peer was asked, and what it told, or that it told nothing, was the reason. */
  private static boolean hasAnswered(Waiver waiver) {
    return waiver.hasBeen(State.DIAGNOSING)
        && ANSWERED.stream().anyMatch(guard -> isRefusedBy(waiver, guard));
  }

  private static boolean isRefusedBy(Waiver waiver, GuardName guard) {
    return waiver.objections().stream().anyMatch(said -> said.guard() == guard);
  }

  /**
   * Something came to light that may concern proposals made before it: those that are not in force
   * yet are judged once more.
   */
  public List<Waiver> reconsider(Function<Waiver, List<Objection>> review) {
    List<Waiver> refused = new ArrayList<>();
    for (Waiver waiver : ledger.live(State.PROPOSED::equals)) {
      List<Objection> objections = review.apply(waiver);
      if (!objections.isEmpty()) {
        refused.add(put(refused(waiver, objections)));
      }
    }
    return refused;
  }

  private Waiver grown(Waiver waiver, Finding finding) {
    Waiver grown = waiver;
    for (IpAddress address : finding.addresses()) {
      grown = hasRoomFor(grown, address) ? with(grown, address) : grown;
    }
    return grown;
  }

  private boolean hasRoomFor(Waiver waiver, IpAddress address) {
    return !waiver.addresses().contains(address)
        && waiver.addresses().size() < terms.mostAddresses();
  }

  /** With an address that failed; where there is no other room, in the place of one that joined. */
  private Waiver with(Waiver waiver, IpAddress address) {
    TreeSet<IpAddress> addresses = new TreeSet<>(waiver.addresses());
    addresses.add(address);
    TreeSet<IpAddress> joined = new TreeSet<>(waiver.joined());
    joined.remove(address);
    if (!joined.isEmpty() && addresses.size() + joined.size() > terms.mostAddresses()) {
      joined.pollLast();
    }
    return covering(waiver, addresses, joined);
  }

  private Waiver covering(
      Waiver waiver, Collection<IpAddress> addresses, Collection<IpAddress> joined) {
    Waiver hosts = coveringHosts(waiver, addresses, joined);
    if (!waiver.isOperators()) {
      return hosts;
    }
    List<IpPrefix> cover = new ArrayList<>(hosts.networks());
    cover.addAll(waiver.networks()); // What the operator named stays.
    return waiver.covering(hosts.addresses(), hosts.joined(), cover);
  }

  /** These, the neighbours of those among them, and what the configuration gives to the pool. */
  private Waiver coveringHosts(
      Waiver waiver, Collection<IpAddress> addresses, Collection<IpAddress> joined) {
    Set<IpPrefix> blocks = new HashSet<>();
    addresses.forEach(address -> blocks.add(Lookups.block(address)));
    List<IpAddress> neighbours =
        joined.stream().filter(address -> blocks.contains(Lookups.block(address))).toList();
    List<IpAddress> all = new ArrayList<>(addresses);
    all.addAll(neighbours);
    return waiver.covering(addresses, neighbours, pools.cover(waiver.pool(), all));
  }

  /** What is left of a waiver without an address that lies in no network which somebody named. */
  private Waiver without(Waiver waiver, IpAddress address) {
    Waiver hosts =
        coveringHosts(
            waiver,
            waiver.addresses().stream().filter(other -> !other.equals(address)).toList(),
            waiver.joined().stream().filter(other -> !other.equals(address)).toList());
    if (!waiver.isOperators()) {
      return hosts;
    }
    List<IpPrefix> cover = new ArrayList<>(hosts.networks());
    cover.addAll(Success.named(waiver)); // What the operator named stays.
    return waiver.covering(hosts.addresses(), hosts.joined(), cover);
  }

  /** Grown by each address that no guard has anything against: it was not judged before. */
  private Waiver grownWhereNobodyObjects(
      Waiver waiver, Finding finding, Function<Waiver, List<Objection>> review) {
    Waiver grown = waiver;
    for (IpAddress address : finding.addresses()) {
      if (hasRoomFor(grown, address)) {
        Waiver wider = with(grown, address);
        grown = review.apply(wider).isEmpty() ? wider : grown;
      }
    }
    return grown;
  }

  /**
   * A single failure, of a kind that some rule counts, of a pool whose waiver stands: the address
   * joins at its first one, if no guard has anything against it.
   */
  public Optional<Waiver> failedToo(
      Pool pool, Handshake handshake, Function<Waiver, List<Objection>> review) {
    Optional<IpAddress> address = handshake.peer().address();
    Optional<Waiver> standing = standing(pool);
    if (address.isEmpty()
        || handshake.time().isEmpty()
        || standing.filter(waiver -> hasRoomFor(waiver, address.get())).isEmpty()) {
      return Optional.empty();
    }
    Waiver wider = with(standing.get(), address.get());
    return review.apply(asOf(wider, handshake.time().get())).isEmpty()
        ? Optional.of(put(wider))
        : Optional.empty();
  }

  /** The pool's latest waiver, if it has not ended. */
  private Optional<Waiver> standing(Pool pool) {
    return ledger.latest(pool).filter(waiver -> !waiver.state().isTerminal());
  }

  /** The waiver as guards are to judge it at that time, which may be long after its evidence. */
  private static Waiver asOf(Waiver waiver, Instant now) {
    return waiver.knowing(waiver.evidence().asOf(now));
  }

  /**
   * Neighbours of addresses that failed were looked up. Those of them join that are of the pool, if
   * no guard would have anything against their failing; those that no longer are leave.
   */
  public Optional<Waiver> lookedUp(Neighbours seen, Function<Waiver, List<Objection>> review) {
    Optional<Waiver> standing =
        standing(seen.pool())
            .filter(waiver -> waiver.addresses().stream().anyMatch(seen.block()::contains));
    if (standing.isEmpty()) {
      return Optional.empty();
    }
    Waiver waiver = standing.get();
    TreeSet<IpAddress> joined = new TreeSet<>(waiver.joined());
    if (seen.isComplete()) {
      joined.removeIf(seen.block()::contains);
    }
    Instant now = seen.time().orElse(waiver.evidence().last());
    for (Peer peer : seen.peers()) {
      IpAddress address = peer.address().orElseThrow();
      boolean isTheirs =
          seen.block().contains(address)
              && pools.find(peer).filter(waiver.pool()::equals).isPresent();
      if (isTheirs
          && !waiver.addresses().contains(address)
          && waiver.addresses().size() + joined.size() < terms.mostAddresses()
          && review.apply(asOf(with(waiver, address), now)).isEmpty()) {
        joined.add(address);
      }
    }
    return changed(waiver, covering(waiver, waiver.addresses(), joined));
  }

  /**
   * What the operator is to be told where a pool fails from more addresses than its waiver may
   * cover: the line that lifts that.
   *
   * @param address one that failed
   */
  public Optional<Objection> beyondTheCap(Pool pool, IpAddress address) {
    return standing(pool)
        .filter(waiver -> waiver.addresses().size() >= terms.mostAddresses())
        .filter(waiver -> !waiver.covers(address))
        .map(
            waiver ->
                new Objection(
                    GuardName.BOUNDS,
                    "waiver "
                        + waiver.id()
                        + " of "
                        + pool
                        + " covers "
                        + terms.mostAddresses()
                        + " addresses, as many as it may, and "
                        + address
                        + " fails: "
                        + lift(waiver, address)));
  }

  private String lift(Waiver waiver, IpAddress address) {
    Set<IpPrefix> networks = new TreeSet<>();
    waiver.addresses().forEach(known -> networks.add(pools.network(known)));
    networks.add(pools.network(address));
    List<IpPrefix> all = new ArrayList<>(pools.named(waiver.pool()));
    all.addAll(networks);
    String list =
        IpPrefix.merge(all).stream()
            .map(network -> network.isIpv6() ? '"' + network.toString() + '"' : network.toString())
            .collect(Collectors.joining(", ", "[", "]"));
    if (!waiver.pool().isNamed()) {
      return "tlswaiver grant "
          + waiver.pool().id()
          + " --rung "
          + waiver.rung().label()
          + " --force puts its network in the place of its addresses";
    }
    return networks.size() <= MOST_IN_A_LINE
        ? "to cover their networks write into the configuration: pools: [{domain: "
            + waiver.pool()
            + ", networks: "
            + list
            + "}]"
        : "to cover more write into the configuration: guards: {most_addresses: "
            + Math.min(MOST_CONFIGURABLE, 4 * terms.mostAddresses())
            + "}";
  }

  /**
   * Brings what waivers cover in line with what is on record, and with the networks that the
   * configuration gives to their pools: after the release that let networks grow by themselves, and
   * after each edit.
   *
   * @return each that changed, as it was before
   */
  public List<Waiver> cover() {
    List<Waiver> changed = new ArrayList<>();
    for (Waiver waiver : ledger.live()) {
      if (changed(waiver, covering(waiver, waiver.addresses(), waiver.joined())).isPresent()) {
        changed.add(waiver);
      }
    }
    return changed;
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
      case INEFFECTIVE -> !hasFailedThere(latest) || next(latest, latest.evidence()).isPresent();
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
              Instant late = late(waiver, term);
              return late.isBefore(term.until()) ? late : term.until();
            });
  }

  /**
   * When it is too late for a proof. A sender that was served on its rung and told to come again,
   * by postscreen(8) or a greylist, has as long once more, counted from then.
   */
  private Instant late(Waiver waiver, Term term) {
    Instant late = term.from().plus(terms.proveWithin());
    return waiver
        .attempt()
        .filter(last -> last.rung() == waiver.rung() && last.failed().isEmpty())
        .map(last -> last.at().isBefore(late) ? last.at() : late)
        .map(served -> served.plus(terms.proveWithin()))
        .filter(late::isBefore)
        .orElse(late);
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

  /**
   * Proposes what was drafted, and judged.
   *
   * @param overruled what the operator grants it against
   */
  public Waiver propose(Waiver draft, List<Objection> overruled) {
    return put(draft.objectedBy(overruled));
  }

  /** The operator says yes to a proposal. */
  public Waiver approve(Waiver waiver, Instant now) {
    return put(waiver.stepTo(waiver.rung(), now, Approvals.APPROVED));
  }

  /** Whether the peer is asked what it offers before anything is relaxed for it. */
  public boolean asksFirst(Waiver waiver) {
    return waiver.state() == State.PROPOSED
        && terms.ladder().isDiagnosing()
        && waiver.evidence().hello().isEmpty()
        && waiver.term().isEmpty()
        && (waiver.isOperators() || !wasAskedFor(waiver));
  }

  /**
   * Whether it climbs: the one before it was asked for, and failed on a lower rung without an
   * answer. What was asked for an earlier round is no answer for this one.
   */
  private boolean wasAskedFor(Waiver waiver) {
    return ledger.all().stream()
        .filter(earlier -> earlier.pool().equals(waiver.pool()))
        .filter(earlier -> earlier.round() == waiver.round() && hasFailedThere(earlier))
        .filter(earlier -> !isLongAgo(earlier, waiver.at()))
        .anyMatch(earlier -> earlier.hasBeen(State.DIAGNOSING) && earlier.hasBeen(State.ACTIVE));
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
    Waiver waiver = standing.get().trying(Attempt.of(rung, handshake, now));
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
            ? descent.down(descent.needing(waiver, address.get(), handshake), now)
            : waiver);
  }

  /** The waiver of the peer; a neighbour in a waived network says nothing about it. */
  private Optional<Waiver> standing(Rung rung, Peer peer) {
    return peer.address()
        .flatMap(address -> ledger.standing(rung, address))
        .filter(
            waiver ->
                waiver.isOperators()
                    || waiver.addresses().contains(peer.address().orElseThrow())
                    || pools.find(peer).filter(waiver.pool()::equals).isPresent());
  }

  /** Whether a handshake, on whichever listener, shows that its peer meets the strict terms. */
  public boolean meetsStrictTerms(Handshake handshake) {
    return success.isShownBy(handshake);
  }

  /** A handshake that met the strict terms. */
  public Success.Effect met(Handshake handshake, Instant now) {
    return success.of(handshake, now);
  }

  private Waiver answered(
      Waiver waiver, Handshake handshake, Instant now, Function<Waiver, List<Objection>> review) {
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
    Waiver told =
        INCONCLUSIVE.contains(failed.reason())
            ? knowing
            : knowing.knowing(knowing.evidence().because(failed));
    if (failed.reason() == Reason.NOT_TLS && handshake.hello().isEmpty()) {
      return refused(
          told,
          GuardName.PROBE,
          waiver.pool() + " sends something that is no TLS: no rung helps",
          now);
    }
    Optional<Rung> rung = decided(told);
    if (rung.isEmpty()) {
      return refused(told, GuardName.FEASIBLE, words(told), now);
    }
    Waiver next = told.stepTo(rung.get(), now, "asked: " + words(told));
    List<Objection> objections = review.apply(next);
    // Whoever is asked for the operator's word was asked with it.
    return areLeftToOperator(objections)
        ? next
        : next.objectedBy(objections).become(State.REFUSED, now, objections.get(0).text());
  }

  /** The rung that its hello leaves it; its own where the log shows none. */
  private Optional<Rung> decided(Waiver waiver) {
    Optional<ClientHello> hello = waiver.evidence().hello();
    return hello.isPresent()
        ? terms.ladder().decide(hello.get(), waiver.evidence().reason(), waiver.rung())
        : Optional.of(waiver.rung());
  }

  private static String words(Waiver waiver) {
    return waiver
        .evidence()
        .diagnosis()
        .map(Diagnosis::words)
        .orElse("the log shows no hello of it, so that its rule decides");
  }

  private static Waiver refused(Waiver waiver, GuardName guard, String why, Instant now) {
    return waiver.refusedBy(new Objection(guard, why), now);
  }

  private Waiver failedThere(
      Waiver waiver, Failed failed, Optional<ClientHello> hello, Instant now) {
    if (INCONCLUSIVE.contains(failed.reason())) {
      return waiver;
    }
    if (waiver.state() == State.PROVEN) {
      return descent.back(waiver, failed, now);
    }
    return hello
        .map(offered -> waiver.knowing(waiver.evidence().with(terms.ladder().diagnose(offered))))
        .orElse(waiver)
        .become(
            State.INEFFECTIVE,
            now,
            "failed on the relaxed listener too: " + failed.reason().label());
  }

  /** Whether one of the pool's hosts was served there just before: to that one it is of use. */
  private static boolean isServed(Waiver waiver, Rung rung) {
    return waiver.state() == State.ACTIVE
        && waiver
            .attempt()
            .filter(last -> last.rung() == rung && last.failed().isEmpty())
            .isPresent();
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
        .map(waiver -> put(descent.down(waiver, now)));
  }

  /** Ends what is due: waivers past their end, and those without proof past their deadline. */
  public List<Waiver> due(Instant now) {
    List<Waiver> ended = new ArrayList<>();
    for (Waiver waiver : ledger.live(State::isOnHost)) {
      Term term = waiver.term().orElseThrow();
      boolean isOver = !term.until().isAfter(now);
      boolean isLate = !late(waiver, term).isAfter(now);
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
    return ledger.live(State::isOnHost).stream()
        .map(waiver -> end(waiver, now, objection))
        .toList();
  }

  /** Ends one before its time. */
  public Waiver end(Waiver waiver, Instant now, Objection objection) {
    return put(waiver.endedBy(objection, now));
  }

  /** Takes a waiver in force, or a proposal, back for good. */
  public Waiver revoke(Waiver waiver, Instant now, String why) {
    // Without an objection it was the operator who said no.
    return put(
        waiver.state().isInForce()
            ? waiver.become(State.REVOKED, now, why)
            : waiver.objectedBy(List.of()).become(State.REFUSED, now, why));
  }

  private Waiver put(Waiver waiver) {
    ledger.put(waiver);
    return waiver;
  }
}
