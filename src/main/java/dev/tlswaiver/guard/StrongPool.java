package dev.tlswaiver.guard;

import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Observation;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.Peer;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.waiver.Approvals;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Leaves a pool of which other hosts met the strict terms to the operator: whoever can make one of
 * its hosts fail can forge a hello for it too, and that would pass any calculation.
 *
 * <p>But for the old appliance beside a modern MX: with a verified name of its own that differs
 * from the strong ones' in more than digits, in no network of theirs, and with the same hello on
 * two days.
 */
public final class StrongPool implements Guard {
  static final int MOST_FAILING = 1_000;

  /** Less than a day, for a sender that comes at about the same hour. */
  private static final Duration TWO_DAYS = Duration.ofHours(20);

  private static final int IPV4_NETWORK = 24;
  private static final int IPV6_NETWORK = 64;

  /** What an address failed with, since it fails with that. */
  private record Failing(String name, int hello, Instant first, Instant last) {}

  private final Duration memory;
  private final boolean canAsk;
  private final LastSeen seen;
  private final StrongTlsMemory addresses;
  private final Approvals approvals;

  private final Map<IpAddress, Failing> failing = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * @param canAsk whether a peer is asked what it offers before anything is relaxed for it
   * @param seen who met the strict terms, and when
   * @param addresses speaks for the addresses that met them themselves
   */
  public StrongPool(
      Duration memory,
      boolean canAsk,
      LastSeen seen,
      StrongTlsMemory addresses,
      Approvals approvals) {
    this.memory = memory;
    this.canAsk = canAsk;
    this.seen = seen;
    this.addresses = addresses;
    this.approvals = approvals;
  }

  @Override
  public GuardName name() {
    return GuardName.STRONG_TLS_MEMORY;
  }

  /** What is to be remembered of a host that met the strict terms, beside its address and pool. */
  static List<String> remembered(Peer peer, Pool pool) {
    Optional<String> name = peer.name().map(known -> name(known, pool));
    Optional<String> network = peer.address().map(known -> network(known, pool));
    return java.util.stream.Stream.of(name, network).flatMap(Optional::stream).toList();
  }

  /** The name without its digits: mx1 and mx2 are one of a kind. */
  private static String name(HostName name, Pool pool) {
    StringBuilder letters = new StringBuilder(pool.id()).append(" name ");
    name.text().chars().filter(c -> c < '0' || c > '9').forEach(c -> letters.append((char) c));
    return letters.toString();
  }

  private static String network(IpAddress address, Pool pool) {
    return pool.id() + " in " + address.network(IPV4_NETWORK, IPV6_NETWORK);
  }

  /** Whoever fails with a hello in the log, on the public service or on the one that asks. */
  @Override
  public void observe(Observation observation, Pool pool) {
    if (!(observation instanceof Handshake handshake)
        || !(handshake.outcome() instanceof Failed)
        || !StrongTlsMemory.isStrict(handshake.service())
        || handshake.time().isEmpty()
        || handshake.peer().address().isEmpty()
        || handshake.hello().filter(ClientHello::hasSuites).isEmpty()) {
      return;
    }
    Instant time = handshake.time().get();
    int hello = handshake.hello().get().hashCode();
    String name =
        handshake
            .peer()
            .name()
            .filter(known -> Pools.hasNameOfItsOwn(handshake.peer()))
            .map(known -> name(known, pool))
            .orElse("");
    failing.merge(
        handshake.peer().address().get(),
        new Failing(name, hello, time, time),
        (before, now) ->
            before.hello() == hello && before.name().equals(name)
                ? new Failing(name, hello, before.first(), time)
                : now);
    if (failing.size() > MOST_FAILING) {
      failing.remove(failing.keySet().iterator().next());
    }
  }

  @Override
  public Optional<String> review(Waiver proposal) {
    Instant start = proposal.evidence().last().minus(memory);
    boolean isLeftToOthers =
        !seen.since(proposal.pool(), start)
            || isToBeAsked(proposal)
            || addresses.review(proposal).isPresent();
    if (isLeftToOthers || approvals.hold(proposal) || isOldAppliance(proposal, start)) {
      return Optional.empty();
    }
    return Optional.of(
        "other hosts of "
            + proposal.pool()
            + " meet the strict terms, so that you decide: tlswaiver grant "
            + proposal.pool()
            + " --rung "
            + proposal.rung().label()
            + " --force. By itself only a host is helped that has a name of another kind and a"
            + " network of its own, and fails with the same hello on two days (the rung diagnose,"
            + " or smtpd_tls_loglevel = 3, shows it)");
  }

  /** To ask weakens nobody. */
  private boolean isToBeAsked(Waiver proposal) {
    return canAsk
        && proposal.state() == State.PROPOSED
        && proposal.term().isEmpty()
        && proposal.evidence().hello().isEmpty();
  }

  private boolean isOldAppliance(Waiver proposal, Instant start) {
    Optional<ClientHello> hello = proposal.evidence().hello();
    return hello.isPresent()
        && proposal.addresses().stream()
            .allMatch(address -> isApart(address, proposal, hello.get().hashCode(), start));
  }

  private boolean isApart(IpAddress address, Waiver proposal, int hello, Instant start) {
    Failing known = failing.get(address);
    return known != null
        && known.hello() == hello
        && !Duration.between(known.first(), known.last()).minus(TWO_DAYS).isNegative()
        && !known.name().isEmpty()
        && !seen.since(known.name(), start)
        && !seen.since(network(address, proposal.pool()), start);
  }
}
