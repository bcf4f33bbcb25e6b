package dev.tlswaiver.actuator;

import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Grant;
import dev.tlswaiver.waiver.Rung;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The actuator of one host: a mail system, a firewall, a journal and a lock. */
public final class HostActuator implements Actuator {
  private static final Logger LOG = LoggerFactory.getLogger(HostActuator.class);
  private static final String STAGED = "staged-";

  /** An editor at work may save once or twice while we look; nobody saves so often. */
  private static final int MOST_ATTEMPTS = 100;

  /** Called before each step, with its name; tests stop the world here. */
  @FunctionalInterface
  public interface Hook {
    void before(String step) throws HostException;
  }

  private final Settings settings;
  private final MailSystem mail;
  private final Firewall firewall;
  private final InstantSource clock;
  private final Hook hook;
  private final Journal journal;

  public HostActuator(
      Settings settings, MailSystem mail, Firewall firewall, InstantSource clock, Hook hook) {
    this.settings = settings;
    this.mail = mail;
    this.firewall = firewall;
    this.clock = clock;
    this.hook = hook;
    this.journal = new Journal(settings.stateDirectory());
    // JNA unpacks its native library; a sandboxed service may have no other writable place. Whoever
    // started this process may know a better one.
    System.getProperties().putIfAbsent("jna.tmpdir", settings.stateDirectory().toString());
  }

  @Override
  public void prepare() throws HostException {
    mail.prepare();
  }

  @Override
  public void keep() throws HostException {
    mail.keep();
  }

  @Override
  public Plan plan(Collection<Grant> grants, Instant now) throws HostException {
    List<Grant> lasting = grants.stream().filter(grant -> grant.until().isAfter(now)).toList();
    Ruleset actual = actual(now);
    List<Grant> leaving = leaving(lasting, actual, now);
    MailChange change = mail.plan(Stream.concat(lasting.stream(), leaving.stream()).toList());
    Ruleset desired =
        settings.redirect() == Redirect.NONE
            ? new Ruleset(change.publicPort(), Map.of())
            : new Ruleset(change.publicPort(), ways(lasting)).guarding(change.listeners());
    if (change.isEmpty() && desired.isAsGoodAs(actual)) {
      return new HostPlan(change, actual, desired, Optional.empty(), Optional.empty(), false, "");
    }
    Ruleset between = actual.towards(desired);
    Optional<Ruleset> first =
        change.isEmpty() || between.isAsGoodAs(actual) ? Optional.empty() : Optional.of(between);
    Optional<Ruleset> last =
        desired.isAsGoodAs(first.orElse(actual)) ? Optional.empty() : Optional.of(desired);
    String text =
        HostPlan.text(
            first.map(ruleset -> firewall.transaction(ruleset, now)),
            change,
            mail.commands(change),
            last.map(ruleset -> firewall.transaction(ruleset, now)));
    return new HostPlan(change, actual, desired, first, last, !leaving.isEmpty(), text);
  }

  /**
   * What is redirected to one rung and is to go to another: its listener stays until the other one
   * stands and the kernel sends the peer there, so that no connection finds nobody. It goes with
   * the next plan.
   */
  private List<Grant> leaving(List<Grant> grants, Ruleset actual, Instant now) {
    return actual.after(now).moving(new Ruleset(0, ways(grants))).entrySet().stream()
        .map(entry -> new Grant(0, entry.getKey(), List.copyOf(entry.getValue()), now))
        .toList();
  }

  private Ruleset actual(Instant now) throws HostException {
    return settings.redirect() == Redirect.NONE ? new Ruleset(0, Map.of()) : firewall.actual(now);
  }

  private Map<Rung, Ruleset.Way> ways(Collection<Grant> grants) {
    Map<Rung, Map<IpPrefix, Instant>> granted = new EnumMap<>(Rung.class);
    for (Grant grant : grants) {
      for (IpPrefix network : grant.networks()) {
        granted
            .computeIfAbsent(grant.rung(), rung -> new HashMap<>())
            .merge(network, grant.until(), (left, right) -> left.isAfter(right) ? left : right);
      }
    }
    Map<Rung, Ruleset.Way> ways = new EnumMap<>(Rung.class);
    granted.forEach(
        (rung, networks) ->
            ways.put(rung, new Ruleset.Way(settings.port(rung), Ruleset.elements(networks))));
    return ways;
  }

