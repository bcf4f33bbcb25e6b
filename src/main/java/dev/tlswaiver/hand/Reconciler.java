package dev.tlswaiver.hand;

import dev.tlswaiver.actuator.Actuator;
import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.MovedException;
import dev.tlswaiver.actuator.Plan;
import dev.tlswaiver.actuator.RejectedException;
import dev.tlswaiver.waiver.Grant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the host what the grants ask for. Done twice, it changes nothing the second time. */
final class Reconciler {
  private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);

  /** Plans made in a row for a host that moves under each of them. */
  private static final int MOST_PLANS = 5;

  private final Actuator actuator;
  private final InstantSource clock;

  Reconciler(Actuator actuator, InstantSource clock) {
    this.actuator = actuator;
    this.clock = clock;
  }

  /** What {@link #reconcile} would do now. */
  Plan plan(Collection<Grant> grants) throws HostException {
    return actuator.plan(grants, clock.instant());
  }

  /**
   * Plans and applies. An operator who is at work at the same moment goes first.
   *
   * @return what was applied first; an empty plan where the host was in order
   */
  Plan reconcile(Collection<Grant> grants) throws HostException {
    Optional<Plan> first = Optional.empty();
    for (int attempt = 1; ; attempt++) {
      Plan plan = plan(grants);
      try {
        apply(plan);
        first = first.or(() -> Optional.of(plan));
        if (!plan.isStep() || attempt == MOST_PLANS) {
          return first.get();
        }
      } catch (MovedException moved) {
        if (attempt == MOST_PLANS) {
          throw new RejectedException(
              moved.stage(),
              moved.getMessage() + "; given up after " + MOST_PLANS + " plans in a row");
        }
        LOG.warn("planning again: {}", moved.getMessage());
      }
    }
  }

  private void apply(Plan plan) throws HostException {
    if (plan.isEmpty()) {
      return;
    }
    LOG.info("applying:\n{}", plan.render());
    try (Actuator.Staged staged = actuator.stage(plan)) {
      staged.validate().apply();
    }
  }
}
