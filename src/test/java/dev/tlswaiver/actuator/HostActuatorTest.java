package dev.tlswaiver.actuator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tlswaiver.house.ManualClock;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Grant;
import dev.tlswaiver.waiver.Rung;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostActuatorTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final IpPrefix SENDER = IpPrefix.parse("192.0.2.1");
  private static final IpPrefix OTHER = IpPrefix.parse("192.0.2.2");

  private final ManualClock clock = new ManualClock(NOON);
  private final FaultyHost host = new FaultyHost(NOON);

  @TempDir Path state;

  private HostActuator actuator() {
    return actuator(step -> {});
  }

  private HostActuator actuator(HostActuator.Hook hook) {
    return new HostActuator(
        new Settings(
            state,
            Optional.empty(),
            Map.of(Rung.CIPHERS, 10126, Rung.LEGACY, 10127),
            Redirect.NFTABLES,
            state),
        host.mail,
        host.firewall,
        clock,
        hook);
  }

  private static Grant grant(IpPrefix network, Duration lasts) {
    return grant(Rung.LEGACY, network, lasts);
  }

  private static Grant grant(Rung rung, IpPrefix network, Duration lasts) {
    return new Grant(1, rung, List.of(network), NOON.plus(lasts));
  }

  private void put(HostActuator actuator, Grant... grants) throws HostException {
    try (Actuator.Staged staged = actuator.stage(actuator.plan(List.of(grants), clock.instant()))) {
      staged.validate().apply();
    }
  }

  @Test
  void anElementThatTheKernelDropsMeanwhileIsNobodysChange() throws Exception {
    HostActuator actuator = actuator();
    put(actuator, grant(SENDER, Duration.ofSeconds(8)));
    clock.advance(Duration.ofSeconds(8));
    host.firewall.elapsed = Duration.ofSeconds(7); // Its last second is not quite over.
    Plan removal = actuator.plan(List.of(), clock.instant());
    host.firewall.elapsed = Duration.ofSeconds(8);
    try (Actuator.Staged staged = actuator.stage(removal)) {
      staged.validate().apply();
    }
    assertThat(host.firewall.loaded.isEmpty()).isTrue();
  }

  @Test
  void aRollbackThatFailedTooIsMadeUpForBeforeTheNextPlan() throws Exception {
    // Invariants 2 and 6.
    HostActuator actuator = actuator();
    put(actuator, grant(SENDER, Duration.ofDays(7)));
    Ruleset before = host.firewall.loaded;
    Grant other = grant(Rung.CIPHERS, OTHER, Duration.ofDays(7));
    host.firewall.isBroken = true;
    assertThatThrownBy(() -> put(actuator, other))
        .hasMessageContaining("and so did its rollback")
        .isNotInstanceOf(RolledBackException.class);
    host.firewall.isBroken = false;
    assertThatThrownBy(() -> put(actuator, other))
        .isInstanceOf(MovedException.class)
        .hasMessageContaining("has been undone first");
    assertThat(host.firewall.loaded).isEqualTo(before);
    put(actuator, other);
    assertThat(isRedirected(OTHER)).isTrue();
    assertThat(actuator.recover()).isEmpty();
  }

  @Test
  void anElementThatSomebodyRemovedIsAChange() throws Exception {
    HostActuator actuator = actuator();
    put(actuator, grant(SENDER, Duration.ofDays(7)));
    Plan more = actuator.plan(List.of(grant(OTHER, Duration.ofDays(7))), clock.instant());
    host.firewall.loaded = new Ruleset(25, Map.of(Rung.LEGACY, new Ruleset.Way(10127, Map.of())));
    try (Actuator.Staged staged = actuator.stage(more)) {
      Actuator.Validated validated = staged.validate();
      assertThatThrownBy(validated::apply).isInstanceOf(MovedException.class);
    }
  }

  private boolean isRedirected(IpPrefix network) {
    return host.firewall.loaded.rungs().values().stream()
        .anyMatch(way -> way.elements().containsKey(network));
  }

  @Test
  void aPeerThatChangesItsListenerIsNeverWithoutOne() throws Exception {
    HostActuator actuator = actuator();
    put(actuator, grant(Rung.LEGACY, SENDER, Duration.ofDays(7)));
    List<String> holes = new ArrayList<>();
    Runnable look =
        () -> {
          if (!isRedirected(SENDER)) {
            holes.add("not redirected: " + host.firewall.loaded);
          }
          host.firewall.loaded.rungs().entrySet().stream()
              .filter(way -> !way.getValue().elements().isEmpty())
              .filter(way -> !host.mail.standing.contains(way.getKey()))
              .forEach(way -> holes.add("nobody listens: " + way));
        };
    host.mail.afterReload = look;
    host.firewall.afterLoad = look;
    Grant moved = grant(Rung.CIPHERS, SENDER, Duration.ofDays(7));
    Plan first = actuator.plan(List.of(moved), clock.instant());
    assertThat(first.isStep()).isTrue();
    put(actuator, moved);
    assertThat(host.mail.standing).containsExactlyInAnyOrder(Rung.CIPHERS, Rung.LEGACY);
    assertThat(actuator.plan(List.of(moved), clock.instant()).isStep()).isFalse();
    put(actuator, moved);
    assertThat(actuator.plan(List.of(moved), clock.instant()).isEmpty()).isTrue();
    assertThat(host.mail.standing).containsExactly(Rung.CIPHERS);
    assertThat(host.firewall.loaded.rungs()).containsOnlyKeys(Rung.CIPHERS);
    assertThat(holes).isEmpty();
  }

  private static FileEdit creating(Path file) {
    return new FileEdit(file, Optional.empty(), Optional.of("text"));
  }

  @Test
  void aStepThatFailsIsNamedWithItsStageAndUndone() throws Exception {
    Path table = state.resolve("tlswaiver-legacy");
    Path master = state.resolve("master.cf");
    host.mail.edits = List.of(creating(table), creating(master));
    host.mail.tables =
        List.of(
            new MailChange.Table("lmdb", state.resolve("standing")),
            new MailChange.Table("hash", table));
    Map<String, Stage> steps = new LinkedHashMap<>();
    steps.put("nft first", Stage.NFT);
    steps.put("write tlswaiver-legacy", Stage.WRITE);
    steps.put("build hash:" + table, Stage.POSTMAP);
    steps.put("write master.cf", Stage.WRITE);
    steps.put("build lmdb:" + state.resolve("standing"), Stage.POSTMAP);
    steps.put("reload", Stage.RELOAD);
    steps.put("probe", Stage.PROBE);
    steps.put("nft last", Stage.NFT);
    steps.put("compare", Stage.NFT);
    steps.put("finish files", Stage.WRITE);
    for (Map.Entry<String, Stage> step : steps.entrySet()) {
      host.mail.standing = Set.of();
      HostActuator failing =
          actuator(
              name -> {
                if (name.equals(step.getKey())) {
                  throw new HostException("broken");
                }
              });
      assertThatThrownBy(() -> put(failing, grant(SENDER, Duration.ofDays(7))))
          .isInstanceOf(RolledBackException.class)
          .hasMessage(step.getKey() + ": broken")
          .extracting(failure -> ((RolledBackException) failure).stage())
          .isEqualTo(step.getValue());
      assertThat(table).doesNotExist();
      assertThat(host.firewall.loaded.isEmpty()).isTrue();
    }
    List<String> names = new ArrayList<>();
    host.mail.standing = Set.of();
    put(actuator(names::add), grant(SENDER, Duration.ofDays(7)));
    assertThat(names)
        .startsWith("journal")
        .containsSubsequence(steps.keySet())
        .endsWith("finish")
        .hasSize(steps.size() + 2);
  }
}
