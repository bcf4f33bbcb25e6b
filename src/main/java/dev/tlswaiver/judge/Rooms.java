package dev.tlswaiver.judge;

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
import dev.tlswaiver.handshake.Sessions;
import dev.tlswaiver.maillog.Headers;
import dev.tlswaiver.maillog.SyslogParser;
import dev.tlswaiver.peer.Pool;
import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.rule.Windows;
import dev.tlswaiver.waiver.Approvals;
import dev.tlswaiver.waiver.Ladder;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Life;
import dev.tlswaiver.waiver.Lookups;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;

/**
 * The thinking rooms, furnished by one policy around one ledger.
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
  public record Noted(String whose, Notes notes, BiConsumer<String, String> restore) {}

  /**
   * Furnishes the rooms for a live log.
   *
   * @param hash by which it is remembered who was seen
   */
  public static Rooms furnish(Policy policy, Ledger ledger, Surroundings around, KeyedHash hash) {
    return furnish(policy, ledger, around, hash, new SyslogParser(around.zone()));
  }

  /** Furnishes the rooms for a log with such headers. */
  public static Rooms furnish(
      Policy policy, Ledger ledger, Surroundings around, KeyedHash hash, Headers headers) {
    List<Effect> effects = new ArrayList<>();
    Pools pools = policy.pools();
    Policy.GuardSettings settings = policy.guards();
    Ladder ladder = policy.ladder(around);
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
    if (settings.privateAddresses() == Policy.PrivateAddresses.REFUSE) {
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
            settings.most(),
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
    Life life = new Life(ledger, pools, policy.terms(ladder));
    Lookups lookups = new Lookups(ledger, settings.mostAddresses());
    Sessions sessions = new Sessions(open);
    Alarms alarms =
        new Alarms(
            strong::isDowngrade,
            (pool, now) ->
                isIn(memories, Memory.MAIL, pool) || (pool.isNamed() && !probe.isProbe(pool, now)),
            told,
            () -> effects.add(new Effect.HeldBack()));
    Pipeline pipeline =
        new Pipeline(
            headers,
            sessions,
            pools,
            new Windows(policy.rules().stream().map(Policy.RuleSettings::rule).toList()),
            guards,
            strong,
            isItUs,
            evidenceGap,
            postscreen,
            life,
            lookups,
            alarms,
            effects);
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
      Memory memory, Policy.GuardSettings settings, KeyedHash hash, Notes lost) {
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
}
