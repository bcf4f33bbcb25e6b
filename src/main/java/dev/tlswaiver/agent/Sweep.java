package dev.tlswaiver.agent;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Plan;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.control.StartException;
import dev.tlswaiver.hand.Hand;
import dev.tlswaiver.hand.Hands;
import dev.tlswaiver.report.WaiverText;
import dev.tlswaiver.store.Batch;
import dev.tlswaiver.store.DamagedLedger;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Life;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a timer does for an agent that is dead: ends the waivers whose time is over, in the ledger
 * and on the host (invariant 9). It grants nothing, and puts nothing back that somebody took away.
 *
 * <p>The host comes first and the ledger after it: where the host can't be changed now, the ledger
 * says so still, and the next sweep tries again.
 *
 * @param transitions of the waivers that ended, as the agent would have logged them
 * @param removed what was removed from the host; empty where all was in order or is yet to last
 */
public record Sweep(List<String> transitions, Optional<Plan> removed) {

  /**
   * Sweeps once.
   *
   * @return empty where an agent is alive, whose business it is, or where there is no ledger
   * @throws StartException if a ledger was damaged: what the host owes can't be told
   */
  public static Optional<Sweep> now(Configuration configuration)
      throws StartException, IOException, HostException {
    Optional<Plan> removed =
        Hands.isOwn(configuration) ? Host.sweep(configuration) : Optional.empty();
    return inLedger(configuration, removed)
        .or(() -> removed.map(plan -> new Sweep(List.of(), removed)));
  }

  private static Optional<Sweep> inLedger(Configuration configuration, Optional<Plan> removed)
      throws StartException, IOException, HostException {
    if (Files.notExists(configuration.stateDirectory().resolve("ledger.db"))) {
      return Optional.empty();
    }
    Optional<StateLock> free = StateLock.takeIfFree(configuration.stateDirectory());
    if (free.isEmpty()) {
      return Optional.empty();
    }
    try (StateLock lock = free.get()) {
      if (!Hands.isOwn(configuration)
          && !lock.withIfFree(configuration.postfix().configDirectory())) {
        return Optional.empty();
      }
      // Where the hand is apart nothing else is changed than the ledger.
      try (AsAgent agent = AsAgent.in(lock.stateDirectory());
          Store store = undamaged(agent.stateDirectory())) {
        return Optional.of(of(configuration, store, Host.CLOCK.instant(), removed));
      }
    }
  }

  private static Store undamaged(Path stateDirectory) throws StartException, IOException {
    Optional<DamagedLedger> damaged = DamagedLedger.find(stateDirectory);
    if (damaged.isPresent()) {
      throw new StartException(damaged.get().words() + ", or tlswaiver reset");
    }
    return Store.open(stateDirectory);
  }

  private static Sweep of(
      Configuration configuration, Store store, Instant now, Optional<Plan> removedByHand)
      throws IOException, HostException {
    Ledger ledger = new Ledger(store.waivers());
    Map<Long, State> before = new HashMap<>();
    ledger.all().forEach(waiver -> before.put(waiver.id(), waiver.state()));
    Life life = Offline.roomsThatGrantNothing(configuration, ledger).life();
    List<Waiver> ended = life.due(now);
    Optional<Plan> removed =
        Hands.isOwn(configuration)
            ? removedByHand
            : sweep(Host.here(configuration), ledger, !ended.isEmpty());
    Batch batch = new Batch();
    ended.forEach(batch::add);
    store.commit(batch);
    return new Sweep(
        ended.stream()
            .map(
                waiver ->
                    WaiverText.transition(Optional.ofNullable(before.get(waiver.id())), waiver))
            .toList(),
        removed);
  }

  /** Of what stands in full, nothing is looked at: an operator may have taken it away by hand. */
  private static Optional<Plan> sweep(Hand hand, Ledger ledger, boolean hasEnded)
      throws HostException {
    hand.recover();
    return hasEnded || ledger.grants().isEmpty()
        ? Optional.of(hand.apply(HostKeeper.desired(ledger, ledger.grants())).plan())
            .filter(plan -> !plan.isEmpty())
        : Optional.empty();
  }
}
