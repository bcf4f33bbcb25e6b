package dev.tlswaiver.agent;

import dev.tlswaiver.guard.Bounds;
import dev.tlswaiver.guard.Feasible;
import dev.tlswaiver.guard.Guard;
import dev.tlswaiver.guard.Guards;
import dev.tlswaiver.guard.IsItUs;
import dev.tlswaiver.guard.Never;
import dev.tlswaiver.guard.Only;
import dev.tlswaiver.guard.Paused;
import dev.tlswaiver.guard.PrivateAddress;
import dev.tlswaiver.guard.Probe;
import dev.tlswaiver.guard.StrongTlsMemory;
import dev.tlswaiver.maillog.SyslogParser;
import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.peer.PublicSuffixes;
import dev.tlswaiver.rule.Rule;
import dev.tlswaiver.rule.Windows;
import dev.tlswaiver.waiver.Ledger;
import dev.tlswaiver.waiver.Life;
import dev.tlswaiver.waiver.Rung;
import dev.tlswaiver.waiver.Terms;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The thinking rooms, furnished from one configuration around one ledger.
 *
 * @param pools how peers are pooled
 * @param life moves the ledger's waivers on
 * @param strong who met the strict terms
 * @param paused the guard that the agent closes after a rollback
 * @param pipeline the way of a line through the rooms
 */
public record Rooms(
    Pools pools, Life life, StrongTlsMemory strong, Paused paused, Pipeline pipeline) {

  /**
   * Furnishes the rooms.
   *
   * @param impossible the rungs that the host can't serve, each with the reason why
   * @param zone the log's, for headers that name none
   */
  public static Rooms furnish(
      Configuration configuration,
      Ledger ledger,
      Map<Rung, String> impossible,
      ZoneId zone,
      Pipeline.Listener listener) {
    Pools pools = pools(configuration);
    Terms terms = terms(configuration);
    Life life = new Life(ledger, pools, terms);
    Configuration.Guards settings = configuration.guards();
    StrongTlsMemory strong = new StrongTlsMemory(settings.strongTlsMemory());
    Paused paused = new Paused();
    List<Guard> guards = new ArrayList<>();
    guards.add(new Never(settings.never()));
    guards.add(new Only(settings.only()));
    if (settings.privateAddresses() == Configuration.PrivateAddresses.REFUSE) {
      guards.add(new PrivateAddress());
    }
    guards.add(strong);
    guards.add(new IsItUs(settings.isItUs().pools(), settings.isItUs().within()));
    guards.add(new Probe(settings.probeScore()));
    guards.add(new Bounds(ledger, settings.mostWaivers(), settings.mostAddresses()));
    guards.add(new Feasible(terms.ladder(), impossible));
    guards.add(paused);
    Pipeline pipeline =
        new Pipeline(
            new SyslogParser(zone),
            pools,
            new Windows(rules(configuration)),
            new Guards(guards),
            life,
            listener);
    return new Rooms(pools, life, strong, paused, pipeline);
  }

  /** How the configuration pools peers, with the public suffix list that comes with tlswaiver. */
  public static Pools pools(Configuration configuration) {
    Configuration.Pool pool = configuration.pool();
    return new Pools(
        pool.by(), pool.network().ipv4(), pool.network().ipv6(), bundledPublicSuffixes());
  }

  private static PublicSuffixes bundledPublicSuffixes() {
    String name = "/dev/tlswaiver/peer/public_suffix_list.dat";
    try (InputStream stream = Rooms.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalStateException("the public suffix list is missing from the jar");
      }
      return new PublicSuffixes(
          new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))
              .lines()
              .toList());
    } catch (IOException failure) {
      throw new IllegalStateException("the public suffix list can't be read", failure);
    }
  }

  /** The configuration's rules. */
  public static List<Rule> rules(Configuration configuration) {
    return configuration.rules().stream()
        .map(
            rule ->
                new Rule(
                    rule.name(),
                    rule.reasons(),
                    rule.pattern(),
                    rule.failures(),
                    rule.within(),
                    rule.spread()))
        .toList();
  }

  /** What the configuration allows a waiver. */
  static Terms terms(Configuration configuration) {
    Map<String, Rung> firstRung = new HashMap<>();
    configuration.rules().forEach(rule -> firstRung.put(rule.name(), rule.rung()));
    return new Terms(
        // A finding goes to the rung that its rule names; there is no diagnosis to wait for yet.
        configuration.ladder().stream()
            .filter(Configuration.RungSettings::enabled)
            .map(Configuration.RungSettings::rung)
            .filter(rung -> rung != Rung.DIAGNOSE)
            .toList(),
        firstRung,
        configuration.waiver().lasts(),
        configuration.waiver().longest(),
        configuration.waiver().proveWithin(),
        configuration.guards().mostAddresses());
  }
}
