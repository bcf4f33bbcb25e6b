package dev.tlswaiver.agent;

import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Waiver;
import java.util.Comparator;
import java.util.Optional;

/** Finds the waiver that an operator names: by id, by its pool, or by an address that it covers. */
final class Targets {
  private Targets() {}

  /**
   * The latest waiver that has not ended and bears this name.
   *
   * @throws StartException if there is none
   */
  static Waiver require(Ledger ledger, String target) throws StartException {
    return find(ledger, target)
        .orElseThrow(
            () ->
                new StartException(
                    "no waiver for " + target + "; tlswaiver list shows those there are"));
  }

  /** The latest waiver that has not ended and bears this name. */
  private static Optional<Waiver> find(Ledger ledger, String target) {
    Optional<IpAddress> address = IpAddress.find(target);
    return ledger.in(state -> !state.isTerminal()).stream()
        .filter(
            waiver ->
                Long.toString(waiver.id()).equals(target)
                    || waiver.pool().id().equalsIgnoreCase(target)
                    || address.filter(waiver::covers).isPresent())
        .max(Comparator.comparing(Waiver::id));
  }
}
