package dev.tlswaiver.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.peer.IpPrefix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BansTest {
  private static void assertBanned(Bans bans, String... prefixes) {
    assertThat(prefixes).allMatch(prefix -> bans.isBanned(IpPrefix.parse(prefix)));
  }

  private static void assertNotBanned(Bans bans, String... prefixes) {
    assertThat(prefixes).noneMatch(prefix -> bans.isBanned(IpPrefix.parse(prefix)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"fail2ban-nftables", "fail2ban-iptables"})
  void bansOfFail2banAreThoseOfTheJailsForThePublicPort(String name) throws Exception {
    Bans bans =
        Bans.of(name.endsWith("iptables") ? Listings.savedRules(name) : Listings.rules(name), 25);
    assertBanned(bans, "203.0.113.66", "198.51.100.9", "2001:db8:113::66");
    assertBanned(bans, "203.0.113.64/26", "2001:db8:113::/64");
    // In the jail for sshd, or nowhere.
    assertNotBanned(bans, "203.0.113.77", "198.51.100.8", "2001:db8:113::67", "2001:db8::/48");
    assertThat(bans.onPortAlone()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"fail2ban-nftables-allports", "fail2ban-iptables-allports"})
  void bansOnAllPortsSeeRedirectedConnectionsToo(String name) throws Exception {
    Bans bans = Bans.of(Listings.rules(name), 25);
    assertBanned(bans, "203.0.113.66", "203.0.113.77", "2001:db8:113::66");
    assertThat(bans.onPortAlone()).isEmpty();
  }

  @Test
  void whereThePortsCanNotBeReadABanIsTakenToBeForOurs() throws Exception {
    Bans bans = Bans.of(Listings.rules("fail2ban-iptables"), 25);
    assertBanned(bans, "203.0.113.66", "2001:db8:113::66");
  }

  @Test
  void blocklistsOfCrowdSecAreBans() throws Exception {
    Bans bans = Bans.of(Listings.rules("crowdsec"), 25);
    assertBanned(bans, "203.0.113.66", "198.51.100.0", "198.51.100.0/24", "2001:db8:113::66");
    assertNotBanned(bans, "203.0.113.67", "2001:db8:113::65");
    assertThat(bans.onPortAlone()).isEmpty();
    assertThat(bans.ranges().size()).isEqualTo(3);
  }

  @Test
  void setsIntervalsAndSingleRulesAreBans() throws Exception {
    assertBanned(
        Bans.of(Listings.rules("modern-drop"), 25),
        "203.0.113.0/28",
        "203.0.113.15",
        "198.51.100.7",
        "198.51.100.9",
        "192.0.2.77");
    assertNotBanned(
        Bans.of(Listings.rules("modern-drop"), 25), "203.0.113.16", "198.51.100.10", "192.0.2.76");
    assertBanned(
        Bans.of(Listings.rules("blacklists"), 25),
        "203.0.113.66",
        "198.51.100.9",
        "198.51.100.63",
        "198.51.100.0/24");
  }

  @Test
  void whatIsAcceptedOrOnAnotherPortOrOutsideOfAnAllowedListIsNoBan() throws Exception {
    assertNotBanned(
        Bans.of(Listings.rules("blacklists"), 25),
        "198.51.100.200",
        "198.51.100.201",
        "198.51.100.202",
        "192.0.2.1",
        "203.0.113.1");
  }

  @Test
  void aBanMayStandInAConcatenation() throws Exception {
    Bans bans = Bans.of(Listings.rules("concat"), 25);
    assertBanned(bans, "203.0.113.9");
    assertNotBanned(bans, "203.0.113.8", "192.0.2.25");
    assertThat(bans.onPortAlone()).containsExactly("the chain inet filter input");
  }

  @Test
  void nobodyIsBannedWhereThereAreNoBans() throws Exception {
    for (String name : new String[] {"empty", "open", "firewalld"}) {
      Bans bans = Bans.of(Listings.rules(name), 25);
      assertNotBanned(bans, "203.0.113.66", "0.0.0.0/0", "::/0");
      assertThat(bans.onPortAlone()).as(name).isEmpty();
    }
    assertThat(Bans.of(KernelRules.none(), 25).ranges().size()).isZero();
  }
}
