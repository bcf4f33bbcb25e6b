package dev.tlswaiver.actuator;

import dev.tlswaiver.waiver.Grant;
import dev.tlswaiver.waiver.Rung;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A mail system and a packet filter in memory, which break where a test wants it. */
final class FaultyHost {
  final FaultyMail mail = new FaultyMail();
  final FaultyFirewall firewall;

  FaultyHost(Instant start) {
    firewall = new FaultyFirewall(start);
  }

  /** Holds a ruleset as the kernel does; its clock stands still until it is told. */
  static final class FaultyFirewall implements Firewall {
    Ruleset loaded = new Ruleset(0, Map.of());
    Duration elapsed = Duration.ZERO;
    Runnable afterLoad = () -> {};
    boolean isBroken;

    private final Instant start;

    FaultyFirewall(Instant start) {
      this.start = start;
    }

    @Override
    public Ruleset actual(Instant now) {
      return loaded.after(start.plus(elapsed));
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
  static final class FaultyMail implements MailSystem {
    Set<Rung> standing = Set.of();
    List<FileEdit> edits = List.of();
    List<MailChange.Table> tables = List.of();
    private Set<Rung> planned = Set.of();
    Runnable afterReload = () -> {};

    @Override
    public void keep() {}

    @Override
    public void prepare() {}

    @Override
    public MailChange plan(Collection<Grant> grants) {
      planned = grants.stream().map(Grant::rung).collect(Collectors.toSet());
      return new MailChange(
          edits,
          tables,
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