  @Override
  public Staged stage(Plan plan) throws HostException {
    if (!(plan instanceof HostPlan host)) {
      throw new IllegalArgumentException("not a plan of this actuator");
    }
    Path directory;
    try {
      Files.createDirectories(settings.stateDirectory());
      directory = Files.createTempDirectory(settings.stateDirectory(), STAGED);
    } catch (IOException failure) {
      throw new RejectedException(
          Stage.STAGE, settings.stateDirectory() + " can't be written: " + failure);
    }
    Staging staging = new Staging(host, directory);
    try {
      mail.stage(host.mail(), directory);
      return staging;
    } catch (HostException failure) {
      staging.close();
      throw failure;
    }
  }

  private final class Staging implements Staged {
    private final HostPlan plan;
    private final Path directory;

    Staging(HostPlan plan, Path directory) {
      this.plan = plan;
      this.directory = directory;
    }

    @Override
    public Validated validate() throws HostException {
      try {
        for (Ruleset ruleset :
            Stream.concat(plan.first().stream(), plan.last().stream()).toList()) {
          firewall.check(ruleset, clock.instant());
        }
        mail.validate(plan.mail(), directory);
      } catch (RejectedException rejected) {
        throw rejected;
      } catch (HostException unknown) {
        // What a tool does not say in its time is no consent.
        throw new RejectedException(Stage.STAGE, "it can't be checked: " + unknown.getMessage());
      }
      return () -> underLock(() -> HostActuator.this.apply(plan));
    }

    @Override
    public void close() {
      deleteAll(directory);
    }
  }

