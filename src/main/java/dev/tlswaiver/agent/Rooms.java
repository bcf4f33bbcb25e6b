package dev.tlswaiver.agent;

import dev.tlswaiver.guard.Alarms;
import dev.tlswaiver.guard.Banned;
import dev.tlswaiver.guard.Bounds;
import dev.tlswaiver.guard.EvidenceGap;
import dev.tlswaiver.guard.Feasible;
import dev.tlswaiver.guard.ForgeableLog;
import dev.tlswaiver.guard.Guard;
import dev.tlswaiver.guard.Guards;
import dev.tlswaiver.guard.IsItUs;
import dev.tlswaiver.guard.KeyedHash;
import dev.tlswaiver.guard.LastSeen;
import dev.tlswaiver.guard.LogsIn;
import dev.tlswaiver.guard.Memory;
import dev.tlswaiver.guard.MemoryIncomplete;
import dev.tlswaiver.guard.Never;
import dev.tlswaiver.guard.Only;
import dev.tlswaiver.guard.Paused;
import dev.tlswaiver.guard.Postscreen;
import dev.tlswaiver.guard.PrivateAddress;
import dev.tlswaiver.guard.Probe;
import dev.tlswaiver.guard.Reachable;
import dev.tlswaiver.guard.StrongPool;
import dev.tlswaiver.guard.StrongTlsMemory;
import dev.tlswaiver.handshake.Notes;
import dev.tlswaiver.handshake.Observation.Handshake;
import dev.tlswaiver.handshake.Offer;
import dev.tlswaiver.handshake.Sessions;
import dev.tlswaiver.maillog.Headers;
import dev.tlswaiver.maillog.SyslogParser;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.peer.PublicSuffixes;
import dev.tlswaiver.rule.Rule;
import dev.tlswaiver.rule.Windows;
import dev.tlswaiver.store.MemoryKey;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.store.StoreException;
import dev.tlswaiver.waiver.Approvals;
import dev.tlswaiver.waiver.Ladder;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Life;
import dev.tlswaiver.waiver.Lookups;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.Terms;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The thinking rooms, furnished from one configuration around one ledger.
 *
 * @param pools how peers are pooled
 * @param ladder the rungs, and what they accept
 * @param life moves the ledger's waivers on
 * @param lookups whose neighbours are to be looked up
 * @param approvals what the operator said yes to
 * @param guards all that may say no
 * @param memories who was seen when, by what it is about
 * @param probe the guard that knows scanners
 * @param isItUs the guard that is told of our own changes
 * @param paused the guard that the operator closes, and the agent after a rollback
 * @param reachable the guard that is told what the packet filter drops
 * @param banned the guard that is told who is banned
 * @param postscreen the guard that hears whom postscreen turns away
 * @param forgeableLog the guard that is told who can write the log
 * @param noted what the rooms note for a restart
 * @param pipeline the way of a line through the rooms
 */
