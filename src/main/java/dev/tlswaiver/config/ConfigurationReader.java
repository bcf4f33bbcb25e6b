package dev.tlswaiver.config;

import dev.tlswaiver.config.Configuration.LogSource;
import dev.tlswaiver.config.Configuration.PoolSettings;
import dev.tlswaiver.config.Configuration.RungSettings;
import dev.tlswaiver.config.ConfigurationException.Problem;
import dev.tlswaiver.guard.PeerList;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.judge.Policy;
import dev.tlswaiver.judge.Policy.RuleSettings;
import dev.tlswaiver.notify.Mailbox;
import dev.tlswaiver.notify.Topic;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpAddress;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.waiver.Rung;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;

/** Reads tlswaiver.yaml. Every mistake is reported at once, with its line and column. */
public final class ConfigurationReader {
  private static final int MOST_CHARACTERS = 1_000_000;
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");
  private static final Pattern SERVICE = Pattern.compile("[A-Za-z0-9_.:\\[\\]-]{1,255}");
  private static final Pattern LISTEN = Pattern.compile("(.+):([0-9]{1,5})");
  private static final int WIDEST_IPV4 = 8;
  private static final int WIDEST_IPV6 = 16;
  private static final List<String> RULE_KEYS =
      List.of("name", "reasons", "pattern", "failures", "within", "spread", "rung");

  private final String file;
  private final List<Problem> problems = new ArrayList<>();
  private final Configuration standard = Configuration.defaults();

  private ConfigurationReader(String file) {
    this.file = file;
  }

  /**
   * Reads the file.
   *
   * @throws IOException if it can't be read; names it
   * @throws ConfigurationException if it has mistakes
   */
  public static Configuration read(Path path) throws IOException, ConfigurationException {
    String text;
    try {
      text = Files.readString(path, StandardCharsets.UTF_8);
    } catch (NoSuchFileException absent) {
      throw new ConfigurationException(
          List.of(new Problem(path.toString(), 1, 1, "no such file; give another with --config")));
    } catch (IOException failure) {
      throw new IOException(path + ": can't be read: " + failure.getMessage(), failure);
    }
    return parse(path.toString(), text);
  }

  /** The duration that a text spells as in the file, {@code 90s}, {@code 7d}; or empty. */
  public static Optional<Duration> findDuration(String text) {
    return Section.duration(text);
  }

  /** Reads the text; the file's name is for messages. */
  public static Configuration parse(String file, String text) throws ConfigurationException {
    ConfigurationReader reader = new ConfigurationReader(file);
    Configuration configuration = reader.configuration(reader.compose(text));
    if (!reader.problems.isEmpty()) {
      throw reader.refusal();
    }
    return configuration;
  }

  private ConfigurationException refusal() {
    problems.sort(Comparator.comparing(Problem::line).thenComparing(Problem::column));
    return new ConfigurationException(problems);
  }

  private Optional<Node> compose(String text) throws ConfigurationException {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(MOST_CHARACTERS);
    options.setNestingDepthLimit(20);
    options.setMaxAliasesForCollections(0);
    try {
      Optional<Node> root = Optional.ofNullable(new Yaml(options).compose(new StringReader(text)));
      root.flatMap(node -> Aliases.find(node))
          .ifPresent(
              node ->
                  problems.add(
                      new Problem(
                          file,
                          node.getStartMark().getLine() + 1,
                          node.getStartMark().getColumn() + 1,
                          "anchors and aliases are not allowed; write the value out")));
      if (!problems.isEmpty()) {
        throw refusal();
      }
      return root;
    } catch (MarkedYAMLException wrong) {
      int line = wrong.getProblemMark() == null ? 1 : wrong.getProblemMark().getLine() + 1;
      int column = wrong.getProblemMark() == null ? 1 : wrong.getProblemMark().getColumn() + 1;
      problems.add(new Problem(file, line, column, "not YAML: " + wrong.getProblem()));
      throw refusal();
    } catch (YAMLException wrong) {
      problems.add(new Problem(file, 1, 1, "not YAML: " + wrong.getMessage()));
      throw refusal();
    }
  }

