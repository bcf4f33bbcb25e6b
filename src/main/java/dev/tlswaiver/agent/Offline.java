package dev.tlswaiver.agent;

import dev.tlswaiver.actuator.Actuator;
import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Plan;
import dev.tlswaiver.report.WaiverText;
import dev.tlswaiver.store.Batch;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.waiver.Grant;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Life;
import dev.tlswaiver.waiver.State;
import dev.tlswaiver.waiver.Waiver;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the commands do to ledger and host when no agent is running. */
public final class Offline {
  private static final InstantSource CLOCK = InstantSource.system();

  private Offline() {}

  /** What apply would change now: waivers in force, and proposals as if they were approved. */
  public static Plan plan(Configuration configuration) throws IOException, HostException {
    Instant now = CLOCK.instant();
    List<Grant> grants = new ArrayList<>();
    if (Files.exists(configuration.stateDirectory().resolve("ledger.db"))) {
      try (Store store = Store.open(configuration.stateDirectory())) {
        Ledger ledger = new Ledger(store.waivers());
        Life life = life(configuration, ledger);
        grants.addAll(ledger.grants());
        ledger
            .in(state -> state == State.PROPOSED)
            .forEach(waiver -> grants.add(life.grant(waiver, now)));
      }
    }
    return Host.actuator(configuration).plan(grants, now);
  }

  /** What {@link #reset} would remove. */
  public static Plan planReset(Configuration configuration) throws HostException {
    return Host.actuator(configuration).plan(List.of(), CLOCK.instant());
  }

  /**
   * Removes every trace from the host, and revokes what the ledger holds in force.
   *
   * @return what was removed
   * @throws StartException if an agent is running: it would put everything back
   */
  public static Plan reset(Configuration configuration)
      throws StartException, IOException, HostException {
    try (StateLock lock = StateLock.take(configuration.stateDirectory());
        Store store = Store.open(lock.stateDirectory())) {
      Actuator actuator = Host.actuator(configuration);
      actuator.recover();
      Plan plan = new Reconciler(actuator, CLOCK).reconcile(List.of());
      Ledger ledger = new Ledger(store.waivers());
      Life life = life(configuration, ledger);
      Batch batch = new Batch();
      for (Waiver waiver : ledger.in(State::isInForce)) {
        batch.add(life.revoke(waiver, CLOCK.instant(), "removed by tlswaiver reset"));
      }
      store.commit(batch);
      return plan;
    }
  }

  /**
   * Takes a waiver back, in the ledger and on the host.
   *
   * @return the transition, as the agent would have logged it
   */
  public static String revoke(Configuration configuration, String target)
      throws StartException, IOException, HostException {
    try (StateLock lock = StateLock.take(configuration.stateDirectory());
        Store store = Store.open(lock.stateDirectory())) {
      Ledger ledger = new Ledger(store.waivers());
      Waiver waiver = Targets.require(ledger, target);
      Waiver ended =
          life(configuration, ledger).revoke(waiver, CLOCK.instant(), "revoked by the operator");
      Batch batch = new Batch();
      batch.add(ended);
      store.commit(batch);
      if (waiver.state().isInForce()) {
        Actuator actuator = Host.actuator(configuration);
        actuator.recover();
        new Reconciler(actuator, CLOCK).reconcile(ledger.grants());
      }
      return WaiverText.transition(Optional.of(waiver.state()), ended);
    }
  }

  private static Life life(Configuration configuration, Ledger ledger) {
    return new Life(ledger, Rooms.pools(configuration), Rooms.terms(configuration));
  }
}
