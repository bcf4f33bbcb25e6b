package dev.tlswaiver.hand;

import static dev.tlswaiver.hand.Wishes.NOON;
import static dev.tlswaiver.hand.Wishes.WEEK;
import static dev.tlswaiver.hand.Wishes.desired;
import static dev.tlswaiver.hand.Wishes.grant;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tlswaiver.actuator.Component;
import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Plan;
import dev.tlswaiver.actuator.RejectedException;
import dev.tlswaiver.actuator.RolledBackException;
import dev.tlswaiver.actuator.Stage;
import dev.tlswaiver.actuator.postfix.Capabilities;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.config.ConfigurationException;
import dev.tlswaiver.config.ConfigurationReader;
import dev.tlswaiver.hand.HandAnswer.Extent;
import dev.tlswaiver.hand.HandAnswer.ToldPlan;
import dev.tlswaiver.house.ManualClock;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Grant;
import dev.tlswaiver.waiver.Rung;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class HandDeskTest {

  /** A host in memory. */
  private static final class Host implements Hand {
    List<Grant> held = List.of();
    int applied;
    int recovered;
    @Nullable HostException failure;
    @Nullable RuntimeException mistake;

    private static Plan plan(boolean isEmpty) {
      return new ToldPlan(isEmpty ? Set.of() : Set.of(Component.REDIRECT), false, "a plan");
    }

    @Override
    public Optional<String> recover() {
      recovered++;
      return Optional.empty();
    }

    @Override
    public Plan plan(Desired desired) {
      return plan(Set.copyOf(desired.grants()).equals(Set.copyOf(held)));
    }

    @Override
    public Done apply(Desired desired) throws HostException {
      if (failure != null) {
        throw failure;
      }
      if (mistake != null) {
        throw mistake;
      }
      Plan plan = plan(desired);
      held = desired.grants();
      applied++;
      return new Done(plan, Map.of());
    }

    @Override
    public Plan reset() {
      held = List.of();
      return plan(false);
    }

    @Override
    public Sight look() {
      return new NoSight();
    }

    @Override
    public Capabilities capabilities() {
      return Capabilities.UNKNOWN;
    }
  }

  private final ManualClock clock = new ManualClock(NOON);
  private final Host host = new Host();
  private String yaml = "";
  private HandDesk desk;

  @TempDir Path folder;

  @BeforeEach
  void open() throws Exception {
    Files.createDirectories(folder.resolve("state-hand"));
    Files.createDirectories(folder.resolve("postfix"));
    desk = begin();
  }

  @AfterEach
  void close() {
    desk.close();
  }

  private Configuration read() throws IOException, ConfigurationException {
    return ConfigurationReader.parse(
        "test",
        "state_directory: %1$s/state\npostfix: {config_directory: %1$s/postfix}\n%2$s\n"
            .formatted(folder, yaml));
  }

  private HandDesk begin() throws Exception {
    return new HandDesk(this::read, now -> host, clock);
  }

  private void restart() throws Exception {
    desk.close();
    desk = begin();
  }

  private HandAnswer apply(Desired desired) {
    return desk.answer(new HandRequest.Apply(desired), false);
  }

  private HandAnswer byRoot(HandRequest request) {
    return desk.answer(request, true);
  }

  @Test
  void whatIsDesiredIsHeldAndWhatExceedsTheLimitsIsRefused() {
    HandAnswer answer = apply(desired(grant(1, "192.0.2.1"), grant(2, "198.51.100.0/24")));
    assertThat(host.held).containsExactly(grant(1, "192.0.2.1"));
    assertThat(((HandAnswer.Planned) answer).refused()).containsOnlyKeys(2L);
  }

  @Test
  void aPlanChangesNothing() {
    HandAnswer answer = desk.answer(new HandRequest.Plan(desired(grant(1, "192.0.2.1"))), false);
    assertThat(((HandAnswer.Planned) answer).plan().isEmpty()).isFalse();
    assertThat(host.applied).isZero();
    assertThat(host.recovered).isZero();
  }

  @Test
  void anAgentThatLostItsLedgerEmptiesNothing() throws Exception {
    apply(desired(grant(1, "192.0.2.1"), grant(2, "192.0.2.2")));
    restart();
    apply(desired());
    apply(desired(grant(1, "203.0.113.9")));
    assertThat(host.held).containsExactlyInAnyOrder(grant(1, "203.0.113.9"), grant(2, "192.0.2.2"));
  }

  @Test
  void whatIsKnownToHaveEndedGoesAtOnce() {
    apply(desired(grant(1, "192.0.2.1"), grant(2, "192.0.2.2")));
    apply(Desired.of(List.of(grant(2, "192.0.2.2")), List.of(1L)));
    assertThat(host.held).containsExactly(grant(2, "192.0.2.2"));
  }

  @Test
  void whatIsUnknownRunsOut() {
    apply(desired(grant(1, "192.0.2.1")));
    apply(desired());
    assertThat(host.held).hasSize(1);
    clock.advance(WEEK.plusSeconds(1));
    desk.keep();
    assertThat(host.held).isEmpty();
  }

  @Test
  void theHostIsKeptInOrderWhereNoAgentAsks() {
    apply(desired(grant(1, "192.0.2.1")));
    host.held = List.of(); // Somebody flushed the rules.
    desk.keep();
    assertThat(host.applied).as("an agent is alive, and compares itself").isEqualTo(1);
    clock.advance(Duration.ofMinutes(2));
    desk.keep();
    assertThat(host.held).containsExactly(grant(1, "192.0.2.1"));
  }

  @Test
  void itGoesOnWhereAKilledOneStopped() throws Exception {
    apply(desired(grant(1, "192.0.2.1")));
    restart();
    host.held = List.of();
    clock.advance(Duration.ofMinutes(2));
    desk.keep();
    assertThat(host.held).containsExactly(grant(1, "192.0.2.1"));
    assertThat(host.recovered).isEqualTo(2);
  }

  @Test
  void aFailedPlanLeavesWhatWasDesiredBefore() throws Exception {
    apply(desired(grant(1, "192.0.2.1")));
    host.failure = new RejectedException(Stage.PORT, "port 10127 is taken");
    HandAnswer answer = apply(desired(grant(1, "192.0.2.1"), grant(2, "192.0.2.2")));
    assertThat(answer)
        .isEqualTo(
            new HandAnswer.Failed(Extent.REJECTED, Optional.of(Stage.PORT), "port 10127 is taken"));
    host.failure = null;
    clock.advance(Duration.ofMinutes(2));
    desk.keep();
    assertThat(host.held).containsExactly(grant(1, "192.0.2.1"));
  }

  @Test
  void aMistakeInAPlanDoesNotStay() {
    apply(desired(grant(1, "192.0.2.1")));
    host.mistake = new IllegalStateException("a mistake");
    assertThatThrownBy(() -> apply(desired(grant(2, "192.0.2.2")))).isSameAs(host.mistake);
    clock.advance(Duration.ofMinutes(2));
    desk.keep();
    host.mistake = null;
    desk.keep();
    assertThat(host.held).containsExactly(grant(1, "192.0.2.1"));
  }

  @Test
  @Timeout(20)
  void theLongestRequestIsDealtWithSoon() {
    yaml = "guards: {most_addresses: 256}";
    String[] networks =
        IntStream.range(0, 60_000)
            .mapToObj(i -> "2001:db8:" + Integer.toHexString(i) + "::1")
            .toArray(String[]::new);
    Grant[] many =
        IntStream.range(0, 50)
            .mapToObj(
                i ->
                    grant(
                        i,
                        IntStream.range(0, 250)
                            .mapToObj(k -> "192." + (1 + k / 128) + "." + i + "." + 2 * (k % 128))
                            .toArray(String[]::new)))
            .toArray(Grant[]::new);
    apply(desired(many));
    assertThat(host.held).hasSize(50);
    apply(desired(grant(1_000, networks)));
    assertThat(host.held).hasSize(50);
  }

  @Test
  void whatWasUndoneIsToldSo() {
    host.failure = new RolledBackException(Stage.PROBE, "probe: no", new HostException("no"));
    assertThat(apply(desired(grant(1, "192.0.2.1"))))
        .isEqualTo(new HandAnswer.Failed(Extent.UNDONE, Optional.of(Stage.PROBE), "probe: no"));
  }

  @Test
  void whatIsRootsIsDeniedToEverybodyElse() {
    IpPrefix network = IpPrefix.parse("198.51.100.0/24");
    for (HandRequest request :
        List.of(
            new HandRequest.Permit(network, NOON.plus(WEEK)),
            new HandRequest.Forbid(network),
            new HandRequest.Reset())) {
      assertThat(desk.answer(request, false))
          .isInstanceOfSatisfying(
              HandAnswer.Failed.class,
              failed -> assertThat(failed.extent()).isEqualTo(Extent.DENIED));
    }
    apply(desired(grant(1, "198.51.100.0/24")));
    assertThat(host.held).isEmpty();
  }

  @Test
  void aPermitHoldsForItsWaiverAndNoOtherAfterIt() throws Exception {
    Grant wide = grant(1, Rung.LEGACY, Duration.ofDays(60), "198.51.100.0/24");
    byRoot(new HandRequest.Permit(wide.networks().get(0), wide.until()));
    apply(desired(wide));
    assertThat(host.held).containsExactly(wide);
    restart();
    apply(desired(wide));
    assertThat(host.held).containsExactly(wide);
    apply(Desired.of(List.of(), List.of(1L)));
    apply(desired(grant(2, "198.51.100.0/24")));
    assertThat(host.held).isEmpty();
  }

  @Test
  void aPermitThatIsNotUsedLapses() {
    byRoot(new HandRequest.Permit(IpPrefix.parse("198.51.100.0/24"), NOON.plus(WEEK)));
    clock.advance(Duration.ofMinutes(11));
    apply(desired());
    apply(desired(grant(1, "198.51.100.0/24")));
    assertThat(host.held).isEmpty();
  }

  @Test
  void aPermitThatIsTakenBackCountsNoMore() {
    byRoot(new HandRequest.Permit(IpPrefix.parse("198.51.100.0/24"), NOON.plus(WEEK)));
    byRoot(new HandRequest.Forbid(IpPrefix.parse("198.51.100.0/24")));
    apply(desired(grant(1, "198.51.100.0/24")));
    assertThat(host.held).isEmpty();
  }

  @Test
  void aResetForgetsWhatWasDesired() {
    apply(desired(grant(1, "192.0.2.1")));
    byRoot(new HandRequest.Reset());
    clock.advance(Duration.ofMinutes(3));
    desk.keep();
    assertThat(host.held).isEmpty();
  }

  @Test
  void aNarrowerConfigurationCountsAtTheNextRequest() {
    apply(desired(grant(1, "192.0.2.1")));
    yaml = "guards: {never: [192.0.2.0/24]}";
    HandAnswer answer = apply(desired(grant(1, "192.0.2.1")));
    assertThat(host.held).isEmpty();
    assertThat(((HandAnswer.Planned) answer).refused().get(1L)).contains("guards.never");
  }

  @Test
  void aConfigurationWithMistakesLeavesTheLastGoodOne() {
    yaml = "guards: [";
    apply(desired(grant(1, "192.0.2.1")));
    assertThat(host.held).hasSize(1);
  }

  @Test
  void itIsIdleWhenNothingIsInForceAndNobodyAsks() {
    assertThat(desk.isIdle()).isFalse();
    clock.advance(Duration.ofMinutes(3));
    assertThat(desk.isIdle()).isTrue();
    apply(desired(grant(1, "192.0.2.1")));
    clock.advance(Duration.ofMinutes(3));
    assertThat(desk.isIdle()).isFalse();
    apply(Desired.of(List.of(), List.of(1L)));
    clock.advance(Duration.ofMinutes(3));
    assertThat(desk.isIdle()).isTrue();
  }

  @Test
  void onlyOneKeepsAPostfixInOrder() throws Exception {
    apply(desired(grant(1, "192.0.2.1")));
    try (HandDesk other = begin()) {
      HandAnswer answer =
          other.answer(new HandRequest.Apply(desired(grant(1, "192.0.2.1"))), false);
      assertThat(answer)
          .isInstanceOfSatisfying(
              HandAnswer.Failed.class,
              failed -> assertThat(failed.why()).contains("another tlswaiver"));
    }
  }
}