  private Configuration configuration(Optional<Node> node) {
    if (node.isEmpty()) {
      return standard;
    }
    Section root =
        Section.of(
            file,
            problems,
            node.get(),
            List.of(
                "mode",
                "log",
                "postfix",
                "pool",
                "rules",
                "ladder",
                "waiver",
                "pools",
                "hand",
                "guards",
                "redirect",
                "settle",
                "notify",
                "status",
                "state_directory",
                "control_socket"));
    List<RungSettings> ladder = ladder(root);
    Configuration.Pool pool = pool(root);
    Policy.GuardSettings guards = guards(root);
    return new Configuration(
        word(root, "mode", standard.mode()),
        log(root),
        postfix(root),
        pool,
        rules(root, ladder),
        ladder,
        waiver(root),
        pools(root, pool, guards),
        root.value(
            "hand",
            standard.hand(),
            Power::find,
            "auto, inside, or the path of a socket like /run/tlswaiver-hand.sock"),
        guards,
        redirect(root),
        root.duration("settle", standard.settle()),
        notify(root),
        status(root),
        root.path("state_directory", standard.stateDirectory()),
        root.path("control_socket", standard.controlSocket()));
  }

  private Configuration.Log log(Section root) {
    Section section = root.section("log", List.of("source", "path", "trust"));
    Configuration.Log log =
        new Configuration.Log(
            word(section, "source", standard.log().source()),
            section.findPath("path"),
            word(section, "trust", standard.log().trust()));
    if (log.source() == LogSource.FILE && log.path().isEmpty()) {
      root.note("log", "source: file needs a path, like path: /var/log/mail.log");
    }
    return log;
  }

  private Configuration.Postfix postfix(Section root) {
    Section section = root.section("postfix", List.of("config_directory", "public_service"));
    Optional<String> service =
        section.find(
            "public_service",
            text -> SERVICE.matcher(text).matches() ? Optional.of(text) : Optional.empty(),
            "auto, or the name of a service in master.cf");
    return new Configuration.Postfix(
        section.path("config_directory", standard.postfix().configDirectory()),
        service.filter(name -> !name.equals("auto")));
  }

  private Configuration.Pool pool(Section root) {
    Section section = root.section("pool", List.of("by", "network", "public_suffix_list"));
    Section network = section.section("network", List.of("ipv4", "ipv6"));
    List<Pools.Kind> by =
        section
            .words("by", text -> find(Pools.Kind.values(), text), words(Pools.Kind.values()))
            .orElse(standard.pool().by());
    Optional<Path> suffixes = section.findPath("public_suffix_list");
    if (suffixes.filter(file -> !Files.isReadable(file)).isPresent()) {
      section.note(
          "public_suffix_list",
          suffixes.get() + " can't be read; null means the list that comes with tlswaiver");
    }
    return new Configuration.Pool(
        by,
        new Configuration.Network(
            network.number("ipv4", standard.pool().network().ipv4(), WIDEST_IPV4, 32),
            network.number("ipv6", standard.pool().network().ipv6(), WIDEST_IPV6, 128)),
        suffixes);
  }

