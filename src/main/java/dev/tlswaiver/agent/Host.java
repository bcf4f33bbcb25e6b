package dev.tlswaiver.agent;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Plan;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Redirect;
import dev.tlswaiver.actuator.Settings;
import dev.tlswaiver.actuator.SteadyClock;
import dev.tlswaiver.actuator.postfix.Capabilities;
import dev.tlswaiver.actuator.postfix.LogWriter;
import dev.tlswaiver.actuator.postfix.PostfixMail;
import dev.tlswaiver.actuator.postfix.ProcessPrograms;
import dev.tlswaiver.actuator.postfix.TlsParameters;
import dev.tlswaiver.agent.RunningAgent.Purpose;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.config.Configuration.LogSource;
import dev.tlswaiver.config.Configuration.LogTrust;
import dev.tlswaiver.config.Configuration.Mode;
import dev.tlswaiver.control.StartException;
import dev.tlswaiver.dns.JdkNames;
import dev.tlswaiver.doctor.Patient;
import dev.tlswaiver.hand.Hand;
import dev.tlswaiver.hand.HandAwayException;
import dev.tlswaiver.hand.HandHere;
import dev.tlswaiver.hand.HandSweep;
import dev.tlswaiver.hand.Hands;
import dev.tlswaiver.hand.KnownCapabilities;
import dev.tlswaiver.judge.Surroundings;
import dev.tlswaiver.notify.CommandWay;
import dev.tlswaiver.notify.MailWay;
import dev.tlswaiver.notify.Way;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.source.Cursor;
import dev.tlswaiver.source.FollowedFile;
import dev.tlswaiver.source.Journal;
import dev.tlswaiver.source.LogListener;
import dev.tlswaiver.source.Source;
import dev.tlswaiver.store.Store;
import dev.tlswaiver.waiver.RedirectWatch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This host, wired as the configuration says. */
final class Host {
  private static final Logger LOG = LoggerFactory.getLogger(Host.class);
  private static final Programs PROGRAMS = new ProcessPrograms();

  /** Everything that ends by its time ends by this clock. */
  static final SteadyClock CLOCK = SteadyClock.system();

  /** What ended before that is no news of this host. */
  private static final Duration RECENT = Duration.ofDays(1);

  private Host() {}

  /** Whoever changes this host for an agent. */
  static Hand hand(Configuration configuration) {
    return Hands.of(configuration, PROGRAMS, CLOCK);
  }

  /** Looks, and changes nothing. */
  static Hand here(Configuration configuration) {
    return HandHere.of(configuration, PROGRAMS, CLOCK);
  }

  /** Removes what is past its time where the hand is dead or hangs. */
  static Optional<Plan> sweep(Configuration configuration) throws IOException, HostException {
    return HandSweep.now(configuration, PROGRAMS, CLOCK);
  }

  /** Whoever changes this host for a command of root's. */
  static Hand handOfRoot(Configuration configuration) {
    return Hands.ofRoot(configuration, PROGRAMS, CLOCK);
  }

  /** This host, for an examination. */
  static Patient patient(Configuration configuration) {
    return new Patient(
        Hands.settings(configuration),
        PROGRAMS,
        configuration.ladder().stream()
            .filter(Configuration.RungSettings::enabled)
            .map(Configuration.RungSettings::rung)
            .collect(Collectors.toSet()),
        logFile(configuration),
        configuration.log().trust() == LogTrust.FILE,
        configuration.controlSocket(),
        new JdkNames(),
        Path.of("/"),
        Hands.isRoot(),
        brokenRedirects(configuration),
        CLOCK.instant());
  }

  /** What evidence says against redirects here, whatever the rules say. */
  private static List<String> brokenRedirects(Configuration configuration) {
    Instant since = CLOCK.instant().minus(RECENT);
    try (AsAgent agent = AsAgent.in(configuration.stateDirectory())) {
      Optional<Store> ledger = Store.openForReading(agent.stateDirectory());
      return ledger.isPresent() ? brokenRedirects(ledger.get(), since) : List.of();
    } catch (IOException unreadable) {
      return List.of(); // Said by whoever needs the ledger.
    }
  }

  private static List<String> brokenRedirects(Store ledger, Instant since) throws IOException {
    try (ledger) {
      return ledger.waivers().stream()
          .filter(waiver -> RedirectWatch.hasEnded(waiver, since))
          .map(
              waiver ->
                  "waiver "
                      + waiver.id()
                      + " ended: "
                      + waiver.history().get(waiver.history().size() - 1).why())
          .toList();
    }
  }

  /**
   * What the rooms that think are told of this host.
   *
   * @param canAsk whether peers may be sent to the listener that asks what they offer
   */
  static Surroundings surroundings(Capabilities capabilities, boolean canAsk) {
    return new Surroundings(
        capabilities.impossible(), capabilities.offers(), canAsk, ZoneId.systemDefault());
  }

