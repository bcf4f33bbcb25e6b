package dev.tlswaiver.hand;

import dev.tlswaiver.actuator.DirectoryLock;
import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Plan;
import dev.tlswaiver.actuator.RejectedException;
import dev.tlswaiver.actuator.RolledBackException;
import dev.tlswaiver.actuator.Stage;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.config.ConfigurationException;
import dev.tlswaiver.firewall.AddressRanges;
import dev.tlswaiver.hand.HandAnswer.Extent;
import dev.tlswaiver.hand.HandAnswer.ToldPlan;
import dev.tlswaiver.waiver.Grant;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the privileged process does with a request, and by itself. It remembers what was desired
 * last and holds the host to it until that has run out. Used by one thread.
 */
final class HandDesk implements HandServer.Answerer {
  private static final Logger LOG = LoggerFactory.getLogger(HandDesk.class);

  /** An agent that is alive compares each minute; what it compares need not be compared here. */
  private static final Duration ALIVE = Duration.ofSeconds(90);

  /** Who starts a process for every question waits for it each time. */
  private static final Duration LINGERS = Duration.ofMinutes(2);

  /** Nobody reads more of them in a log. */
  private static final int MOST_TOLD = 20;

  /** Reads the configuration, which may have changed. */
  @FunctionalInterface
  interface Source {
    Configuration read() throws IOException, ConfigurationException;
  }

  private final Source source;
  private final Function<Configuration, Hand> hands;
  private final InstantSource clock;
  private Configuration configuration;
  private Hand hand;
  private HandState state;
  private Optional<DirectoryLock> lock = Optional.empty();
  private boolean isRecovered;
  private boolean isPrepared;
  private Instant asked;
  private Instant compared;

  /**
   * @param hands the hand that acts as a configuration says
   * @throws HostException if what was desired last can't be read
   */
  HandDesk(Source source, Function<Configuration, Hand> hands, InstantSource clock)
      throws IOException, ConfigurationException, HostException {
    this.source = source;
    this.hands = hands;
    this.clock = clock;
    this.configuration = source.read();
    this.hand = hands.apply(configuration);
    this.state = HandState.read(directory());
    this.asked = clock.instant();
    this.compared = Instant.EPOCH;
  }

  private Path directory() {
    return Hands.directory(configuration);
  }

  /** Does what is asked, or says why not. */
  @Override
  public HandAnswer answer(HandRequest request, boolean isRoot) {
    asked = clock.instant();
    try {
      takeNewConfiguration();
      return request.accept(new Answers(isRoot));
    } catch (RejectedException rejected) {
      return failed(Extent.REJECTED, Optional.of(rejected.stage()), rejected);
    } catch (RolledBackException undone) {
      return failed(Extent.UNDONE, Optional.of(undone.stage()), undone);
    } catch (DeniedException denied) {
      return failed(Extent.DENIED, Optional.empty(), denied);
    } catch (HostException failure) {
      return failed(Extent.FAILED, Optional.empty(), failure);
    }
  }

  private static HandAnswer failed(Extent extent, Optional<Stage> stage, HostException failure) {
    return new HandAnswer.Failed(extent, stage, String.valueOf(failure.getMessage()));
  }

  private final class Answers implements HandRequest.Visitor<HandAnswer, HostException> {
    private final boolean isRoot;

    Answers(boolean isRoot) {
      this.isRoot = isRoot;
    }

    @Override
    public HandAnswer abilities() throws HostException {
      return new HandAnswer.Able(hand.capabilities());
    }

    @Override
    public HandAnswer facts() throws HostException {
      Sight seen = hand.look();
      return new HandAnswer.Facts(seen.rules(), seen.changes());
    }

    @Override
    public HandAnswer plan(HandRequest.Plan request) throws HostException {
      compared = clock.instant();
      Limits.Judged judged = judge(request.desired(), unknown(request.desired(), compared));
      return planned(hand.plan(new Desired(judged.admitted(), Set.of())), judged.refused());
    }

    @Override
    public HandAnswer apply(HandRequest.Apply request) throws HostException {
      return HandDesk.this.apply(request.desired());
    }

    @Override
    public HandAnswer permit(HandRequest.Permit request) throws HostException {
      requireRoot();
      save(state.with(new Permit(request.network(), request.until(), clock.instant(), false)));
      return new HandAnswer.Noted();
    }

    @Override
    public HandAnswer forbid(HandRequest.Forbid request) throws HostException {
      requireRoot();
      save(state.without(request.network()));
      return new HandAnswer.Noted();
    }

    @Override
    public HandAnswer reset() throws HostException {
      requireRoot();
      return HandDesk.this.reset();
    }

    private void requireRoot() throws DeniedException {
      if (!isRoot) {
        throw new DeniedException();
      }
    }
  }

  /** Whoever asked may not. */
  private static final class DeniedException extends HostException {
    private static final long serialVersionUID = 1L;

    DeniedException() {
      super("this is for root alone");
    }
  }

