package dev.tlswaiver.actuator.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.peer.IpPrefix;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AccessTableTest {
  private static AccessTable table(String networks) {
    return AccessTable.of(
        Arrays.stream(networks.split(" ")).map(IpPrefix::parse).collect(Collectors.toList()));
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.7/32, 192.0.2.7",
    "192.0.2.0/24, 192.0.2",
    "198.51.0.0/16, 198.51",
    "10.0.0.0/8, 10",
    "192.0.2.6/31, 192.0.2.6 192.0.2.7",
    "192.0.2.7 192.0.2.6, 192.0.2.6 192.0.2.7",
    "198.51.100.0/23, 198.51.100 198.51.101",
    "172.16.0.0/14, 172.16 172.17 172.18 172.19",
    "2001:db8::7/128, 2001:db8::7",
    "2001:db8::6/127, 2001:db8::6 2001:db8::7"
  })
  void anIndexedTableSaysItInAddressesAndOctets(String networks, String patterns) {
    AccessTable table = table(networks);
    assertThat(table.cidr()).isEmpty();
    assertThat(table.indexed().lines().skip(1).map(line -> line.split(" ")[0]))
        .endsWith(patterns.split(" "));
  }

  @Test
  void wideNetworksOfIpv6NeedACidrTable() {
    AccessTable table = table("2001:db8::/64 192.0.2.7");
    assertThat(table.cidr().orElseThrow()).contains("\n2001:db8::/64 ");
    assertThat(table.indexed()).contains("\n192.0.2.7 ").doesNotContain("2001");
  }
}
