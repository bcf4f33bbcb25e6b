package dev.tlswaiver.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PeerTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "192.0.2",
        "192.0.2.256",
        "192.0.2.01",
        "0xC0000201",
        "1.2.3.4.5",
        "localhost",
        ":",
        ":::",
        "1::2::3",
        "2001:db8::1%eth0",
        "2001:db8::12345",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "::1.2.3",
        "1.2.3.4::",
        " 192.0.2.1",
        "192.0.2.1 OK"
      })
  void whatIsNoAddressIsRefused(String text) {
    assertThat(IpAddress.find(text)).isEmpty();
    assertThatThrownBy(() -> IpAddress.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.1, 192.0.2.1",
    "2001:DB8:0:0:0:0:0:1, 2001:db8::1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "0:0:0:0:0:0:0:0, ::",
    "::1, ::1",
    "fe80::, fe80::",
    "::ffff:192.0.2.1, 192.0.2.1",
    "64:ff9b::192.0.2.33, 64:ff9b::c000:221"
  })
  void addressesAreCanonical(String text, String canonical) {
    assertThat(IpAddress.parse(text)).hasToString(canonical);
    assertThat(IpAddress.parse(canonical)).isEqualTo(IpAddress.parse(text));
  }

  @Test
  void randomAddressesAreReadAsTheJdkReadsThem() throws Exception {
    Random random = new Random(41);
    for (int i = 0; i < 5_000; i++) {
      byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
      for (int j = 0; j < bytes.length; j++) {
        bytes[j] = (byte) (random.nextInt(3) == 0 ? random.nextInt(256) : 0);
      }
      bytes[0] = 32;
      IpAddress address = IpAddress.of(bytes);
      assertThat(IpAddress.parse(address.toString())).isEqualTo(address);
      assertThat(InetAddress.getByName(address.toString()).getAddress()).isEqualTo(bytes);
    }
  }

  private static List<String> merged(String... prefixes) {
    return IpPrefix.merge(Arrays.stream(prefixes).map(IpPrefix::parse).toList()).stream()
        .map(IpPrefix::toString)
        .toList();
  }

  @Test
  void prefixesAreMergedInOrder() {
    assertThat(merged("192.0.2.129/32", "192.0.2.0/25", "192.0.2.128/25"))
        .containsExactly("192.0.2.0/24");
    assertThat(merged("2001:db8::/64", "198.51.100.7", "192.0.2.6", "192.0.2.7"))
        .containsExactly("192.0.2.6/31", "198.51.100.7/32", "2001:db8::/64");
    assertThat(merged("192.0.2.7", "192.0.2.8")).containsExactly("192.0.2.7/32", "192.0.2.8/32");
  }

  @ParameterizedTest
  @ValueSource(strings = {"192.0.2.1/24", "192.0.2.0/33", "192.0.2.0/", "2001:db8::/129", "/24"})
  void whatIsNoPrefixIsRefused(String text) {
    assertThat(IpPrefix.find(text)).isEmpty();
  }

  @Test
  void peersAreReadAsPostfixWritesThem() {
    assertThat(Peer.find("mx.example.com[192.0.2.1]:38929").orElseThrow())
        .isEqualTo(
            new Peer(HostName.find("mx.example.com"), Optional.of(IpAddress.parse("192.0.2.1"))));
    assertThat(Peer.find("unknown[2001:db8::1]").orElseThrow().name()).isEmpty();
    assertThat(Peer.find("unknown[unknown]").orElseThrow().address()).isEmpty();
    assertThat(Peer.find("[127.0.0.3]:41455").orElseThrow().address())
        .contains(IpAddress.parse("127.0.0.3"));
    assertThat(Peer.find("a b[192.0.2.1]")).isEmpty();
    assertThat(Peer.find("mx[;reboot]").orElseThrow().address()).isEmpty();
    assertThat(Peer.find("***[xxx.xxx.xxx.xxx]").orElseThrow())
        .isEqualTo(new Peer(Optional.empty(), Optional.empty()));
  }

  private static Pools pools(Pools.Kind... by) throws Exception {
    return new Pools(
        List.of(by),
        24,
        64,
        new PublicSuffixes(
            Files.readAllLines(
                Path.of("src/main/resources/dev/tlswaiver/peer/public_suffix_list.dat"))));
  }

  @ParameterizedTest
  @CsvSource({
    "mail-lf1-f44.google.com[209.85.167.44], google.com",
    "mail-lf1-f47.google.com[209.85.167.47], google.com",
    "a.b.example.co.uk[192.0.2.1], example.co.uk",
    "customer.github.io[192.0.2.1], customer.github.io",
    "www.ck[192.0.2.1], www.ck",
    "mx.stranger.xn--55qx5d.cn[192.0.2.1], stranger.xn--55qx5d.cn",
    "81-82-221-208.static.isp.example[81.82.221.208], 81.82.221.208",
    "ip-c0000207.isp.example[192.0.2.7], 192.0.2.7",
    "unknown[192.0.2.1], 192.0.2.1",
    "localhost[127.0.0.1], 127.0.0.1",
    "co.uk[192.0.2.1], 192.0.2.1"
  })
  void poolsAreRegistrableDomainsOrElseAddresses(String peer, String pool) throws Exception {
    assertThat(pools(Pools.Kind.DOMAIN, Pools.Kind.ADDRESS).find(Peer.find(peer).orElseThrow()))
        .contains(new Pool(pool));
  }

  @Test
  void networksPoolWhereTheOperatorAsksForThem() throws Exception {
    assertThat(
            pools(Pools.Kind.DOMAIN, Pools.Kind.NETWORK)
                .find(Peer.find("unknown[192.0.2.7]").orElseThrow()))
        .contains(new Pool("192.0.2.0/24"));
  }

  private static Pools withNetworks() throws Exception {
    Pools plain = pools(Pools.Kind.DOMAIN, Pools.Kind.ADDRESS);
    return new Pools(
        plain.by(),
        plain.ipv4Length(),
        plain.ipv6Length(),
        plain.suffixes(),
        Map.of(new Pool("google.com"), List.of(IpPrefix.parse("209.85.128.0/17"))));
  }

  /** Rule d. */
  @Test
  void addressesOfANetworkAreCoveredEachByItselfAndOnlyNamedNetworksAsAWhole() throws Exception {
    List<IpAddress> addresses =
        List.of(
            IpAddress.parse("192.0.2.7"),
            IpAddress.parse("192.0.2.200"),
            IpAddress.parse("198.51.100.1"),
            IpAddress.parse("2001:db8::1"));
    assertThat(withNetworks().cover(new Pool("other.example"), addresses))
        .extracting(IpPrefix::toString)
        .containsExactly("192.0.2.7/32", "192.0.2.200/32", "198.51.100.1/32", "2001:db8::1/128");
    assertThat(withNetworks().cover(new Pool("google.com"), addresses.subList(0, 1)))
        .extracting(IpPrefix::toString)
        .containsExactly("192.0.2.7/32", "209.85.128.0/17");
  }

  @ParameterizedTest
  @CsvSource({
    "unknown[2001:db8:0:1:aaaa::7], 2001:db8:0:1::/64",
    "host-2001-db8-0-1.isp.example[2001:db8:0:1:aaaa::8], 2001:db8:0:1::/64",
    "mx.oldbank.example[2001:db8:0:1:aaaa::9], oldbank.example",
    "com[2001:db8:0:1:aaaa::a], 2001:db8:0:1:aaaa::a",
    "unknown[209.85.200.3], google.com",
    "209-85-200-4.cable.example[209.85.200.4], google.com",
    "vm.customer.example[209.85.200.5], customer.example",
    "unknown[209.85.1.1], 209.85.1.1"
  })
  void whoHasNoNameIsItsSlash64OrBelongsToWhomTheOperatorGaveItsNetwork(String peer, String pool)
      throws Exception {
    assertThat(withNetworks().find(Peer.find(peer).orElseThrow())).contains(new Pool(pool));
  }

  @Test
  void aPrefixGivesItsAddressesInOrder() {
    assertThat(IpPrefix.parse("192.0.2.0/24").first(256))
        .hasSize(256)
        .startsWith(IpAddress.parse("192.0.2.0"), IpAddress.parse("192.0.2.1"))
        .endsWith(IpAddress.parse("192.0.2.255"));
    assertThat(IpPrefix.parse("2001:db8::ff00/120").first(1_000))
        .hasSize(256)
        .endsWith(IpAddress.parse("2001:db8::ffff"));
    assertThat(IpPrefix.parse("2001:db8::/64").first(3))
        .containsExactly(
            IpAddress.parse("2001:db8::"),
            IpAddress.parse("2001:db8::1"),
            IpAddress.parse("2001:db8::2"));
    assertThat(IpPrefix.parse("192.0.2.7").first(256))
        .containsExactly(IpAddress.parse("192.0.2.7"));
  }
}