  /** One with mistakes leaves the last good one in force, as it does with the agent. */
  private void takeNewConfiguration() {
    try {
      Configuration now = source.read();
      if (!now.equals(configuration)) {
        configuration = now;
        hand = hands.apply(now);
        LOG.info("the configuration has changed, and counts from now on");
      }
    } catch (IOException | ConfigurationException wrong) {
      LOG.warn("the configuration is not taken: {}", wrong.getMessage());
    }
  }

  private static HandAnswer planned(Plan plan, Map<Long, String> refused) {
    return new HandAnswer.Planned(ToldPlan.of(plan), refused);
  }

  private Limits.Judged judge(Desired desired, List<Grant> unknown) {
    Limits.Judged judged =
        new Limits(configuration, state.permits(), clock.instant())
            .judge(
                Stream.concat(desired.grants().stream(), unknown.stream()).toList(),
                state.waivers());
    judged.refused().entrySet().stream()
        .limit(MOST_TOLD)
        .forEach(
            refused -> LOG.warn("waiver {} is refused: {}", refused.getKey(), refused.getValue()));
    return judged;
  }

  /** What is in force, and whoever desires this does not know of: a lost ledger ends nothing. */
  private List<Grant> unknown(Desired desired, Instant now) {
    Set<Long> known = desired.waivers();
    AddressRanges wanted =
        AddressRanges.of(
            desired.grants().stream().flatMap(grant -> grant.networks().stream()).toList());
    return state.running(now).stream()
        .filter(grant -> !known.contains(grant.waiver()))
        .filter(grant -> grant.networks().stream().noneMatch(wanted::overlap))
        .toList();
  }

  private HandAnswer apply(Desired desired) throws HostException {
    Instant now = clock.instant();
    List<Grant> unknown = unknown(desired, now);
    if (!unknown.isEmpty()) {
      LOG.warn(
          "{} waivers in force are unknown to the agent, whose ledger was lost: they end by"
              + " themselves; tlswaiver reset removes them now",
          unknown.size());
    }
    Limits.Judged judged = judge(desired, unknown);
    return planned(hold(judged.admitted(), now), judged.refused());
  }

  /** Makes the host so, and holds it to that from now on. */
  private Plan hold(Collection<Grant> grants, Instant now) throws HostException {
    recover();
    HandState before = state;
    // Written first: who is killed in between goes on with what was wanted.
    save(state.with(grants, now));
    try {
      Plan plan = hand.apply(new Desired(List.copyOf(grants), Set.of())).plan();
      compared = clock.instant();
      return plan;
    } catch (HostException | RuntimeException failure) {
      save(before);
      throw failure;
    }
  }

  private HandAnswer reset() throws HostException {
    recover();
    Plan plan = hand.reset();
    save(HandState.EMPTY);
    LOG.info("reset: nothing of tlswaiver's is on the host");
    return planned(plan, Map.of());
  }

  /** Before anything is changed: alone, and from where an earlier process stopped. */
  private void recover() throws HostException {
    Path postfix = configuration.postfix().configDirectory();
    try {
      if (lock.isEmpty()) {
        lock = DirectoryLock.take(postfix);
      }
    } catch (IOException failure) {
      throw new RejectedException(Stage.LOCK, postfix + " can't be locked: " + failure);
    }
    if (lock.isEmpty()) {
      throw new RejectedException(
          Stage.LOCK,
          "another tlswaiver keeps " + postfix + " in order; see which: fuser -v " + postfix);
    }
    if (!isRecovered) {
      hand.recover().ifPresent(what -> LOG.warn("recovered: {}", what));
      isRecovered = true;
    }
  }

  /** Removes what is past its time. */
  Plan sweep() throws HostException {
    Instant now = clock.instant();
    return hold(state.running(now), now);
  }

  /** What is to be done without being asked: once a minute or so is often enough. */
  @Override
  public void keep() {
    Instant now = clock.instant();
    if (state.grants().isEmpty()) {
      return;
    }
    try {
      if (!isPrepared) {
        hand.prepare();
        isPrepared = true;
      }
      hand.keep();
      boolean isOverdue = state.running(now).size() < state.grants().size();
      if (isOverdue || now.isAfter(compared.plus(ALIVE))) {
        Plan plan = sweep();
        if (!plan.isEmpty() && !isOverdue) {
          LOG.warn("the host differed from what was desired last; it is in order again");
        }
      }
    } catch (HostException | RuntimeException failure) {
      LOG.error("the host can't be kept in order: {}", String.valueOf(failure.getMessage()));
    }
  }

  /** Whether it may end: nothing is in force, and nobody has asked for a while. */
  @Override
  public boolean isIdle() {
    return state.grants().isEmpty() && clock.instant().isAfter(asked.plus(LINGERS));
  }

  private void save(HandState next) throws HostException {
    if (!next.equals(state)) {
      next.write(directory());
      state = next;
    }
  }

  @Override
  public void close() {
    lock.ifPresent(DirectoryLock::close);
  }
}
