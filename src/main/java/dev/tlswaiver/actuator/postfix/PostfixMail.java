package dev.tlswaiver.actuator.postfix;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.MailChange;
import dev.tlswaiver.actuator.MailChange.Table;
import dev.tlswaiver.actuator.MailSystem;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Programs.Result;
import dev.tlswaiver.actuator.RejectedException;
import dev.tlswaiver.actuator.Settings;
import dev.tlswaiver.actuator.Stage;
import dev.tlswaiver.waiver.Grant;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The Postfix instance of one configuration directory. Each call sees the host as it is at that
 * moment; nothing is kept from one to the next.
 */
public final class PostfixMail implements MailSystem {
  private final Settings settings;
  private final Programs programs;
  private final PostfixControl control;
  private final RelaxedKey key;

  public PostfixMail(Settings settings, Programs programs) {
    this.settings = settings;
    this.programs = programs;
    this.control = new PostfixControl(programs, settings.configDirectory());
    this.key = new RelaxedKey(settings.stateDirectory(), programs, InstantSource.system());
  }

  private Discovery discover() {
    return new Discovery(settings, programs);
  }

  @Override
  public void prepare() throws HostException {
    keep();
    health(); // The first handshake of a JVM takes its time; not while a sender waits.
  }

  @Override
  public void keep() throws HostException {
    Discovery host = discover();
    host.service().refuseProxied(host.master(), host.main());
    key.ensure(host.strict());
  }

  /** The number of the user whom the daemons run as; empty where there is no Postfix. */
  public Optional<Integer> daemonUser() throws HostException {
    Result owner =
        programs.run("postconf", "-c", settings.configDirectory().toString(), "-xh", "mail_owner");
    if (!owner.isGood()) {
      return Optional.empty();
    }
    Result number = programs.run("id", "-u", "--", owner.out().strip());
    return number.isGood() ? Optional.of(Integer.parseInt(number.out().strip())) : Optional.empty();
  }

  /** The port that faces the Internet. */
  public int publicPort() throws HostException {
    return discover().service().port();
  }

  /** The addresses of this host on which another server answers on the public port. */
  public Set<String> othersOnPublicPort() throws HostException {
    Discovery host = discover();
    return SharedPort.others(host.service(), host.main());
  }

  /** What this Postfix calls itself. */
  public String hostName() throws HostException {
    return discover().main().value("myhostname");
  }

  @Override
  public MailChange plan(Collection<Grant> grants) throws HostException {
    return ChangeDraft.of(discover(), key, control, grants);
  }

  @Override
  public List<String> commands(MailChange change) {
    List<String> commands = new ArrayList<>();
    if (change.needsKey() && !key.exists()) {
      commands.add(key.command());
    }
    change.kept().forEach(table -> commands.add("postmap " + table));
    if (change.reload()) {
      commands.add(control.command("reload"));
    }
    return commands;
  }

  @Override
  public void stage(MailChange change, Path directory) throws HostException {
    if (change.needsKey()) {
      key.ensure(discover().strict());
    }
    StagedCopy.make(settings.configDirectory(), directory, change.edits());
  }

  @Override
  public void validate(MailChange change, Path directory) throws HostException {
    if (!isRunning()) {
      throw new RejectedException(
          Stage.PROBE,
          "Postfix is not running, and tlswaiver never starts a stopped one; start it with: "
              + control.command("start"));
    }
    new Validation(discover(), directory).validate(change);
  }

  @Override
  public String restored(Path file, String now, String before) throws HostException {
    return file.equals(settings.configDirectory().resolve("master.cf"))
        ? new MasterFile(now).withBlockOf(new MasterFile(before)).text()
        : before;
  }

  @Override
  public void build(Table table) throws HostException {
    control.build(table);
  }

  @Override
  public void reload() throws HostException {
    control.reload();
    Gate.sweep(discover().main());
  }

  @Override
  public boolean isRunning() throws HostException {
    return control.isRunning();
  }

  @Override
  public void start() throws HostException {
    control.start();
  }

  @Override
  public Health health() throws HostException {
    return HealthCheck.of(discover()).health();
  }

  @Override
  public void probe(Health before, MailChange change) throws HostException {
    if (!isRunning()) {
      throw new HostException("Postfix has stopped running");
    }
    HealthCheck.of(discover()).after(before, change);
  }
}
