package dev.tlswaiver.agent;

import dev.tlswaiver.actuator.Actuator;
import dev.tlswaiver.actuator.HostActuator;
import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Redirect;
import dev.tlswaiver.actuator.Settings;
import dev.tlswaiver.actuator.nftables.NftablesFirewall;
import dev.tlswaiver.actuator.postfix.Capabilities;
import dev.tlswaiver.actuator.postfix.PostfixMail;
import dev.tlswaiver.actuator.postfix.ProcessPrograms;
import dev.tlswaiver.agent.Configuration.LogSource;
import dev.tlswaiver.agent.Configuration.Mode;
import dev.tlswaiver.agent.RunningAgent.Purpose;
import dev.tlswaiver.source.Cursor;
import dev.tlswaiver.source.FollowedFile;
import dev.tlswaiver.source.Journal;
import dev.tlswaiver.source.LogListener;
import dev.tlswaiver.source.Source;
import dev.tlswaiver.waiver.Rung;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** This host, wired as the configuration says. */
final class Host {
  private static final Programs PROGRAMS = new ProcessPrograms();
  private static final InstantSource CLOCK = InstantSource.system();

  private Host() {}

  static Actuator actuator(Configuration configuration) {
    Settings settings = settings(configuration);
    return new HostActuator(
        settings,
        new PostfixMail(settings, PROGRAMS),
        new NftablesFirewall(PROGRAMS),
        CLOCK,
        step -> {});
  }

  private static Settings settings(Configuration configuration) {
    return new Settings(
        configuration.postfix().configDirectory(),
        configuration.postfix().publicService(),
        configuration.ladder().stream()
            .collect(
                Collectors.toMap(
                    Configuration.RungSettings::rung, Configuration.RungSettings::port)),
        configuration.redirect().backend(),
        configuration.stateDirectory());
  }

  static Map<Rung, String> impossibleRungs() {
    return Capabilities.impossibleRungs(PROGRAMS);
  }

  /**
   * Checks that what the mode needs is there.
   *
   * @throws StartException if not; says what to install or change
   */
  static void check(Configuration configuration, Purpose purpose) throws StartException {
    Optional<Path> log = logFile(configuration);
    if (log.filter(file -> Files.exists(file) && !Files.isReadable(file)).isPresent()) {
      throw new StartException(
          "the log "
              + log.get()
              + " can't be read by this user; add it to the log's group, or run as root");
    }
    if (purpose == Purpose.DRY_RUN || configuration.mode() == Mode.OBSERVE) {
      return;
    }
    if (!"root".equals(System.getProperty("user.name"))) {
      throw new StartException(
          "mode "
              + configuration.mode().label()
              + " changes Postfix and nftables: run as root, or set mode: observe");
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
    if (!Files.exists(configuration.postfix().configDirectory().resolve("master.cf"))) {
      throw new StartException(
          configuration.postfix().configDirectory()
              + " holds no master.cf; set postfix.config_directory");
    }
  }

  private static boolean isInPath(String program) {
    return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  /** The log file to follow; empty where it is the journal. */
  private static Optional<Path> logFile(Configuration configuration) {
    Configuration.Log log = configuration.log();
    if (log.source() == LogSource.JOURNAL) {
      return Optional.empty();
    }
    if (log.path().isPresent()) {
      return log.path();
    }
    return maillogFile(configuration)
        .or(
            () ->
                List.of("/var/log/maillog", "/var/log/mail.log").stream()
                    .map(Path::of)
                    .filter(Files::exists)
                    .findFirst());
  }

  private static Optional<Path> maillogFile(Configuration configuration) {
    try {
      return new PostfixMail(settings(configuration), PROGRAMS).maillogFile();
    } catch (HostException absent) {
      return Optional.empty(); // Without Postfix there may still be its log.
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
      return new PostfixMail(settings(configuration), PROGRAMS)
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
