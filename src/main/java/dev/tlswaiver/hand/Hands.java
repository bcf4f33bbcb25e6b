package dev.tlswaiver.hand;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Settings;
import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Grant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.stream.Collectors;

/** Which hand an agent has, and where it keeps what is its own. */
public final class Hands {
  /** Where systemd listens for the hand. */
  public static final Path SOCKET = Path.of("/run/tlswaiver-hand.sock");

  /** What passes between a permit and the plan that needs it. */
  private static final Duration SLACK = Duration.ofMinutes(1);

  private Hands() {}

  /** The hand of an agent: its own where it has the power, or is told so; else another process. */
  public static Hand of(Configuration configuration, Programs programs, InstantSource clock) {
    return isApart(configuration)
        ? new HandBehindSocket(socket(configuration))
        : HandHere.of(configuration, programs, clock);
  }

  /** Whether an agent of this user leaves the host to another process. */
  public static boolean isApart(Configuration configuration) {
    return configuration.hand().socket().isPresent()
        || (!configuration.hand().isInside() && !isRoot());
  }

  /**
   * The hand for a command of root's: the other process where there is one, so that it does not put
   * back what the command takes away.
   */
  public static Hand ofRoot(Configuration configuration, Programs programs, InstantSource clock) {
    boolean isThere =
        !configuration.hand().isInside()
            && Files.exists(socket(configuration))
            && isOwn(configuration);
    return isThere
        ? new HandBehindSocket(socket(configuration))
        : of(configuration, programs, clock);
  }

  /**
   * Has the other process, where there is one, allow what no agent may want by itself: a network,
   * or more than the longest time. Who is not root asks in vain, and is told by the refusal.
   */
  public static void permit(
      Configuration configuration, IpPrefix network, Duration length, InstantSource clock)
      throws HostException {
    boolean isMore =
        !network.isSingleAddress() || length.compareTo(configuration.waiver().longest()) > 0;
    if (isMore && isRoot() && isOwn(configuration) && !configuration.hand().isInside()) {
      new HandBehindSocket(socket(configuration))
          .permit(network, clock.instant().plus(length).plus(SLACK));
    }
  }

  /** Where another process listens. */
  public static Path socket(Configuration configuration) {
    return configuration.hand().socket().orElse(SOCKET);
  }

  /** Whether this process is root's. */
  public static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  /**
   * Where the hand keeps its write-ahead journal and the relaxed listeners' keys: a directory
   * beside the agent's, which is root's alone. Where nobody made one, agent and hand are the same
   * process and have the same directory.
   */
  public static Path directory(Configuration configuration) {
    Path own = ownDirectory(configuration);
    return Files.isDirectory(own) ? own : configuration.stateDirectory();
  }

  /** Makes the directory that is the hand's alone. */
  public static void make(Configuration configuration) throws IOException {
    Path own = ownDirectory(configuration);
    Files.createDirectories(own);
    Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwx------"));
  }

  /**
   * {@linkplain #make Makes} it, with what an agent that was root left: what is in force, a plan
   * that is half done, and the keys that Postfix has.
   */
  public static void adopt(Configuration configuration, Collection<Grant> grants, Instant now)
      throws IOException, HostException {
    make(configuration);
    Path own = ownDirectory(configuration);
    copy(configuration.stateDirectory(), own, Path.of("tls", "relaxed.pem"));
    if (copy(configuration.stateDirectory(), own, Path.of("journal"))) {
      Files.delete(configuration.stateDirectory().resolve("journal"));
    }
    if (!grants.isEmpty()) {
      HandState.adopted(grants, now).write(own);
    }
  }

  private static boolean copy(Path from, Path to, Path file) throws IOException {
    if (!Files.isRegularFile(from.resolve(file), LinkOption.NOFOLLOW_LINKS)
        || Files.exists(to.resolve(file))) {
      return false;
    }
    Files.createDirectories(to.resolve(file).getParent());
    Files.copy(from.resolve(file), to.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
    return true;
  }

  /** The name of the directory that is the hand's alone. */
  static Path ownDirectory(Configuration configuration) {
    return ownDirectory(configuration.stateDirectory());
  }

  /** The name of the hand's directory beside that of an agent. */
  public static Path ownDirectory(Path shared) {
    return shared.resolveSibling(shared.getFileName() + "-hand");
  }

  /** Whether the hand has a directory of its own, being another process. */
  public static boolean isOwn(Configuration configuration) {
    return Files.isDirectory(ownDirectory(configuration));
  }

  /** What the operator decided about the host. */
  public static Settings settings(Configuration configuration) {
    return new Settings(
        configuration.postfix().configDirectory(),
        configuration.postfix().publicService(),
        configuration.ladder().stream()
            .collect(
                Collectors.toMap(
                    Configuration.RungSettings::rung, Configuration.RungSettings::port)),
        configuration.redirect().backend(),
        directory(configuration));
  }
}
