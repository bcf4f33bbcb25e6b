package dev.tlswaiver.actuator;

import dev.tlswaiver.actuator.nftables.NftablesFirewall;
import dev.tlswaiver.actuator.postfix.PostfixMail;
import dev.tlswaiver.actuator.postfix.ProcessPrograms;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Grant;
import dev.tlswaiver.waiver.Rung;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A process of its own that applies one plan on the mail host, and dies before the step of the
 * given number as if it had been killed; or that recovers, or undoes.
 */
public final class ApplyOnce {
  private ApplyOnce() {}

  /**
   * @param arguments configuration directory, state directory, what to do: {@code die N}, {@code
   *     recover}, {@code undo}, {@code edit}, {@code burst WAIVERS ADDRESSES}
   */
  public static void main(String[] arguments) throws Exception {
    Path configuration = Path.of(arguments[0]);
    Settings settings =
        new Settings(
            configuration,
            Optional.empty(),
            Map.of(Rung.LEGACY, 10127),
            Redirect.NFTABLES,
            Path.of(arguments[1]));
    int last = arguments[2].equals("die") ? Integer.parseInt(arguments[3]) : Integer.MAX_VALUE;
    AtomicInteger step = new AtomicInteger();
    Programs programs = new ProcessPrograms();
    Actuator actuator =
        new HostActuator(
            settings,
            new PostfixMail(settings, programs),
            new NftablesFirewall(programs),
            InstantSource.system(),
            name -> {
              if (step.getAndIncrement() == last) {
                System.out.println("dies before: " + name);
                System.out.flush();
                Runtime.getRuntime().halt(137);
              }
            });
    switch (arguments[2]) {
      case "recover" -> System.out.println("recovered: " + actuator.recover().orElse("nothing"));
      case "undo" -> apply(actuator, actuator.plan(List.of(), Instant.now()));
      case "edit" -> edit(actuator, configuration);
      case "burst" ->
          apply(
              actuator,
              actuator.plan(
                  burst(Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4])),
                  Instant.now()));
      default -> apply(actuator, actuator.plan(grants(), Instant.now()));
    }
  }

  private static List<Grant> grants() {
    return List.of(
        new Grant(
            1,
            Rung.LEGACY,
            List.of(IpPrefix.parse("198.51.100.10/32"), IpPrefix.parse("2001:db8:100::/64")),
            Instant.now().plus(Duration.ofHours(1))));
  }

  /** So many waivers, each of so many addresses; one of them is an old sender of the lab. */
  private static List<Grant> burst(int waivers, int addresses) {
    Instant until = Instant.now().plus(Duration.ofDays(7));
    List<Grant> grants = new ArrayList<>(grants());
    for (int waiver = 0; waiver < waivers; waiver++) {
      List<IpPrefix> networks = new ArrayList<>();
      for (int address = 0; address < addresses; address++) {
        networks.add(IpPrefix.parse("2001:db8:%x:%x::1/128".formatted(waiver + 0x1000, address)));
      }
      grants.add(new Grant(waiver + 2, Rung.LEGACY, networks, until));
    }
    return grants;
  }

  private static void apply(Actuator actuator, Plan plan) throws HostException {
    try (Actuator.Staged staged = actuator.stage(plan)) {
      staged.validate().apply();
    }
    System.out.println("applied");
  }

  /** The operator saves master.cf after the plan was validated. */
  private static void edit(Actuator actuator, Path configuration) throws Exception {
    try (Actuator.Staged staged = actuator.stage(actuator.plan(grants(), Instant.now()))) {
      Actuator.Validated validated = staged.validate();
      Files.writeString(
          configuration.resolve("master.cf"), "# edited\n", StandardOpenOption.APPEND);
      validated.apply();
    } catch (MovedException moved) {
      System.out.println("not applied: " + moved.getMessage());
    }
  }
}
