package dev.tlswaiver.agent;

import dev.tlswaiver.control.Printable;
import dev.tlswaiver.control.StartException;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/** Finds the waiver that an operator names: by id, by its pool, or by an address that it covers. */
final class Targets {
  private Targets() {}

  /**
   * The latest waiver that has not ended and bears this name.
   *
   * @throws StartException if there is none; says what became of it where it has ended
   */
  static Waiver require(Ledger ledger, String target) throws StartException {
    Optional<Waiver> standing = latest(ledger, target, state -> !state.isTerminal());
    if (standing.isPresent()) {
      return standing.get();
    }
    Optional<Waiver> ended = latest(ledger, target, State::isTerminal);
    throw new StartException(
        ended
            .map(waiver -> isIn(waiver) + " already; tlswaiver show " + waiver.id() + " says why")
            .orElseGet(
                () ->
                    "no waiver for "
                        + Printable.line(target)
                        + "; tlswaiver list shows those there are"));
  }

  /** Which waiver it is, and how far it has come: the beginning of a sentence. */
  static String isIn(Waiver waiver) {
    return "waiver " + waiver.id() + " of " + waiver.pool() + " is " + waiver.state();
  }

  private static Optional<Waiver> latest(Ledger ledger, String target, Predicate<State> states) {
    Optional<IpAddress> address = IpAddress.find(target);
    return ledger.all().stream()
        .filter(waiver -> states.test(waiver.state()))
        .filter(
            waiver ->
                Long.toString(waiver.id()).equals(target)
                    || waiver.pool().id().equals(target.toLowerCase(Locale.ROOT))
                    || address.filter(waiver::covers).isPresent())
        .max(Comparator.comparing(Waiver::id));
  }

  /** The waiver with this number, in whatever state. */
  static Optional<Waiver> findById(Ledger ledger, String target) {
    return target.matches("[0-9]{1,18}") ? ledger.find(Long.parseLong(target)) : Optional.empty();
  }

  /** The waiver that covers some of the network: one that stands before one that has ended. */
  static Optional<Waiver> covering(Ledger ledger, IpPrefix network) {
    return ledger.all().stream()
        .filter(waiver -> waiver.networks().stream().anyMatch(one -> one.overlaps(network)))
        .max(
            Comparator.<Waiver, Boolean>comparing(waiver -> !waiver.state().isTerminal())
                .thenComparing(Waiver::id));
  }

  /** The pool that a network, or an address, is by itself. */
  static Optional<Pool> pool(IpPrefix network) {
    return Optional.of(
        !network.isSingleAddress()
            ? new Pool(network.toString())
            : network.isIpv6()
                ? Pools.ofNamelessIpv6(network.network())
                : new Pool(network.network().toString()));
  }
}
