package dev.tlswaiver.hand;

import dev.tlswaiver.actuator.Actuator;
import dev.tlswaiver.actuator.HostActuator;
import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Plan;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Redirect;
import dev.tlswaiver.actuator.Settings;
import dev.tlswaiver.actuator.nftables.NftablesFirewall;
import dev.tlswaiver.actuator.postfix.Capabilities;
import dev.tlswaiver.actuator.postfix.OwnChanges;
import dev.tlswaiver.actuator.postfix.PostfixMail;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.firewall.Bans;
import dev.tlswaiver.firewall.KernelRules;
import dev.tlswaiver.firewall.Preflight;
import dev.tlswaiver.waiver.Rung;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** A hand in this process, which has the power itself. */
public final class HandHere implements Hand {
  /** Older changes are not what anybody begins to fail from. */
  private static final Duration RECENT = Duration.ofDays(1);

  private final Actuator actuator;
  private final Reconciler reconciler;
  private final Sight sight;
  private final Supplier<Capabilities> capabilities;

  /**
   * @param sight looks each time that it is asked
   * @param capabilities asks what the rungs can do
   */
  public HandHere(
      Actuator actuator, InstantSource clock, Sight sight, Supplier<Capabilities> capabilities) {
    this.actuator = actuator;
    this.reconciler = new Reconciler(actuator, clock);
    this.sight = sight;
    this.capabilities = capabilities;
  }

  /** This host's. */
  public static HandHere of(Configuration configuration, Programs programs, InstantSource clock) {
    Settings settings = Hands.settings(configuration);
    return new HandHere(
        new HostActuator(
            settings,
            new PostfixMail(settings, programs),
            new NftablesFirewall(programs),
            clock,
            step -> {}),
        clock,
        new HostSight(configuration, settings, programs, clock),
        () -> Capabilities.of(Optional.of(settings).filter(Settings::hasPostfix), programs));
  }

  private record HostSight(
      Configuration configuration, Settings settings, Programs programs, InstantSource clock)
      implements Sight {
    @Override
    public Rules rules() {
      return settings.hasPostfix() ? read(configuration, settings, programs) : Rules.NONE;
    }

    @Override
    public List<OwnChanges.Change> changes() {
      return settings.hasPostfix()
          ? OwnChanges.since(programs, settings.configDirectory(), clock.instant().minus(RECENT))
          : List.of();
    }
  }

  /** Who may not read the rules, or has no Postfix, redirects nobody either. */
  private static Rules read(Configuration configuration, Settings settings, Programs programs) {
    if (settings.redirect() == Redirect.NONE) {
      return Rules.NONE;
    }
    try {
      int publicPort = new PostfixMail(settings, programs).publicPort();
      KernelRules kernel = KernelRules.read(programs);
      Preflight preflight = new Preflight(kernel);
      Map<Rung, String> unreachable = new EnumMap<>(Rung.class);
      for (Configuration.RungSettings rung : configuration.ladder()) {
        preflight
            .objection(publicPort, rung.port())
            .ifPresent(why -> unreachable.put(rung.rung(), why));
      }
      return new Rules(unreachable, Bans.of(kernel, publicPort).ranges());
    } catch (HostException unseen) {
      return Rules.NONE;
    }
  }

  @Override
  public Optional<String> recover() throws HostException {
    return actuator.recover();
  }

  @Override
  public void prepare() throws HostException {
    actuator.prepare();
  }

  @Override
  public void keep() throws HostException {
    actuator.keep();
  }

  @Override
  public Plan plan(Desired desired) throws HostException {
    return reconciler.plan(desired.grants());
  }

  @Override
  public Done apply(Desired desired) throws HostException {
    return new Done(reconciler.reconcile(desired.grants()), Map.of());
  }

  @Override
  public Plan reset() throws HostException {
    actuator.recover();
    return reconciler.reconcile(List.of());
  }

  @Override
  public Sight look() {
    return sight;
  }

  @Override
  public Capabilities capabilities() {
    return capabilities.get();
  }
}