  private static void deleteAll(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException failure) {
      LOG.warn("{} is left behind: {}", directory, failure.toString());
    }
  }

  /** Takes away the copies that a killed process had staged. */
  private void deleteStaged() {
    try (DirectoryStream<Path> left =
        Files.newDirectoryStream(settings.stateDirectory(), STAGED + "*")) {
      left.forEach(HostActuator::deleteAll);
    } catch (IOException absent) {
      LOG.debug("no state directory yet: {}", absent.toString());
    }
  }

  private void apply(HostPlan plan) throws HostException {
    Optional<Undo> unfinished = journal.read();
    if (unfinished.isPresent()) {
      undo(unfinished.get());
      throw new MovedException(
          Stage.LOCK, "an earlier plan, whose rollback had failed, has been undone first");
    }
    expect(plan);
    MailSystem.Health before = health(plan);
    if (!before.answers() && !plan.leavesNothing()) {
      throw new RejectedException(
          Stage.PROBE, "port " + plan.mail().publicPort() + " does not answer; nothing is changed");
    }
    Undo undo = undo(plan);
    hook.before("journal");
    journal.write(undo);
    for (Step step : steps(plan, before)) {
      try {
        hook.before(step.name());
        step.action().run();
      } catch (HostException failure) {
        rollBack(undo, step, failure);
      }
    }
    hook.before("finish");
    journal.remove();
  }

  /** What is to be removed goes, in whatever state the mail system is. */
  private MailSystem.Health health(HostPlan plan) throws HostException {
    try {
      return mail.health();
    } catch (HostException unwell) {
      if (plan.leavesNothing()) {
        return new MailSystem.Health(false, false, 0);
      }
      throw unwell;
    }
  }

  /** Under the lock nothing of the plan's may have moved (invariant 3). */
  private void expect(HostPlan plan) throws HostException {
    for (FileEdit edit : plan.mail().edits()) {
      if (!edit.isExpected()) {
        throw new MovedException(
            Stage.WRITE, edit.file() + " was changed meanwhile; it is left as it is");
      }
    }
    Instant now = clock.instant();
    if (!actual(now).agreesWith(plan.actual(), now)) {
      throw new MovedException(Stage.NFT, "the table inet tlswaiver was changed meanwhile");
    }
  }

  private static Undo undo(HostPlan plan) {
    Map<Path, Optional<String>> files = new HashMap<>();
    plan.mail().edits().forEach(edit -> files.put(edit.file(), edit.expected()));
    return new Undo(files, plan.mail().tables(), plan.mail().reload(), plan.actual());
  }

  private List<Step> steps(HostPlan plan, MailSystem.Health before) {
    MailChange change = plan.mail();
    List<Step> steps = new ArrayList<>();
    plan.first().ifPresent(first -> steps.add(load("nft first", first)));
    for (FileEdit edit : change.edits()) {
      steps.add(new Step("write " + edit.file().getFileName(), Stage.WRITE, edit::apply));
      change.tables().stream()
          .filter(table -> table.isMadeFrom(edit))
          .forEach(table -> steps.add(build(table)));
    }
    change.tables().stream()
        .filter(table -> change.edits().stream().noneMatch(table::isMadeFrom))
        .forEach(table -> steps.add(build(table)));
    if (change.reload()) {
      steps.add(new Step("reload", Stage.RELOAD, mail::reload));
    }
    steps.add(new Step("probe", Stage.PROBE, () -> mail.probe(before, change)));
    plan.last().ifPresent(last -> steps.add(load("nft last", last)));
    steps.add(new Step("compare", Stage.NFT, () -> compare(plan)));
    steps.add(new Step("finish files", Stage.WRITE, () -> finish(plan)));
    return steps;
  }

  private Step load(String name, Ruleset ruleset) {
    return new Step(name, Stage.NFT, () -> firewall.load(ruleset, clock.instant()));
  }

  private Step build(MailChange.Table table) {
    return new Step("build " + table, Stage.POSTMAP, () -> mail.build(table));
  }

  private void compare(HostPlan plan) throws HostException {
    Instant now = clock.instant();
    if (settings.redirect() != Redirect.NONE && !actual(now).agreesWith(plan.desired(), now)) {
      throw new HostException("nftables does not hold what was loaded");
    }
  }

  private static void finish(HostPlan plan) throws HostException {
    for (FileEdit edit : plan.mail().edits()) {
      edit.finish();
    }
  }

  private void rollBack(Undo undo, Step step, HostException failure) throws HostException {
    LOG.warn("step '{}' failed, rolling back: {}", step.name(), failure.getMessage());
    try {
      undo(undo);
    } catch (HostException worse) {
      failure.addSuppressed(worse);
      throw new HostException(
          "step '"
              + step.name()
              + "' failed ("
              + failure.getMessage()
              + ") and so did its rollback: "
              + worse.getMessage()
              + "; the journal is kept, and tried again before the next plan",
          failure);
    }
    if (failure instanceof MovedException moved) {
      throw moved; // Nothing is wrong with the plan, but that it is another host now.
    }
    throw new RolledBackException(step.stage(), step.name() + ": " + failure.getMessage(), failure);
  }

  /** Brings everything back to what it was; done twice it is the same as done once. */
  private void undo(Undo undo) throws HostException {
    Instant now = clock.instant();
    if (settings.redirect() != Redirect.NONE && !actual(now).isAsGoodAs(undo.ruleset())) {
      firewall.load(actual(now).backTowards(undo.ruleset()).after(now), now);
    }
    for (Map.Entry<Path, Optional<String>> entry : undo.files().entrySet()) {
      FileEdit.discardStaged(entry.getKey());
      restore(entry.getKey(), entry.getValue());
    }
    for (MailChange.Table table : undo.tables()) {
      mail.build(table);
    }
    if (undo.reload()) {
      if (mail.isRunning()) {
        mail.reload();
      }
      if (!mail.isRunning()) {
        mail.start();
      }
    }
    if (settings.redirect() != Redirect.NONE
        && !actual(now).isAsGoodAs(undo.ruleset().after(now))) {
      firewall.load(undo.ruleset().after(now), now);
    }
    journal.remove();
  }

  /** Takes out what we put into a file, and nothing that anybody else did (invariant 8). */
  private void restore(Path file, Optional<String> before) throws HostException {
    for (int attempt = 1; ; attempt++) {
      Optional<String> now = FileEdit.read(file);
      Optional<String> restored =
          now.isPresent() && before.isPresent()
              ? Optional.of(mail.restored(file, now.get(), before.get()))
              : before;
      if (now.equals(restored)) {
        return;
      }
      try {
        new FileEdit(file, now, restored).apply();
        FileEdit.discardStaged(file);
        return;
      } catch (MovedException moved) {
        if (attempt == MOST_ATTEMPTS) {
          throw moved;
        }
      }
    }
  }

  @Override
  public Optional<String> recover() throws HostException {
    deleteStaged();
    Optional<Undo> undo = journal.read();
    if (undo.isEmpty()) {
      return Optional.empty();
    }
    underLock(() -> undo(undo.get()));
    return Optional.of(
        "a plan was interrupted and has been undone ("
            + undo.get().files().size()
            + " files, reload="
            + undo.get().reload()
            + ")");
  }

  /** At most one plan is in flight; the kernel lets go of the lock when we die (invariant 5). */
  private void underLock(Step.Action action) throws HostException {
    Path file = settings.stateDirectory().resolve("plan.lock");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      if (tryLock(channel) == null) {
        throw new RejectedException(Stage.LOCK, "another plan is being applied (" + file + ")");
      }
      action.run();
    } catch (IOException failure) {
      throw new RejectedException(Stage.LOCK, file + " can't be locked: " + failure);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException ours) {
      return null; // Held by another plan of this process.
    }
  }
}