  private List<PoolSettings> pools(
      Section root, Configuration.Pool pool, Policy.GuardSettings guards) {
    List<PoolSettings> pools = new ArrayList<>();
    Map<IpPrefix, HostName> owners = new LinkedHashMap<>();
    for (Section row : root.sections("pools", List.of("domain", "networks")).orElse(List.of())) {
      Optional<HostName> domain =
          row.find("domain", ConfigurationReader::domain, "a domain like example.org");
      List<IpPrefix> networks =
          row.words(
                  "networks",
                  ConfigurationReader::network,
                  "a network like 192.0.2.0/24, no" + " wider than /8, or /16 for IPv6")
              .orElse(List.of());
      if (!row.has("domain")) {
        row.note("domain", "a pool needs a domain");
      }
      if (!row.has("networks") || row.isEmptyList("networks")) {
        row.note("networks", "a pool needs networks, like networks: [192.0.2.0/24]");
      }
      if (domain.isEmpty()) {
        continue;
      }
      if (pools.stream().anyMatch(other -> other.domain().equals(domain.get()))) {
        row.note("domain", domain.get() + " stands here a second time; give it all its networks");
        continue;
      }
      registrable(domain.get(), pool)
          .filter(counted -> !counted.equals(domain.get()))
          .ifPresent(
              counted -> row.note("domain", "its hosts are counted as " + counted + ": name that"));
      if (!pool.by().contains(Pools.Kind.DOMAIN)) {
        row.note("domain", "pool.by counts no domains, so that nobody is " + domain.get());
      }
      for (IpPrefix network : networks) {
        owners.forEach(
            (other, owner) -> {
              if (!owner.equals(domain.get()) && other.overlaps(network)) {
                row.note("networks", network + " belongs to " + owner + " already");
              }
            });
        owners.put(network, domain.get());
        if (guards.never().overlaps(network)) {
          row.note("networks", network + " has addresses of guards.never in it");
        }
      }
      pools.add(new PoolSettings(domain.get(), networks));
    }
    return pools;
  }

  /** An address with a mistake in it must not pass for a domain. */
  private static Optional<HostName> domain(String text) {
    return text.matches("[0-9.:/]*") ? Optional.empty() : HostName.find(text);
  }

  private static Optional<IpPrefix> network(String text) {
    return IpPrefix.find(text)
        .filter(prefix -> prefix.length() >= (prefix.isIpv6() ? WIDEST_IPV6 : WIDEST_IPV4));
  }

  /** What is counted as one with this domain; empty where that can't be told. */
  private static Optional<HostName> registrable(HostName domain, Configuration.Pool pool) {
    return pool.publicSuffixList().filter(file -> !Files.isReadable(file)).isPresent()
        ? Optional.empty()
        : PublicSuffixFile.read(pool.publicSuffixList()).registrableDomain(domain);
  }

  private List<RungSettings> ladder(Section root) {
    Map<Rung, RungSettings> ladder = new LinkedHashMap<>();
    standard.ladder().forEach(settings -> ladder.put(settings.rung(), settings));
    Set<Rung> named = new HashSet<>();
    for (Section row :
        root.sections("ladder", List.of("rung", "enabled", "port")).orElse(List.of())) {
      Optional<Rung> rung = row.find("rung", Rung::find, labels(Rung.values(), Rung::label));
      if (rung.isEmpty()) {
        if (!row.has("rung")) {
          row.note("rung", "a row of the ladder needs a rung");
        }
        continue;
      }
      if (!named.add(rung.get())) {
        row.note("rung", "the rung " + rung.get().label() + " stands here a second time");
      }
      RungSettings usual = ladder.getOrDefault(rung.get(), standard.ladder().get(0));
      int port = row.number("port", usual.port(), 1, 65_535);
      if (port == 25) {
        row.note("port", "25 is the public port; choose another");
      }
      ladder.put(
          rung.get(), new RungSettings(rung.get(), row.flag("enabled", usual.enabled()), port));
    }
    Map<Integer, Rung> owners = new LinkedHashMap<>();
    for (RungSettings settings : ladder.values()) {
      Rung owner = owners.putIfAbsent(settings.port(), settings.rung());
      if (owner != null) {
        root.note(
            "ladder",
            "the rungs "
                + owner.label()
                + " and "
                + settings.rung().label()
                + " share port "
                + settings.port()
                + "; give each its own");
      }
    }
    return List.copyOf(ladder.values());
  }