public record Rooms(
    Pools pools,
    Ladder ladder,
    Life life,
    Lookups lookups,
    Approvals approvals,
    Guards guards,
    Map<Memory, LastSeen> memories,
    Probe probe,
    IsItUs isItUs,
    Paused paused,
    Reachable reachable,
    Banned banned,
    Postscreen postscreen,
    ForgeableLog forgeableLog,
    List<Noted> noted,
    Pipeline pipeline) {

  /**
   * Notes that must be found again after a restart.
   *
   * @param restore takes up one of them, by its key
   */
  record Noted(String whose, Notes notes, BiConsumer<String, String> restore) {}

  /**
   * What the rooms know of the host around them.
   *
   * @param impossible the rungs that the host can't serve, each with the reason why
   * @param offers what each rung accepts; empty where the host can't be asked
   * @param canAsk whether peers may be sent to the listener that asks what they offer
   * @param zone the log's, for headers that name none
   */
  public record Surroundings(
      Map<Rung, String> impossible, Map<Rung, Offer> offers, boolean canAsk, ZoneId zone) {

    /**
     * A log that is read long after. Where this host is not strict about versions, it is another
     * host's log, or one from stricter times: then the usual terms are assumed.
     */
    static Surroundings ofPastLogs(Map<Rung, Offer> offers) {
      boolean isOurs =
          Optional.ofNullable(offers.get(Rung.DIAGNOSE))
              .filter(Offer::isStrictAboutVersions)
              .isPresent();
      return new Surroundings(Map.of(), isOurs ? offers : Map.of(), false, ZoneId.systemDefault());
    }
  }

  /** Furnishes the rooms for a live log. */
  public static Rooms furnish(
      Configuration configuration, Ledger ledger, Surroundings around, Pipeline.Listener listener) {
    return furnish(configuration, ledger, around, MemoryKey.forThisRun(), listener);
  }

  /** The same, with the key of what is remembered on disk. */
  static Rooms furnish(
      Configuration configuration,
      Ledger ledger,
      Surroundings around,
      KeyedHash hash,
      Pipeline.Listener listener) {
    return furnish(configuration, ledger, around, hash, new SyslogParser(around.zone()), listener);
  }

  /** Furnishes the rooms for a log with such headers. */
  static Rooms furnish(
      Configuration configuration,
      Ledger ledger,
      Surroundings around,
      Headers headers,
      Pipeline.Listener listener) {
    return furnish(configuration, ledger, around, MemoryKey.forThisRun(), headers, listener);
  }

  private static Rooms furnish(
      Configuration configuration,
      Ledger ledger,
      Surroundings around,
      KeyedHash hash,
      Headers headers,
      Pipeline.Listener listener) {
    Pools pools = pools(configuration);
    Configuration.Guards settings = configuration.guards();
    Ladder ladder = ladder(configuration, around);
    Notes lost = new Notes();
    LastSeen met = memory(Memory.STRONG, settings, hash, lost);
    LastSeen mail = memory(Memory.MAIL, settings, hash, lost);
    Map<Memory, LastSeen> memories = Map.of(Memory.STRONG, met, Memory.MAIL, mail);
    StrongTlsMemory strong =
        new StrongTlsMemory(settings.strongTlsMemory(), pools, met, mail, hash);
    MemoryIncomplete incomplete = new MemoryIncomplete(settings.strongTlsMemory(), met, mail);
    Approvals approvals = new Approvals(ledger);
    Notes ours = new Notes();
    Notes gaps = new Notes();
    Notes told = new Notes();
    Notes open = new Notes();
    Probe probe = new Probe(settings.probeScore(), mail);
    IsItUs isItUs =
        new IsItUs(
            settings.isItUs().pools(),
            settings.isItUs().within(),
            new IsItUs.Senders(
                pool -> pool.isNamed() || isIn(memories, Memory.MAIL, pool),
                (pool, now) -> isSender(pool, now, probe, memories),
                (pool, began) -> wasSenderBefore(pool, began, probe, memories),
                met::find),
            ours);
    EvidenceGap evidenceGap = new EvidenceGap(gaps);
    Paused paused = new Paused();
    List<Guard> all = new ArrayList<>();
    all.add(new Never(settings.never()));
    all.add(new Only(settings.only()));
    if (settings.privateAddresses() == Configuration.PrivateAddresses.REFUSE) {
      all.add(new PrivateAddress());
    }
    all.add(strong);
    all.add(
        new StrongPool(settings.strongTlsMemory(), ladder.isDiagnosing(), met, strong, approvals));
    all.add(isItUs);
    all.add(probe);
    all.add(
        new Bounds(
            ledger,
            pools,
            most(settings),
            ladder.isDiagnosing(),
            pool -> isIn(memories, Memory.MAIL, pool)));
    all.add(new Feasible(ladder, around.impossible()));
    Reachable reachable = new Reachable();
    Banned banned = new Banned();
    ForgeableLog forgeableLog = new ForgeableLog();
    all.add(forgeableLog);
    all.add(reachable);
    all.add(banned);
    Notes turnedAway = new Notes();
    Notes loggedIn = new Notes();
    Postscreen postscreen = new Postscreen(turnedAway);
    LogsIn logsIn = new LogsIn(loggedIn);
    all.add(postscreen);
    all.add(logsIn);
    all.add(paused);
    all.add(evidenceGap);
    all.add(incomplete);
    Guards guards = new Guards(all);
    Life life = new Life(ledger, pools, terms(configuration, ladder));
    Lookups lookups = new Lookups(ledger, settings.mostAddresses());
    Sessions sessions = new Sessions(open);
    Alarms alarms =
        new Alarms(
            strong::isDowngrade,
            (pool, now) ->
                isIn(memories, Memory.MAIL, pool) || (pool.isNamed() && !probe.isProbe(pool, now)),
            told,
            listener::heldBack);
    Pipeline pipeline =
        new Pipeline(
            headers,
            sessions,
            pools,
            new Windows(rules(configuration)),
            guards,
            strong,
            isItUs,
            evidenceGap,
            postscreen,
            life,
            lookups,
            alarms,
            listener);
    List<Noted> noted =
        List.of(
            new Noted(isItUs.name().label(), ours, isItUs::restore),
            new Noted(evidenceGap.name().label(), gaps, evidenceGap::restore),
            new Noted(
                incomplete.name().label(), lost, (label, text) -> loss(memories, label, text)),
            new Noted(postscreen.name().label(), turnedAway, postscreen::restore),
            new Noted(logsIn.name().label(), loggedIn, logsIn::restore),
            new Noted("alarms", told, alarms::restore),
            new Noted("sessions", open, sessions::restore));
    return new Rooms(
        pools,
        ladder,
        life,
        lookups,
        approvals,
        guards,
        memories,
        probe,
        isItUs,
        paused,
        reachable,
        banned,
        postscreen,
        forgeableLog,
        noted,
        pipeline);
  }

  /**
   * Whether a pool is a mail system as far as is known: it gave us mail; or it has a name, is no
   * probe, and met the strict terms before or was seen trying again. Many a named machine looks in
   * once, and scanners complete handshakes too.
   */
  private static boolean isSender(
      Pool pool, Instant now, Probe probe, Map<Memory, LastSeen> memories) {
    return isIn(memories, Memory.MAIL, pool)
        || (pool.isNamed()
            && (probe.hasRetried(pool, now) || isIn(memories, Memory.STRONG, pool))
            && !probe.isProbe(pool, now));
  }

  /** Whether a pool gave us mail, or met the strict terms on two days as no probe does, before. */
  private static boolean wasSenderBefore(
      Pool pool, Instant time, Probe probe, Map<Memory, LastSeen> memories) {
    LastSeen strong = Objects.requireNonNull(memories.get(Memory.STRONG));
    LastSeen mail = Objects.requireNonNull(memories.get(Memory.MAIL));
    return mail.findFirst(pool).filter(time::isAfter).isPresent()
        || (strong.findFirst(pool).filter(time::isAfter).isPresent()
            && strong.isHeld(pool)
            && !probe.isProbe(pool, time));
  }

  private static boolean isIn(Map<Memory, LastSeen> memories, Memory memory, Pool pool) {
    return Objects.requireNonNull(memories.get(memory)).find(pool).isPresent();
  }

  private static LastSeen memory(
      Memory memory, Configuration.Guards settings, KeyedHash hash, Notes lost) {
    return new LastSeen(memory.most(), settings.strongTlsMemory(), hash, lost, memory.label());
  }

  private static void loss(Map<Memory, LastSeen> memories, String label, String text) {
    memories.forEach(
        (memory, seen) -> {
          if (memory.label().equals(label)) {
            seen.restoreLoss(text);
          }
        });
  }

  private static Bounds.Most most(Configuration.Guards settings) {
    return new Bounds.Most(
        settings.mostWaivers(),
        settings.mostAddresses(),
        settings.mostAsked(),
        settings.mostPerNetwork().ipv4(),
        settings.mostPerNetwork().ipv6());
  }

  /**
   * Takes up what an earlier run of the agent wrote down.
   *
   * @param rememberedSince whoever met the strict terms, or gave us mail, before is forgotten
   * @param seenSince what was seen of anybody before is left out
   * @param failures is shown the failures at the public service too
   */
  void recall(Store store, Instant rememberedSince, Instant seenSince, Consumer<Handshake> failures)
      throws StoreException {
    // What was lost before is noted, and more may be lost where more is on disk than there is room.
    for (Noted room : noted) {
      store.eachNote(room.whose(), room.restore());
    }
    boolean hasOldNumbers = store.hasOldNumbers();
    for (Map.Entry<Memory, LastSeen> memory : memories.entrySet()) {
      if (hasOldNumbers) {
        memory.getValue().knowOldNumbers();
      }
      store.seenSince(memory.getKey(), rememberedSince, memory.getValue()::restore);
    }
    store.eachSightSince(
        seenSince,
        seen -> {
          pipeline.recall(seen);
          if (seen instanceof Handshake handshake && Pipeline.isFailure(handshake)) {
            failures.accept(handshake);
          }
        });
    store.pause().ifPresent(paused::pause);
  }

  /** How the configuration pools peers. */
  public static Pools pools(Configuration configuration) {
    Configuration.Pool pool = configuration.pool();
    return new Pools(
        pool.by(),
        pool.network().ipv4(),
        pool.network().ipv6(),
        publicSuffixes(pool),
        configuration.pools().stream()
            .collect(
                Collectors.toMap(
                    named -> new Pool(named.domain().text()),
                    Configuration.PoolSettings::networks)));
  }

  static PublicSuffixes publicSuffixes(Configuration.Pool pool) {
    try (InputStream stream =
            pool.publicSuffixList().isPresent()
                ? Files.newInputStream(pool.publicSuffixList().get())
                : bundledPublicSuffixes();
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      return new PublicSuffixes(reader.lines().toList());
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "pool.public_suffix_list can't be read: " + failure.getMessage(), failure);
    }
  }

  private static InputStream bundledPublicSuffixes() {
    return Objects.requireNonNull(
        Rooms.class.getResourceAsStream("/dev/tlswaiver/peer/public_suffix_list.dat"),
        "the public suffix list is missing from the jar");
  }

  /** The configuration's rules. */
  public static List<Rule> rules(Configuration configuration) {
    return configuration.rules().stream()
        .map(
            rule ->
                new Rule(
                    rule.name(),
                    rule.reasons(),
                    rule.pattern(),
                    rule.failures(),
                    rule.within(),
                    rule.spread()))
        .toList();
  }

  private static Ladder ladder(Configuration configuration, Surroundings around) {
    List<Rung> enabled =
        configuration.ladder().stream()
            .filter(Configuration.RungSettings::enabled)
            .map(Configuration.RungSettings::rung)
            .toList();
    return new Ladder(
        enabled,
        around.canAsk() && enabled.contains(Rung.DIAGNOSE),
        around.offers().isEmpty() ? Ladder.usualOffers() : around.offers());
  }

  /** What the configuration allows a waiver. */
  private static Terms terms(Configuration configuration, Ladder ladder) {
    Map<String, Rung> firstRung = new HashMap<>();
    configuration.rules().forEach(rule -> firstRung.put(rule.name(), rule.rung()));
    return new Terms(
        ladder,
        firstRung,
        configuration.waiver().lasts(),
        configuration.waiver().longest(),
        configuration.waiver().proveWithin(),
        configuration.guards().mostAddresses());
  }
}
