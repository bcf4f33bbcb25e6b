package dev.tlswaiver.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tlswaiver.config.Configuration.Mode;
import dev.tlswaiver.config.ConfigurationException.Problem;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.judge.Policy;
import dev.tlswaiver.notify.Mailbox;
import dev.tlswaiver.notify.Topic;
import dev.tlswaiver.peer.HostName;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.peer.Pools;
import dev.tlswaiver.waiver.Rung;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfigurationReaderTest {
  private static final Path SHIPPED = Path.of("etc/tlswaiver.yaml");

  private static Configuration read(String text) throws ConfigurationException {
    return ConfigurationReader.parse("tlswaiver.yaml", text);
  }

  private static List<String> mistakes(String text) {
    try {
      return List.of("accepted: " + read(text));
    } catch (ConfigurationException refused) {
      return refused.problems().stream().map(Problem::toString).toList();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "# nothing\n", "---\n", "mode:\n", "log: {path: null}\n"})
  void anEmptyFileMeansTheDefaults(String text) throws Exception {
    assertThat(read(text)).isEqualTo(Configuration.defaults());
  }

  @Test
  void theShippedFileSaysTheDefaultsAndNamesEveryKey() throws Exception {
    String text = Files.readString(SHIPPED);
    assertThat(read(text)).isEqualTo(Configuration.defaults());
    TreeSet<String> components = new TreeSet<>();
    addComponents(Configuration.class, components);
    assertThat(components).hasSizeGreaterThan(30);
    assertThat(components)
        .allSatisfy(key -> assertThat(text).containsPattern("(?m)(^|[ {,-])" + key + ":"));
  }

  /** The keys of the file are the components of the records. */
  private static void addComponents(Class<?> type, Set<String> names) {
    for (var component : type.getRecordComponents()) {
      boolean isText = List.of("status", "host").contains(component.getName());
      if (type != Configuration.Status.class) {
        String name =
            component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(java.util.Locale.ROOT);
        names.add(name.equals("notices") ? "notify" : name); // Each object has a method notify.
      }
      Class<?> inner = component.getType();
      if (!isText && inner.isRecord() && inner.getNestHost() == Configuration.class) {
        addComponents(inner, names);
      } else if (component.getGenericType().getTypeName().contains("RuleSettings")) {
        addComponents(Policy.RuleSettings.class, names);
      } else if (component.getGenericType().getTypeName().contains("RungSettings")) {
        addComponents(Configuration.RungSettings.class, names);
      } else if (component.getGenericType().getTypeName().contains("PoolSettings")) {
        addComponents(Configuration.PoolSettings.class, names);
      }
    }
  }

  @Test
  void everyKeyOfTheContractIsUnderstood() throws Exception {
    Configuration read =
        read(
            """
            mode: enforce
            log: {source: file, path: /var/log/other}
            postfix: {config_directory: /etc/postfix-in, public_service: "192.0.2.25:smtp"}
            pool: {by: [network], network: {ipv4: 20, ipv6: 48}}
            rules:
              - {name: mine, pattern: 'weird \\d+', failures: 7, within: 90m, spread: 30s, rung: sslv3}
            ladder: [{rung: sslv3, enabled: true, port: 2528}]
            waiver: {lasts: 1d, longest: 2d, prove_within: 3h}
            pools: []
            hand: /run/other.sock
            guards: {never: [192.0.2.0/24, bad.example], only: ["2001:db8::/32"], private_addresses: allow,
                     strong_tls_memory: 1d, is_it_us: {pools: 9, within: 2h}, probe_score: 101,
                     most_waivers: 3, most_addresses: 4, most_asked: 5,
                     most_per_network: {ipv4: 6, ipv6: 7}}
            redirect: {backend: none}
            settle: 500ms
            notify: {mail: root, from: "tlswaiver@mx.example", command: [/bin/tell, "a b"], on: [alarm],
                     daily_summary: "08:00"}
            status: {listen: "[::1]:9000"}
            state_directory: /srv/state
            control_socket: /srv/socket
            """);
    assertThat(read.mode()).isEqualTo(Mode.ENFORCE);
    assertThat(read.log().path()).contains(Path.of("/var/log/other"));
    assertThat(read.postfix().publicService()).contains("192.0.2.25:smtp");
    assertThat(read.pool().by()).containsExactly(Pools.Kind.NETWORK);
    assertThat(read.pool().network()).isEqualTo(new Configuration.Network(20, 48));
    assertThat(read.rules()).hasSize(1);
    assertThat(read.rules().get(0).pattern().orElseThrow().pattern()).isEqualTo("weird \\d+");
    assertThat(read.rules().get(0).within()).isEqualTo(Duration.ofMinutes(90));
    assertThat(read.ladder()).contains(new Configuration.RungSettings(Rung.SSLV3, true, 2528));
    assertThat(read.ladder()).hasSize(Rung.values().length);
    assertThat(read.waiver())
        .isEqualTo(
            new Policy.WaiverSettings(Duration.ofDays(1), Duration.ofDays(2), Duration.ofHours(3)));
    assertThat(read.guards().probeScore()).isEqualTo(101);
    assertThat(read.guards().mostAsked()).isEqualTo(5);
    assertThat(read.guards().mostPerNetwork()).isEqualTo(new Policy.PerNetwork(6, 7));
    assertThat(read.settle()).isEqualTo(Duration.ofMillis(500));
    assertThat(read.notices())
        .isEqualTo(
            new Configuration.NotifySettings(
                Mailbox.find("root"),
                Mailbox.find("tlswaiver@mx.example"),
                List.of("/bin/tell", "a b"),
                Set.of(Topic.ALARM),
                Optional.of(LocalTime.of(8, 0))));
    assertThat(read.status()).isEqualTo(new Configuration.Status("::1", 9000));
    assertThat(read.stateDirectory()).isEqualTo(Path.of("/srv/state"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mail: two@example.org, three@example.org",
        "mail: -oQ/tmp@example.org",
        "mail: \"a@example.org\\nBcc: b@example.org\"",
        "from: a b@example.org",
        "mail: a@",
        "command: [tell]",
        "command: [/bin/tell, \"a\\nb\"]",
        "command: /bin/tell",
        "on: [test]",
        "on: [everything]",
        "daily_summary: \"08:00\"",
        "daily_summary: \"24:00\"",
        "daily_summary: 8"
      })
  void whatCanNotBeToldIsRefused(String line) {
    assertThat(mistakes("notify:\n  " + line + "\n"))
        .isNotEmpty()
        .noneMatch(mistake -> mistake.startsWith("accepted"));
  }

  /** Each line of the second file is one mistake in the first. */
  @Test
  void everyMistakeIsReportedAtOnceWithItsPlace() throws Exception {
    Path folder = Path.of("src/test/resources/configuration");
    List<String> expected = Files.readAllLines(folder.resolve("mistakes.txt"));
    assertThat(expected).hasSizeGreaterThan(20);
    assertThat(mistakes(Files.readString(folder.resolve("mistakes.yaml")))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mode: [observe]|1:7|must be a plain value",
        "log: {source: file}|1:6|needs a path",
        "log: file|1:6|must have keys",
        "ladder: [{port: 1}]|1:10|needs a rung",
        "ladder: [{rung: ciphers, port: 25}]|1:32|public port",
        "ladder: [{rung: ciphers, port: 10127}]|1:9|share port 10127",
        "ladder: [{rung: tls12}, {rung: tls12}]|1:32|a second time",
        "rules: [{name: a, reasons: [other], rung: plaintext}]|1:43|is not enabled",
        "rules: [{name: a, rung: legacy}]|1:9|counts nothing",
        "rules: [{name: a, pattern: (, rung: legacy}]|1:28|a regular expression",
        "waiver: {lasts: 99999999d}|1:17|a duration",
        "settle: 2|1:9|a duration",
        "{mode: observe, mode: enforce}|1:17|a second time",
        "{settle: &x 1s, mode: *x}|1:10|anchors and aliases",
        "{mode: *x}|1:8|found undefined alias x",
        "mode: [observe|1:15|not YAML",
        "- mode|1:1|must have keys",
      })
  void aMistakeIsNamedWithItsPlace(String text, String place, String words) {
    assertThat(mistakes(text))
        .first()
        .asString()
        .startsWith("tlswaiver.yaml:" + place + ": ")
        .contains(words);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pools: google.com|1:8|must be a list",
        "pools: [{networks: [192.0.2.0/24]}]|1:9|needs a domain",
        "pools: [{domain: google.com}]|1:9|needs networks",
        "pools: [{domain: google.com, networks: []}]|1:40|needs networks",
        "pools: [{domain: google.com, networks: [192.0.2.1/24]}]|1:41|no wider than /8",
        "pools: [{domain: google.com, networks: [0.0.0.0/0]}]|1:41|no wider than /8",
        "pools: [{domain: google.com, networks: ['2000::/15']}]|1:41|or /16 for IPv6",
        "pools: [{domain: 192.0.2.7, networks: [192.0.2.0/24]}]|1:18|a domain like",
        "pools: [{domain: mail.google.com, networks: [192.0.2.0/24]}]|1:18|as google.com: name that",
        "pools: [{domain: google.com, networks: [192.0.2.0/24], network: 1}]|1:56|did you mean 'networks'?",
        "pools: [{domain: a.com, networks: [192.0.2.0/24]}, {domain: a.com, networks: [192.0.3.0/24]}]"
            + "|1:61|a second time",
        "pools: [{domain: a.com, networks: [192.0.2.0/24]}, {domain: b.com, networks: [192.0.0.0/16]}]"
            + "|1:78|belongs to a.com already",
        "{pools: [{domain: a.com, networks: [192.0.2.0/24]}], guards: {never: [192.0.2.9]}}"
            + "|1:36|guards.never",
        "{pool: {by: [address]}, pools: [{domain: a.com, networks: [192.0.2.0/24]}]}"
            + "|1:42|counts no domains",
      })
  void aMistakeInPoolsIsNamedWithItsPlace(String text, String place, String words) {
    aMistakeIsNamedWithItsPlace(text, place, words);
  }

  @Test
  void networksOfADomainAreRead() throws Exception {
    assertThat(
            read("pools: [{domain: google.com, networks: [209.85.128.0/17,"
                    + " '2a00:1450:4864::/48']}]")
                .pools())
        .containsExactly(
            new Configuration.PoolSettings(
                new HostName("google.com"),
                List.of(IpPrefix.parse("209.85.128.0/17"), IpPrefix.parse("2a00:1450:4864::/48"))));
  }

  @Test
  void anAbsentFileIsNamed(@TempDir Path folder) {
    Path absent = folder.resolve("absent.yaml");
    assertThatThrownBy(() -> ConfigurationReader.read(absent))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(absent.toString());
  }

  @Test
  void aFileThatIsNotTextIsRefused(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("binary.yaml");
    byte[] bytes = new byte[64];
    Arrays.fill(bytes, (byte) 0x80);
    Files.write(file, bytes);
    assertThatThrownBy(() -> ConfigurationReader.read(file)).hasMessageContaining(file.toString());
  }

  @Test
  void theDefaultRulesCountTheReportsTwoReasons() {
    assertThat(Configuration.defaults().rules())
        .anySatisfy(rule -> assertThat(rule.reasons()).contains(Reason.NO_SHARED_CIPHER))
        .anySatisfy(rule -> assertThat(rule.reasons()).contains(Reason.UNKNOWN_PROTOCOL));
  }
}
