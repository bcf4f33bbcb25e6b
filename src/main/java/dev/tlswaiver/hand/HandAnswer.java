package dev.tlswaiver.hand;

import dev.tlswaiver.actuator.Component;
import dev.tlswaiver.actuator.Plan;
import dev.tlswaiver.actuator.Stage;
import dev.tlswaiver.actuator.postfix.Capabilities;
import dev.tlswaiver.actuator.postfix.OwnChanges;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the hand says to a {@link HandRequest}. */
sealed interface HandAnswer {

  /** How the host is, and what was changed on it lately. */
  record Facts(Rules rules, List<OwnChanges.Change> changes) implements HandAnswer, Sight {}

  /** What the rungs can do. */
  record Able(Capabilities capabilities) implements HandAnswer {}

  /**
   * A plan that was made, or applied.
   *
   * @param refused waivers beyond the limits, each with the reason
   */
  record Planned(ToldPlan plan, Map<Long, String> refused) implements HandAnswer {}

  /** It is noted. */
  record Noted() implements HandAnswer {}

  /** How far a plan came that was not applied. */
  enum Extent {
    /** A tool, or the host as it is, refused it before anything was changed. */
    REJECTED,
    /** It took effect in part and was undone. */
    UNDONE,
    /** Nothing is known to have changed. */
    FAILED,
    /** Whoever asked may not. */
    DENIED
  }

  /** It was not done. */
  record Failed(Extent extent, Optional<Stage> stage, String why) implements HandAnswer {}

  /** A plan as it is told: what a person and a metric want of it. */
  record ToldPlan(Set<Component> components, boolean isStep, String render) implements Plan {
    public ToldPlan {
      components = Set.copyOf(components);
    }

    static ToldPlan of(Plan plan) {
      return new ToldPlan(plan.components(), plan.isStep(), plan.render());
    }

    @Override
    public boolean isEmpty() {
      return components.isEmpty();
    }
  }
}