  /** Whom the agent tells how it is. */
  static SystemdNotifier systemd() {
    return SystemdNotifier.ofThisProcess(PROGRAMS);
  }

  /** What the agent looks at around it from time to time. */
  static Lookout lookout(Configuration configuration, boolean canAsk, Hand hand) {
    return new Lookout() {
      @Override
      public Optional<String> forgeableLog() {
        return Host.forgeableLog(configuration);
      }

      @Override
      public Surroundings surroundings() throws HandAwayException {
        Capabilities found = hand.capabilities();
        if (hand.isApart() && !isRemembered(configuration, found)) {
          // An agent that began anew with it would not know it, and begin anew again.
          found = Capabilities.UNKNOWN;
        }
        return Host.surroundings(found, canAsk);
      }
    };
  }

  /** The ways on which the operator is told. */
  static List<Way> ways(Configuration configuration) {
    Configuration.NotifySettings settings = configuration.notices();
    List<Way> ways = new ArrayList<>();
    settings
        .mail()
        .ifPresent(
            to ->
                ways.add(
                    new MailWay(
                        PROGRAMS, configuration.postfix().configDirectory(), to, settings.from())));
    if (!settings.command().isEmpty()) {
      ways.add(new CommandWay(PROGRAMS, settings.command()));
    }
    return ways;
  }

  private static boolean isRemembered(Configuration configuration, Capabilities found) {
    try {
      new KnownCapabilities(configuration.stateDirectory()).remember(found);
      return true;
    } catch (IOException failure) {
      LOG.warn("what the rungs can do is not remembered: {}", failure.toString());
      return false;
    }
  }

  /**
   * What this host's rungs can do, as an agent begins: as the hand said last, or as far as this
   * process can see.
   */
  static Capabilities capabilitiesAtStart(Configuration configuration) {
    return Optional.of(configuration)
        .filter(Hands::isApart)
        .flatMap(apart -> new KnownCapabilities(apart.stateDirectory()).find())
        .orElseGet(() -> capabilities(configuration));
  }

  /** What this host's rungs can do; it takes a dozen commands to find out. */
  static Capabilities capabilities(Configuration configuration) {
    return Capabilities.of(
        Optional.of(Hands.settings(configuration)).filter(Settings::hasPostfix), PROGRAMS);
  }

  /**
   * Checks that what the mode needs is there.
   *
   * @throws StartException if not; says what to install or change
   */
  static void check(Configuration configuration, Purpose purpose) throws StartException {
    Optional<Path> noFile = logThatIsNoFile(configuration);
    if (noFile.isPresent()) {
      throw new StartException(
          "the log "
              + noFile.get()
              + " is no file, and can't be followed; postconf -c "
              + configuration.postfix().configDirectory()
              + " -e 'maillog_file = /var/log/maillog' and postfix reload, or set log.path or"
              + " log.source: journal in the configuration");
    }
    Optional<Path> log = logFile(configuration);
    if (log.filter(file -> Files.exists(file) && !Files.isReadable(file)).isPresent()) {
      throw StartException.lasting(
          "the log "
              + log.get()
              + " can't be read by the user "
              + System.getProperty("user.name")
              + ": chgrp adm "
              + log.get()
              + " and chmod 640 "
              + log.get()
              + ", and the same where it is rotated; or set log.source: journal where the journal"
              + " has Postfix's lines");
    }
    if (purpose == Purpose.DRY_RUN || configuration.mode() == Mode.OBSERVE) {
      return;
    }
    if (Hands.isApart(configuration)) {
      requireHand(configuration);
      return; // It says itself what it lacks.
    }
    if (!Hands.isRoot()) {
      throw new StartException(needsPower(configuration));
    }
    List<String> needed =
        configuration.redirect().backend() == Redirect.NFTABLES
            ? List.of("postconf", "postmap", "postfix", "openssl", "nft")
            : List.of("postconf", "postmap", "postfix", "openssl");
    for (String program : needed) {
      if (!isInPath(program)) {
        throw new StartException(
            "the program "
                + program
                + " is not in PATH; install "
                + (program.startsWith("post")
                    ? "postfix"
                    : program.equals("nft") ? "nftables" : program));
      }
    }
    for (String name : List.of("main.cf", "master.cf")) {
      if (!Files.exists(configuration.postfix().configDirectory().resolve(name))) {
        throw new StartException(
            configuration.postfix().configDirectory()
                + " holds no "
                + name
                + "; set postfix.config_directory");
      }
    }
  }

  /** One that does not answer is waited for; one that was never there is a mistake. */
  private static void requireHand(Configuration configuration) throws StartException {
    Path socket = Hands.socket(configuration);
    if (Files.notExists(socket)) {
      throw new StartException(
          needsPower(configuration)
              + "; or have root's service listen at "
              + socket
              + ": systemctl start tlswaiver-hand.socket");
    }
  }

