package dev.tlswaiver.agent;

import dev.tlswaiver.actuator.Actuator;
import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Plan;
import dev.tlswaiver.actuator.postfix.Capabilities;
import dev.tlswaiver.hand.Hand;
import dev.tlswaiver.hand.HandHere;
import dev.tlswaiver.hand.NoSight;
import dev.tlswaiver.judge.Surroundings;
import dev.tlswaiver.waiver.Grant;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/** A host that is left alone: no plan can be made for it, and none is applied. */
final class NoHost implements Actuator, Lookout {
  /** What an agent asks, and gets no plan. */
  Hand hand() {
    return new HandHere(this, InstantSource.system(), new NoSight(), () -> Capabilities.UNKNOWN);
  }

  @Override
  public Plan plan(Collection<Grant> grants, Instant now) throws HostException {
    throw new HostException("no plan here");
  }

  @Override
  public void keep() {}

  @Override
  public void prepare() {}

  @Override
  public Staged stage(Plan plan) {
    throw new AssertionError("the host is touched");
  }

  @Override
  public Optional<String> recover() {
    return Optional.empty();
  }

  @Override
  public Surroundings surroundings() {
    return new Surroundings(Map.of(), Map.of(), false, ZoneOffset.UTC);
  }
}
