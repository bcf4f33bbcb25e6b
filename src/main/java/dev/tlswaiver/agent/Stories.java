package dev.tlswaiver.agent;

import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.control.Printable;
import dev.tlswaiver.control.StartException;
import dev.tlswaiver.guard.LastSeen;
import dev.tlswaiver.guard.Memory;
import dev.tlswaiver.handshake.ClientHello;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.judge.Policy;
import dev.tlswaiver.judge.Rooms;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.report.Outlook;
import dev.tlswaiver.report.Situation;
import dev.tlswaiver.report.Story;
import dev.tlswaiver.rule.Finding;
import dev.tlswaiver.rule.Rule;
import dev.tlswaiver.rule.Windows;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.store.StoreException;
import dev.tlswaiver.waiver.Diagnosis;
import dev.tlswaiver.waiver.Evidence;
import dev.tlswaiver.waiver.Ladder;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Objection;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.Waiver;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Tells of a pool all that rooms, ledger and store know. Changes nothing. */
final class Stories {
  private static final int MOST_SHOWN = 50;

  private final Configuration configuration;
  private final Rooms rooms;
  private final Ledger ledger;
  private final Sightings sightings;
  private final Situation situation;

  Stories(
      Configuration configuration, Rooms rooms, Ledger ledger, Store store, Situation situation) {
    this.configuration = configuration;
    this.rooms = rooms;
    this.ledger = ledger;
    this.sightings = new Sightings(store, rooms.pools());
    this.situation = situation;
  }

  /**
   * The story of each pool that the operator may mean by an id, an address or a domain.
   *
   * @throws StartException if nothing is known of it
   */
  List<Story> find(String target, Instant now) throws StoreException, StartException {
    List<Story> stories = new ArrayList<>();
    for (Pool pool : pools(target)) {
      stories.add(story(pool, now));
    }
    if (stories.isEmpty()) {
      throw new StartException(
          "nothing is known of "
              + Printable.line(target)
              + ": it has no waiver, and no failure of it is in the ledger; tlswaiver list --all"
              + " shows the waivers there are");
    }
    return stories;
  }

  private Set<Pool> pools(String target) throws StoreException {
    Optional<Waiver> numbered = Targets.findById(ledger, target);
    if (numbered.isPresent()) {
      return Set.of(numbered.get().pool());
    }
    Set<Pool> pools = new LinkedHashSet<>();
    Optional<IpPrefix> network = IpPrefix.find(target);
    if (network.isPresent()) {
      Targets.covering(ledger, network.get()).map(Waiver::pool).ifPresent(pools::add);
      pools.addAll(sightings.pools(sightings.from(network.get())));
      Targets.pool(network.get()).filter(this::isKnown).ifPresent(pools::add);
      return pools;
    }
    Optional<HostName> name = HostName.find(target);
    if (name.isPresent()) {
      List<Pool> spelt =
          java.util.stream.Stream.of(
                  name, name.flatMap(host -> rooms.pools().suffixes().registrableDomain(host)))
              .flatMap(Optional::stream)
              .map(host -> new Pool(host.text()))
              .distinct()
              .toList();
      pools.addAll(sightings.pools(sightings.within(name.get())));
      spelt.stream().filter(this::isKnown).forEach(pools::add);
    }
    return pools;
  }

  private boolean isKnown(Pool pool) {
    return ledger.latest(pool).isPresent()
        || rooms.memories().values().stream().anyMatch(seen -> seen.find(pool.id()).isPresent());
  }

  private Story story(Pool pool, Instant now) throws StoreException {
    Sightings.Seen seen = sightings.of(pool);
    Optional<Waiver> waiver = ledger.latest(pool);
    List<Windows.Progress> progress =
        rooms.pipeline().progress().stream().filter(row -> row.pool().equals(pool)).toList();
    List<Objection> objections =
        finding(pool, seen, waiver, progress, now)
            .map(rooms.life()::hypothetical)
            .map(rooms.guards()::review)
            .orElse(List.of());
    return new Story(
        pool,
        waiver,
        earlier(pool, waiver),
        seen.count(),
        seen.latest().subList(Math.max(0, seen.latest().size() - MOST_SHOWN), seen.latest().size()),
        progress,
        new Story.Suspicion(
            rooms.probe().score(pool, now),
            configuration.guards().probeScore(),
            rooms.probe().words(pool, now)),
        memories(pool, seen, waiver),
        diagnosis(seen, waiver),
        objections,
        strict(),
        waiver
            .map(known -> Outlook.of(known, rooms.life(), objections, situation))
            .orElseGet(() -> Outlook.of(progress, last(seen), objections)),
        situation);
  }

