package dev.tlswaiver.agent;

import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.control.Printable;
import dev.tlswaiver.control.Request;
import dev.tlswaiver.control.StartException;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.judge.Rooms;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.report.WaiverText;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.store.StoreException;
import dev.tlswaiver.waiver.Evidence;
import dev.tlswaiver.waiver.GuardName;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Life;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.Objector;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The operator's own grants: whom he means, and what speaks against it.
 *
 * <p>The guards are asked. With {@code --force} he overrules those that {@linkplain
 * Objector#yieldsToForce yield to it}.
 */
final class Grants {
  /**
   * A wish that may be fulfilled.
   *
   * @param objections those that he overruled
   * @param replaced waivers that the grant takes the place of
   */
  record Admitted(Waiver draft, List<Objection> objections, List<Waiver> replaced) {}

  /** Whom the operator means. */
  private record Meant(
      Pool pool, List<IpAddress> addresses, List<IpPrefix> networks, Optional<Evidence> seen) {}

  private final Configuration configuration;
  private final Rooms rooms;
  private final Ledger ledger;
  private final Sightings sightings;

  Grants(Configuration configuration, Rooms rooms, Ledger ledger, Store store) {
    this.configuration = configuration;
    this.rooms = rooms;
    this.ledger = ledger;
    this.sightings = new Sightings(store, rooms.pools());
  }

  /**
   * Judges a wish. The ledger stays as it is.
   *
   * @throws RefusedException if guards object and he does not overrule them, or can't
   * @throws StartException if it can't be fulfilled as it is put
   */
  Admitted judge(Request.Grant wish, Instant now)
      throws StoreException, StartException, RefusedException {
    Duration length = length(wish);
    if (wish.rung() == Rung.DIAGNOSE && !rooms.ladder().isDiagnosing()) {
      throw new StartException("the rung diagnose is not enabled; enable it in the ladder");
    }
    Meant meant = meant(wish.target(), now);
    List<Waiver> replaced = replaced(meant, wish.isForced());
    Waiver draft =
        rooms
            .life()
            .draft(
                meant.pool(),
                meant.addresses(),
                meant.networks(),
                wish.rung(),
                length,
                now,
                meant.seen(),
                why(wish));
    List<Objection> objections =
        rooms.guards().review(draft).stream().filter(said -> concerns(said, wish)).toList();
    boolean isHard = objections.stream().anyMatch(said -> !said.guard().yieldsToForce());
    if (isHard || (!objections.isEmpty() && !wish.isForced())) {
      throw new RefusedException(draft.pool(), objections, isHard);
    }
    return new Admitted(draft, objections, replaced);
  }

  /** Whether a rung helps is what asking is to find out. */
  private static boolean concerns(Objection said, Request.Grant wish) {
    return wish.rung() != Rung.DIAGNOSE || said.guard() != GuardName.FEASIBLE;
  }

  private static String why(Request.Grant wish) {
    return "granted by the operator"
        + (wish.isForced() ? " by force" : "")
        + (wish.reason().isEmpty() ? "" : ": " + wish.reason());
  }

  private Duration length(Request.Grant wish) throws StartException {
    Duration length = wish.length().orElse(configuration.waiver().lasts());
    Duration longest = configuration.waiver().longest();
    if (length.compareTo(longest) > 0 && !wish.isForced()) {
      throw new StartException(
          WaiverText.length(length)
              + " is longer than waiver.longest allows ("
              + WaiverText.length(longest)
              + "); --force overrules that");
    }
    return length;
  }

  private Meant meant(String target, Instant now) throws StoreException, StartException {
    Optional<IpPrefix> network = IpPrefix.find(target);
    if (network.isPresent()) {
      return meant(network.get(), now);
    }
    Optional<HostName> name = HostName.find(target);
    if (name.isEmpty()) {
      throw new StartException(
          Printable.line(target)
              + " is no address, no prefix (192.0.2.0/24, without bits after its length) and no"
              + " domain");
    }
    return meant(name.get(), now);
  }

  private Meant meant(IpPrefix network, Instant now) throws StoreException {
    Sightings.Seen seen = sightings.from(network);
    List<Pool> pools = sightings.pools(seen);
    // What fails there has a name already, if it is one: its waivers then know of each other.
    Pool pool = pools.size() == 1 ? pools.get(0) : Targets.pool(network).orElseThrow();
    List<IpAddress> addresses =
        network.isSingleAddress() ? List.of(network.network()) : addresses(seen);
    return new Meant(pool, addresses, List.of(network), evidence(seen, now));
  }

  private Meant meant(HostName name, Instant now) throws StoreException, StartException {
    Sightings.Seen seen = sightings.within(name);
    Optional<Pool> known =
        sightings.pools(seen).stream()
            .findFirst()
            .or(
                () ->
                    Optional.of(new Pool(name.text()))
                        .filter(pool -> ledger.latest(pool).isPresent()));
    List<IpAddress> addresses =
        seen.latest().isEmpty()
            ? known.flatMap(ledger::latest).map(Waiver::addresses).orElse(List.of())
            : addresses(seen);
    if (known.isEmpty() || addresses.isEmpty()) {
      throw new StartException(
          "no failure of "
              + name
              + " is in the ledger, so that its addresses are not known; name an address or a prefix"
              + " instead");
    }
    return new Meant(
        known.get(), addresses, rooms.pools().cover(known.get(), addresses), evidence(seen, now));
  }

  private List<IpAddress> addresses(Sightings.Seen seen) {
    return seen.latest().stream()
        .flatMap(handshake -> handshake.peer().address().stream())
        .distinct()
        .limit(configuration.guards().mostAddresses() + 1L)
        .toList();
  }

  private Optional<Evidence> evidence(Sightings.Seen seen, Instant now) {
    if (seen.latest().isEmpty()) {
      return Optional.empty();
    }
    Handshake latest = seen.latest().get(seen.latest().size() - 1);
    return latest.outcome() instanceof Failed failed
        ? Optional.of(
            new Evidence(
                Life.OPERATOR,
                failed.reason(),
                failed.openssl(),
                seen.count(),
                seen.first().orElse(now),
                latest.time().orElse(now),
                seen.latest().stream()
                    .flatMap(handshake -> handshake.hello().stream())
                    .reduce((before, after) -> after)
                    .map(rooms.ladder()::diagnose)))
        : Optional.empty();
  }

  /** Waivers that are in the way: one address can't stand on two rungs. */
  private List<Waiver> replaced(Meant meant, boolean isForced) throws StartException {
    List<Waiver> inTheWay =
        ledger.live().stream()
            .filter(
                waiver ->
                    waiver.pool().equals(meant.pool())
                        || waiver.networks().stream()
                            .anyMatch(one -> meant.networks().stream().anyMatch(one::overlaps)))
            .toList();
    for (Waiver waiver : inTheWay) {
      if (waiver.state() != State.PROPOSED && !isForced) {
        throw new StartException(
            Targets.isIn(waiver)
                + " on the rung "
                + waiver.rung().label()
                + " already; --force puts the grant in its place");
      }
    }
    return inTheWay;
  }
}