  private static String needsPower(Configuration configuration) {
    return "mode "
        + configuration.mode().label()
        + " changes Postfix and nftables: run as root, or set mode: observe";
  }

  /**
   * Refuses a Postfix for which there can be no plan, even where nothing is to be changed yet.
   *
   * @throws HostException if it is too old
   */
  static void refuseTooOld(Configuration configuration) throws HostException {
    if (hasPostfix(configuration)) {
      TlsParameters.read(PROGRAMS, configuration.postfix().configDirectory(), List.of());
    }
  }

  private static boolean hasPostfix(Configuration configuration) {
    return Hands.settings(configuration).hasPostfix();
  }

  private static boolean isInPath(String program) {
    return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  /**
   * The log file to follow; empty where it is the journal. Where Postfix writes a file of its own
   * it writes nothing into the journal.
   */
  private static Optional<Path> logFile(Configuration configuration) {
    Configuration.Log log = configuration.log();
    if (log.source() == LogSource.JOURNAL) {
      return Optional.empty();
    }
    if (log.path().isPresent()) {
      return log.path();
    }
    Optional<Path> own =
        writer(configuration)
            .flatMap(LogWriter::maillogFile)
            .filter(file -> !LogWriter.isNoFile(file));
    if (own.isPresent() || isInJournal(configuration)) {
      return own;
    }
    List<Path> files =
        List.of("/var/log/maillog", "/var/log/mail.log").stream()
            .map(Path::of)
            .filter(file -> Files.exists(file) && !LogWriter.isNoFile(file))
            .toList();
    return files.stream()
        .filter(Files::isReadable)
        .findFirst()
        .or(() -> files.stream().findFirst());
  }

  private static Optional<LogWriter> writer(Configuration configuration) {
    try {
      return hasPostfix(configuration)
          ? Optional.of(LogWriter.of(configuration.postfix().configDirectory(), PROGRAMS))
          : Optional.empty();
    } catch (HostException absent) {
      return Optional.empty(); // Without Postfix there may still be its log.
    }
  }

  private static boolean isInJournal(Configuration configuration) {
    try {
      return hasPostfix(configuration) && Journal.holdsSmtpd(daemonUser(configuration));
    } catch (IOException nobody) {
      return false;
    }
  }

  /** Who else than Postfix can write the log, and what mends it; empty where nobody can. */
  static Optional<String> forgeableLog(Configuration configuration) {
    Optional<Path> file = logFile(configuration);
    Optional<LogWriter> writer = writer(configuration);
    if (file.isEmpty() || writer.isEmpty() || configuration.log().trust() == LogTrust.FILE) {
      return Optional.empty();
    }
    Optional<String> doubt =
        configuration.log().trust() == LogTrust.JOURNAL
            ? Optional.of(file.get() + " is no journal, and log.trust is journal")
            : writer.get().doubt(file.get());
    return doubt.map(
        why ->
            why
                + "; if nobody here would, in the configuration: log.trust: file; or log.source:"
                + " journal where it has Postfix's lines");
  }

  /** Who would follow it would read what it says itself. */
  private static Optional<Path> logThatIsNoFile(Configuration configuration) {
    Configuration.Log log = configuration.log();
    if (log.source() == LogSource.JOURNAL) {
      return Optional.empty();
    }
    return log.path()
        .or(() -> writer(configuration).flatMap(LogWriter::maillogFile))
        .filter(LogWriter::isNoFile)
        .filter(file -> log.path().isPresent() || !isInJournal(configuration));
  }

  /** What the mail host calls itself; empty where nobody can tell. */
  static Optional<HostName> mailName(Configuration configuration) {
    try {
      return HostName.find(new PostfixMail(Hands.settings(configuration), PROGRAMS).hostName())
          .filter(Host::isQualified);
    } catch (HostException absent) {
      return localName();
    }
  }

  private static boolean isQualified(HostName name) {
    return name.text().contains(".");
  }

  private static Optional<HostName> localName() {
    try {
      return HostName.find(InetAddress.getLocalHost().getHostName()).filter(Host::isQualified);
    } catch (UnknownHostException nameless) {
      return Optional.empty();
    }
  }

  static Source source(Configuration configuration, Optional<Cursor> cursor, LogListener listener)
      throws IOException {
    Optional<Path> file = logFile(configuration);
    return file.isPresent()
        ? FollowedFile.follow(file.get(), cursor, listener, CLOCK)
        : Journal.follow(daemonUser(configuration), cursor, listener, CLOCK);
  }

  private static int daemonUser(Configuration configuration) throws IOException {
    try {
      return new PostfixMail(Hands.settings(configuration), PROGRAMS)
          .daemonUser()
          .orElseThrow(
              () ->
                  new IOException(
                      "the journal's lines of Postfix are those of its mail_owner,"
                          + " who can't be told: is Postfix installed here?"));
    } catch (HostException absent) {
      throw new IOException(absent.getMessage(), absent);
    }
  }
}