  private List<Long> earlier(Pool pool, Optional<Waiver> latest) {
    return ledger.all().stream()
        .filter(known -> known.pool().equals(pool))
        .map(Waiver::id)
        .filter(id -> latest.filter(known -> known.id() == id).isEmpty())
        .toList();
  }

  private static Optional<Handshake> last(Sightings.Seen seen) {
    return seen.latest().isEmpty()
        ? Optional.empty()
        : Optional.of(seen.latest().get(seen.latest().size() - 1));
  }

  /** What would be found if the pool failed once more now, as it did before. */
  private Optional<Finding> finding(
      Pool pool,
      Sightings.Seen seen,
      Optional<Waiver> waiver,
      List<Windows.Progress> progress,
      Instant now) {
    for (int i = seen.latest().size() - 1; i >= 0; i--) {
      if (seen.latest().get(i).outcome() instanceof Failed failed) {
        Optional<Rule> rule = rule(failed, progress);
        if (rule.isPresent()) {
          return Optional.of(
              new Finding(
                  rule.get().name(),
                  pool,
                  failed.reason(),
                  failed.openssl(),
                  seen.count(),
                  seen.first().orElse(now),
                  now,
                  addresses(seen, waiver),
                  hello(seen, waiver)));
        }
      }
    }
    return waiver.map(
        known ->
            new Finding(
                known.evidence().rule(),
                pool,
                known.evidence().reason(),
                known.evidence().openssl(),
                known.evidence().failures(),
                known.evidence().first(),
                now,
                known.addresses(),
                hello(seen, waiver)));
  }

  /** The rule that counts such a failure, the one that has come furthest first. */
  private Optional<Rule> rule(Failed failed, List<Windows.Progress> progress) {
    return configuration.rules().stream()
        .map(Policy.RuleSettings::rule)
        .filter(rule -> rule.counts(failed))
        .max(
            Comparator.comparing(
                rule ->
                    progress.stream()
                        .filter(row -> row.rule().equals(rule.name()))
                        .mapToInt(Windows.Progress::failures)
                        .sum()));
  }

  private static List<IpAddress> addresses(Sightings.Seen seen, Optional<Waiver> waiver) {
    Set<IpAddress> addresses = new LinkedHashSet<>();
    waiver.ifPresent(known -> addresses.addAll(known.addresses()));
    seen.latest().forEach(handshake -> handshake.peer().address().ifPresent(addresses::add));
    return List.copyOf(addresses);
  }

  private static Optional<ClientHello> hello(Sightings.Seen seen, Optional<Waiver> waiver) {
    for (int i = seen.latest().size() - 1; i >= 0; i--) {
      if (seen.latest().get(i).hello().isPresent()) {
        return seen.latest().get(i).hello();
      }
    }
    return waiver.map(Waiver::evidence).flatMap(Evidence::hello);
  }

  private Optional<Diagnosis> diagnosis(Sightings.Seen seen, Optional<Waiver> waiver) {
    return waiver
        .map(Waiver::evidence)
        .flatMap(Evidence::diagnosis)
        .or(() -> hello(seen, waiver).map(rooms.ladder()::diagnose));
  }

  private Story.Memories memories(Pool pool, Sightings.Seen seen, Optional<Waiver> waiver) {
    LastSeen strong = Objects.requireNonNull(rooms.memories().get(Memory.STRONG));
    LastSeen mail = Objects.requireNonNull(rooms.memories().get(Memory.MAIL));
    Map<IpAddress, Instant> addresses = new TreeMap<>();
    addresses(seen, waiver)
        .forEach(address -> strong.find(address).ifPresent(at -> addresses.put(address, at)));
    return new Story.Memories(strong.find(pool), mail.find(pool), addresses);
  }

  /** What the public service accepts, where the host was asked. */
  private Optional<dev.tlswaiver.handshake.Offer> strict() {
    Ladder ladder = rooms.ladder();
    return ladder.offers().equals(Ladder.usualOffers())
        ? Optional.empty()
        : Optional.ofNullable(ladder.offers().get(Rung.DIAGNOSE));
  }
}