  private List<RuleSettings> rules(Section root, List<RungSettings> ladder) {
    Optional<List<Section>> rows = root.sections("rules", RULE_KEYS);
    if (rows.isEmpty()) {
      return standard.rules();
    }
    List<RuleSettings> rules = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Section row : rows.get()) {
      RuleSettings rule = rule(row);
      if (!row.has("name")) {
        row.note("name", "a rule needs a name");
      } else if (!names.add(rule.name())) {
        row.note("name", "another rule is called '" + rule.name() + "' already");
      }
      boolean hasReasons = row.has("reasons") && !row.isEmptyList("reasons");
      if (!hasReasons && !row.has("pattern")) {
        row.note("reasons", "the rule counts nothing; give it reasons or a pattern");
      }
      if (rule.spread().compareTo(rule.within()) > 0) {
        row.note("spread", "spread is longer than within, so the rule never finds anything");
      }
      if (!row.has("rung")) {
        row.note("rung", "a rule needs a rung, like rung: legacy");
      } else if (ladder.stream().noneMatch(step -> step.rung() == rule.rung() && step.enabled())) {
        row.note(
            "rung",
            "the rung "
                + rule.rung().label()
                + " is not enabled; enable it in the ladder, or choose another");
      }
      rules.add(rule);
    }
    return rules;
  }

  private RuleSettings rule(Section row) {
    List<Reason> reasons =
        row.words("reasons", Reason::find, labels(Reason.values(), Reason::label))
            .orElse(List.of());
    return new RuleSettings(
        row.value(
            "name",
            "unnamed",
            text -> NAME.matcher(text).matches() ? Optional.of(text) : Optional.empty(),
            "lower-case letters, digits and hyphens"),
        Set.copyOf(reasons),
        row.find("pattern", ConfigurationReader::pattern, "a regular expression"),
        row.number("failures", 3, 1, 1_000),
        row.someDuration("within", Duration.ofHours(24)),
        row.duration("spread", Duration.ofMinutes(10)),
        row.value("rung", Rung.LEGACY, Rung::find, labels(Rung.values(), Rung::label)));
  }

  private static Optional<Pattern> pattern(String text) {
    try {
      return Optional.of(Pattern.compile(text));
    } catch (PatternSyntaxException wrong) {
      return Optional.empty();
    }
  }

  private Policy.WaiverSettings waiver(Section root) {
    Section section = root.section("waiver", List.of("lasts", "longest", "prove_within"));
    Policy.WaiverSettings waiver =
        new Policy.WaiverSettings(
            section.someDuration("lasts", standard.waiver().lasts()),
            section.duration("longest", standard.waiver().longest()),
            section.someDuration("prove_within", standard.waiver().proveWithin()));
    if (waiver.longest().compareTo(waiver.lasts()) < 0) {
      section.note(
          section.has("longest") ? "longest" : "lasts",
          "longest is shorter than lasts; make it at least as long");
    }
    return waiver;
  }

  private Policy.GuardSettings guards(Section root) {
    Section section =
        root.section(
            "guards",
            List.of(
                "never",
                "only",
                "private_addresses",
                "strong_tls_memory",
                "is_it_us",
                "probe_score",
                "most_waivers",
                "most_addresses",
                "most_asked",
                "most_per_network"));
    Section perNetwork = section.section("most_per_network", List.of("ipv4", "ipv6"));
    Section isItUs = section.section("is_it_us", List.of("pools", "within"));
    Policy.GuardSettings usual = standard.guards();
    return new Policy.GuardSettings(
        peers(section, "never"),
        peers(section, "only"),
        word(section, "private_addresses", usual.privateAddresses()),
        section.duration("strong_tls_memory", usual.strongTlsMemory()),
        new Policy.IsItUs(
            isItUs.number("pools", usual.isItUs().pools(), 2, 1_000),
            isItUs.someDuration("within", usual.isItUs().within())),
        section.number("probe_score", usual.probeScore(), 0, 101),
        section.number("most_waivers", usual.mostWaivers(), 1, 10_000),
        section.number("most_addresses", usual.mostAddresses(), 1, 10_000),
        section.number("most_asked", usual.mostAsked(), 1, 10_000),
        new Policy.PerNetwork(
            perNetwork.number("ipv4", usual.mostPerNetwork().ipv4(), 1, 10_000),
            perNetwork.number("ipv6", usual.mostPerNetwork().ipv6(), 1, 10_000)));
  }

  private PeerList peers(Section section, String key) {
    List<IpPrefix> prefixes = new ArrayList<>();
    List<HostName> domains = new ArrayList<>();
    section.words(
        key,
        text -> {
          Optional<IpPrefix> prefix = IpPrefix.find(text);
          prefix.ifPresent(prefixes::add);
          Optional<HostName> domain = prefix.isEmpty() ? domain(text) : Optional.empty();
          domain.ifPresent(domains::add);
          return prefix.isPresent() || domain.isPresent() ? Optional.of(text) : Optional.empty();
        },
        "an address, a network like 192.0.2.0/24, or a domain");
    return new PeerList(prefixes, domains);
  }

  private Configuration.RedirectSettings redirect(Section root) {
    return new Configuration.RedirectSettings(
        word(
            root.section("redirect", List.of("backend")),
            "backend",
            standard.redirect().backend()));
  }

  private Configuration.NotifySettings notify(Section root) {
    Section section =
        root.section("notify", List.of("mail", "from", "command", "on", "daily_summary"));
    Configuration.NotifySettings usual = standard.notices();
    String address = "a mail address like postmaster@example.org, or null";
    Configuration.NotifySettings notify =
        new Configuration.NotifySettings(
            section.find("mail", Mailbox::find, address),
            section.find("from", Mailbox::find, address),
            section
                .words(
                    "command", ConfigurationReader::argument, "a word without control characters")
                .orElse(usual.command()),
            section
                .words("on", Topic::find, labels(Topic.CHOICES.toArray(Topic[]::new), Topic::label))
                .<Set<Topic>>map(Set::copyOf)
                .orElse(usual.on()),
            section.find(
                "daily_summary",
                ConfigurationReader::time,
                "a time of day like \"08:00\", or null"));
    if (!notify.command().isEmpty() && !notify.command().get(0).startsWith("/")) {
      section.note("command", "the program must be a path that begins with /");
    }
    if (notify.dailySummary().isPresent() && !notify.hasWay()) {
      section.note("daily_summary", "nobody is told: set mail or command beside it");
    }
    return notify;
  }

  private static Optional<String> argument(String text) {
    return Optional.of(text).filter(word -> !word.matches("(?s).*\\p{Cntrl}.*"));
  }

  private static Optional<LocalTime> time(String text) {
    return text.matches("([01][0-9]|2[0-3]):[0-5][0-9]")
        ? Optional.of(LocalTime.parse(text))
        : Optional.empty();
  }

  private Configuration.Status status(Section root) {
    return root.section("status", List.of("listen"))
        .value(
            "listen",
            standard.status(),
            ConfigurationReader::listen,
            "an address and a port, like 127.0.0.1:9719");
  }

  private static Optional<Configuration.Status> listen(String text) {
    Matcher matcher = LISTEN.matcher(text);
    if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > 65_535) {
      return Optional.empty();
    }
    String host = matcher.group(1).replace("[", "").replace("]", "");
    int port = Integer.parseInt(matcher.group(2));
    return IpAddress.find(host).map(address -> new Configuration.Status(address.toString(), port));
  }

  private static <E extends Enum<E>> E word(Section section, String key, E standard) {
    E[] all = standard.getDeclaringClass().getEnumConstants();
    return section.value(key, standard, text -> find(all, text), words(all));
  }

  private static <E extends Enum<E>> Optional<E> find(E[] all, String text) {
    return Arrays.stream(all).filter(word -> word(word).equals(text)).findFirst();
  }

  private static <E extends Enum<E>> String words(E[] all) {
    return labels(all, ConfigurationReader::word);
  }

  private static String word(Enum<?> word) {
    return word.name().toLowerCase(Locale.ROOT);
  }

  private static <T> String labels(T[] all, Function<T, String> label) {
    return "one of " + Arrays.stream(all).map(label).collect(Collectors.joining(", "));
  }
}
