package dev.tlswaiver.actuator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Grant;
import dev.tlswaiver.waiver.Rung;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostActuatorTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final IpPrefix SENDER = IpPrefix.parse("192.0.2.1");
  private static final IpPrefix OTHER = IpPrefix.parse("192.0.2.2");

  private final FakeMail mail = new FakeMail();
  private final FakeFirewall firewall = new FakeFirewall();
  private Instant now = NOON;

  @TempDir Path state;

  private HostActuator actuator() {
    InstantSource clock = () -> now;
    return new HostActuator(
        new Settings(
            state,
            Optional.empty(),
            Map.of(Rung.CIPHERS, 10126, Rung.LEGACY, 10127),
            Redirect.NFTABLES,
            state),
        mail,
        firewall,
        clock,
        step -> {});
  }

  private static Grant grant(IpPrefix network, Duration lasts) {
    return grant(Rung.LEGACY, network, lasts);
  }

  private static Grant grant(Rung rung, IpPrefix network, Duration lasts) {
    return new Grant(1, rung, List.of(network), NOON.plus(lasts));
  }

  private void put(HostActuator actuator, Grant... grants) throws HostException {
    try (Actuator.Staged staged = actuator.stage(actuator.plan(List.of(grants), now))) {
      staged.validate().apply();
    }
  }

  @Test
  void anElementThatTheKernelDropsMeanwhileIsNobodysChange() throws Exception {
    HostActuator actuator = actuator();
    put(actuator, grant(SENDER, Duration.ofSeconds(8)));
    now = NOON.plusSeconds(8);
    firewall.elapsed = Duration.ofSeconds(7); // Its last second is not quite over.
    Plan removal = actuator.plan(List.of(), now);
    firewall.elapsed = Duration.ofSeconds(8);
    try (Actuator.Staged staged = actuator.stage(removal)) {
      staged.validate().apply();
    }
    assertThat(firewall.loaded.isEmpty()).isTrue();
  }

  @Test
  void aRollbackThatFailedTooIsMadeUpForBeforeTheNextPlan() throws Exception {
    // Invariants 2 and 6.
    HostActuator actuator = actuator();
    put(actuator, grant(SENDER, Duration.ofDays(7)));
    Ruleset before = firewall.loaded;
    Grant other = grant(Rung.CIPHERS, OTHER, Duration.ofDays(7));
    firewall.isBroken = true;
    assertThatThrownBy(() -> put(actuator, other))
        .hasMessageContaining("and so did its rollback")
        .isNotInstanceOf(RolledBackException.class);
    firewall.isBroken = false;
    assertThatThrownBy(() -> put(actuator, other))
        .isInstanceOf(MovedException.class)
        .hasMessageContaining("has been undone first");
    assertThat(firewall.loaded).isEqualTo(before);
    put(actuator, other);
    assertThat(isRedirected(OTHER)).isTrue();
    assertThat(actuator.recover()).isEmpty();
  }

  @Test
  void anElementThatSomebodyRemovedIsAChange() throws Exception {
    HostActuator actuator = actuator();
    put(actuator, grant(SENDER, Duration.ofDays(7)));
    Plan more = actuator.plan(List.of(grant(OTHER, Duration.ofDays(7))), now);
    firewall.loaded = new Ruleset(25, Map.of(Rung.LEGACY, new Ruleset.Way(10127, Map.of())));
    try (Actuator.Staged staged = actuator.stage(more)) {
      Actuator.Validated validated = staged.validate();
      assertThatThrownBy(validated::apply).isInstanceOf(MovedException.class);
    }
  }

  private boolean isRedirected(IpPrefix network) {
    return firewall.loaded.rungs().values().stream()
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
            holes.add("not redirected: " + firewall.loaded);
          }
          firewall.loaded.rungs().entrySet().stream()
              .filter(way -> !way.getValue().elements().isEmpty())
              .filter(way -> !mail.standing.contains(way.getKey()))
              .forEach(way -> holes.add("nobody listens: " + way));
        };
    mail.afterReload = look;
    firewall.afterLoad = look;
    Grant moved = grant(Rung.CIPHERS, SENDER, Duration.ofDays(7));
    Plan first = actuator.plan(List.of(moved), now);
    assertThat(first.isStep()).isTrue();
    put(actuator, moved);
    assertThat(mail.standing).containsExactlyInAnyOrder(Rung.CIPHERS, Rung.LEGACY);
    assertThat(actuator.plan(List.of(moved), now).isStep()).isFalse();
    put(actuator, moved);
    assertThat(actuator.plan(List.of(moved), now).isEmpty()).isTrue();
    assertThat(mail.standing).containsExactly(Rung.CIPHERS);
    assertThat(firewall.loaded.rungs()).containsOnlyKeys(Rung.CIPHERS);
    assertThat(holes).isEmpty();
  }

  /** Holds a ruleset as the kernel does; its clock stands still until it is told. */
  private static final class FakeFirewall implements Firewall {
    private Ruleset loaded = new Ruleset(0, Map.of());
    private Duration elapsed = Duration.ZERO;
    private Runnable afterLoad = () -> {};
    private boolean isBroken;

    @Override
    public Ruleset actual(Instant now) {
      return loaded.after(NOON.plus(elapsed));
    }

    @Override
    public String transaction(Ruleset next, Instant now) {
      return next.toString();
    }

    @Override
    public void check(Ruleset next, Instant now) {}

    @Override
    public void load(Ruleset next, Instant now) throws HostException {
      loaded = next.rungs().isEmpty() || !isBroken ? next : loaded.backTowards(next);
      if (isBroken) {
        throw new HostException("nft refused the transaction");
      }
      afterLoad.run();
    }
  }

  /** A mail system that is always well, and has the listeners that it was planned to have. */
  private static final class FakeMail implements MailSystem {
    private Set<Rung> standing = Set.of();
    private Set<Rung> planned = Set.of();
    private Runnable afterReload = () -> {};

    @Override
    public void keep() {}

    @Override
    public void prepare() {}

    @Override
    public MailChange plan(Collection<Grant> grants) {
      planned = grants.stream().map(Grant::rung).collect(Collectors.toSet());
      return new MailChange(
          List.of(),
          List.of(),
          !planned.equals(standing),
          25,
          planned.stream()
              .collect(
                  Collectors.toMap(rung -> rung, rung -> rung == Rung.CIPHERS ? 10126 : 10127)),
          false);
    }

    @Override
    public List<String> commands(MailChange change) {
      return List.of();
    }

    @Override
    public void stage(MailChange change, Path directory) {}

    @Override
    public void validate(MailChange change, Path directory) {}

    @Override
    public String restored(Path file, String current, String before) {
      return before;
    }

    @Override
    public void build(MailChange.Table table) {}

    @Override
    public void reload() {
      standing = planned;
      afterReload.run();
    }

    @Override
    public boolean isRunning() {
      return true;
    }

    @Override
    public void start() {}

    @Override
    public Health health() {
      return new Health(true, true, 0);
    }

    @Override
    public void probe(Health before, MailChange change) {}
  }
}
