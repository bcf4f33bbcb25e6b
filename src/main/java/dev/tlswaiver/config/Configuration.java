package dev.tlswaiver.config;

import dev.tlswaiver.actuator.Redirect;
import dev.tlswaiver.guard.PeerList;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.judge.Policy;
import dev.tlswaiver.notify.Mailbox;
import dev.tlswaiver.notify.Topic;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.waiver.Rung;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the operator decided, all of it. Each key of the file is a component here, with the same
 * name in camel case; {@code etc/tlswaiver.yaml} explains them.
 *
 * @param ladder every rung, lowest first, whether enabled or not
 * @param settle changes within it become one plan
 * @param notices the key {@code notify}, a name that Java has taken
 */
public record Configuration(
    Mode mode,
    Log log,
    Postfix postfix,
    Pool pool,
    List<Policy.RuleSettings> rules,
    List<RungSettings> ladder,
    Policy.WaiverSettings waiver,
    List<PoolSettings> pools,
    Power hand,
    Policy.GuardSettings guards,
    RedirectSettings redirect,
    Duration settle,
    NotifySettings notices,
    Status status,
    Path stateDirectory,
    Path controlSocket) {

  /** How far the agent may go by itself. */
  public enum Mode {
    OBSERVE,
    PROPOSE,
    ENFORCE;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Where log lines come from. */
  public enum LogSource {
    AUTO,
    FILE,
    JOURNAL
  }

  /** Which log's lines are believed to be Postfix's alone. */
  public enum LogTrust {
    /** The journal's, and those of a file that Postfix alone can write. */
    AUTO,
    /** A file's, whoever can write it. */
    FILE,
    /** The journal's alone. */
    JOURNAL
  }

  /**
   * The mail log.
   *
   * @param path the file, where the source is a file
   * @param trust whose lines are Postfix's alone
   */
  public record Log(LogSource source, Optional<Path> path, LogTrust trust) {}

  /**
   * The Postfix instance.
   *
   * @param publicService the master.cf name of the service that faces the Internet; empty to find
   *     it
   */
  public record Postfix(Path configDirectory, Optional<String> publicService) {}

  /**
   * How peers are pooled.
   *
   * @param publicSuffixList a file instead of the list that comes with tlswaiver
   */
  public record Pool(List<Pools.Kind> by, Network network, Optional<Path> publicSuffixList) {}

  /** Lengths of networks, in bits. */
  public record Network(int ipv4, int ipv6) {}

  /** Whether a rung may be used, and its port. */
  public record RungSettings(Rung rung, boolean enabled, int port) {}

  /** Networks that belong to a domain for good. */
  public record PoolSettings(HostName domain, List<IpPrefix> networks) {
    public PoolSettings {
      networks = List.copyOf(networks);
    }
  }

  /** How waived peers get to a relaxed listener. */
  public record RedirectSettings(Redirect backend) {}

  /**
   * Who is told what.
   *
   * @param mail to whom; empty for nobody
   * @param command a program and its arguments; empty for none
   * @param dailySummary when, by the host's clock
   */
  public record NotifySettings(
      Optional<Mailbox> mail,
      Optional<Mailbox> from,
      List<String> command,
      Set<Topic> on,
      Optional<LocalTime> dailySummary) {
    public NotifySettings {
      command = List.copyOf(command);
      on = Set.copyOf(on);
    }

    /** Whether there is anybody to tell. */
    public boolean hasWay() {
      return mail.isPresent() || !command.isEmpty();
    }
  }

  /** Where metrics are shown. */
  public record Status(String host, int port) {}

  public Configuration {
    rules = List.copyOf(rules);
    ladder = List.copyOf(ladder);
    pools = List.copyOf(pools);
  }

  /** What is understood, and means less than whoever wrote it may think; a sentence each. */
  public List<String> remarks() {
    return pool.network().equals(defaults().pool().network())
        ? List.of()
        : List.of(
            "pool.network no longer widens a waiver to a network of this length: it covers addresses"
                + " that failed; name the networks of a domain under pools");
  }

  /** What decisions go by; it reads the public suffix list. */
  public Policy policy() {
    return new Policy(
        peerPools(),
        rules,
        ladder.stream().filter(RungSettings::enabled).map(RungSettings::rung).toList(),
        waiver,
        guards);
  }

  /** How peers are pooled. */
  private Pools peerPools() {
    return new Pools(
        pool.by(),
        pool.network().ipv4(),
        pool.network().ipv6(),
        PublicSuffixFile.read(pool.publicSuffixList()),
        pools.stream()
            .collect(
                Collectors.toMap(
                    named -> new dev.tlswaiver.peer.Pool(named.domain().text()),
                    PoolSettings::networks)));
  }

  /** What an empty file means. */
  public static Configuration defaults() {
    PeerList nobody = new PeerList(List.of(), List.of());
    return new Configuration(
        Mode.OBSERVE,
        new Log(LogSource.AUTO, Optional.empty(), LogTrust.AUTO),
        new Postfix(Path.of("/etc/postfix"), Optional.empty()),
        new Pool(
            List.of(Pools.Kind.DOMAIN, Pools.Kind.ADDRESS), new Network(24, 64), Optional.empty()),
        List.of(
            rule(
                "no-shared-cipher",
                Set.of(Reason.NO_SHARED_CIPHER, Reason.HANDSHAKE_FAILURE_ALERT),
                Rung.CIPHERS),
            rule(
                "old-protocol",
                Set.of(
                    Reason.UNKNOWN_PROTOCOL,
                    Reason.UNSUPPORTED_PROTOCOL,
                    Reason.VERSION_TOO_LOW,
                    Reason.PROTOCOL_VERSION_ALERT),
                Rung.LEGACY),
            rule(
                "tls13-trouble",
                Set.of(Reason.TLS13_TROUBLE, Reason.INAPPROPRIATE_FALLBACK),
                Rung.TLS12),
            rule("no-signature-algorithm", Set.of(Reason.NO_SIGNATURE_ALGORITHM), Rung.CIPHERS)),
        List.of(
            new RungSettings(Rung.DIAGNOSE, true, 10124),
            new RungSettings(Rung.TLS12, true, 10125),
            new RungSettings(Rung.CIPHERS, true, 10126),
            new RungSettings(Rung.LEGACY, true, 10127),
            new RungSettings(Rung.SSLV3, false, 10128),
            new RungSettings(Rung.PLAINTEXT, false, 10129)),
        new Policy.WaiverSettings(Duration.ofDays(7), Duration.ofDays(30), Duration.ofHours(48)),
        List.of(),
        Power.AUTO,
        new Policy.GuardSettings(
            nobody,
            nobody,
            Policy.PrivateAddresses.REFUSE,
            Duration.ofDays(30),
            new Policy.IsItUs(5, Duration.ofHours(1)),
            50,
            50,
            64,
            50,
            new Policy.PerNetwork(4, 4)),
        new RedirectSettings(Redirect.NFTABLES),
        Duration.ofSeconds(2),
        new NotifySettings(
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Set.copyOf(Topic.CHOICES),
            Optional.empty()),
        new Status("127.0.0.1", 9719),
        Path.of("/var/lib/tlswaiver"),
        Path.of("/run/tlswaiver/control.sock"));
  }

  private static Policy.RuleSettings rule(String name, Set<Reason> reasons, Rung rung) {
    return new Policy.RuleSettings(
        name, reasons, Optional.empty(), 3, Duration.ofHours(24), Duration.ofMinutes(10), rung);
  }
}
