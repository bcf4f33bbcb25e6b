package dev.tlswaiver.firewall;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.firewall.FilterChain.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PreflightTest {
  private static final int LEGACY = 10127;

  private static Optional<String> objection(KernelRules rules) {
    return new Preflight(rules).objection(25, LEGACY);
  }

  private static List<String> mends(KernelRules rules) {
    return new Preflight(rules).obstacles(25, LEGACY).stream().map(Obstacle::mend).toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "empty",
        "open",
        "firewalld",
        "crowdsec",
        "blacklists",
        "fail2ban-nftables",
        "fail2ban-nftables-allports",
        "fail2ban-iptables",
        "fail2ban-iptables-allports"
      })
  void whatLetsRedirectedConnectionsInIsNotObjectedTo(String name) throws Exception {
    assertThat(new Preflight(Listings.rules(name)).obstacles(25, LEGACY)).isEmpty();
  }

  @Test
  void aFinalRejectIsNamedWithTheRuleThatMendsIt() throws Exception {
    assertThat(objection(Listings.rules("modern-drop")))
        .contains(
            "the chain inet filter inbound lets port 25 in and drops what is redirected from it"
                + " (the rule with handle 23); nft insert rule inet filter inbound meta l4proto tcp"
                + " ct status dnat ct original proto-dst 25 accept");
  }

  private static Stream<Path> listings(String folder) throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/nftables", folder))) {
      return files.sorted().toList().stream();
    }
  }

  static Stream<Path> lost() throws IOException {
    return listings("lost");
  }

  static Stream<Path> through() throws IOException {
    return listings("through");
  }

  static Stream<Path> unsure() throws IOException {
    return listings("unsure");
  }

  /** What kernel 6.18 did to a connection that was redirected, while it let the direct one in. */
  @ParameterizedTest
  @MethodSource("lost")
  void whatTheKernelLosesIsInTheWayAndNamesItsMend(Path file) throws Exception {
    assertThat(new Preflight(KernelRules.parse(Files.readString(file))).obstacles(25, LEGACY))
        .filteredOn(Obstacle::isInTheWay)
        .isNotEmpty()
        .allSatisfy(obstacle -> assertThat(obstacle.mend()).startsWith("nft "));
  }

  @ParameterizedTest
  @MethodSource("through")
  void whatTheKernelLetsThroughIsNotInTheWay(Path file) throws Exception {
    assertThat(new Preflight(KernelRules.parse(Files.readString(file))).obstacles(25, LEGACY))
        .isEmpty();
  }

  @ParameterizedTest
  @MethodSource("unsure")
  void whatTheRulesAloneDoNotSettleIsSaid(Path file) throws Exception {
    assertThat(objection(KernelRules.parse(Files.readString(file))))
        .hasValueSatisfying(
            text -> assertThat(text).contains("a condition that can't be judged from the rules"));
  }

  @Test
  void answersThatKeepTheRungsPortAreNamedWithTheirChain() throws Exception {
    assertThat(objection(Listings.rules("lost/output-by-source-port")))
        .contains(
            "the chain inet filter output lets answers from port 25 out and drops those to what is"
                + " redirected from it, which still have the rung's source port 10127 there (its"
                + " policy is to drop); nft insert rule inet filter output meta l4proto tcp ct"
                + " status dnat ct original proto-dst 25 accept");
  }

  @Test
  void aPortThatIsNotTrackedIsTrackedAgainBothWays() throws Exception {
    assertThat(mends(Listings.rules("lost/notrack")))
        .containsExactly(
            "nft insert rule inet raw prerouting handle 3 tcp dport 25 accept;"
                + " nft insert rule inet raw output handle 4 tcp sport 25 accept");
    // Whom it let in for not being tracked it has to let in otherwise first.
    assertThat(mends(Listings.rules("lost/invalid-untracked")))
        .first(as(STRING))
        .startsWith("nft add rule inet filter input tcp dport 25 accept; nft insert rule");
    assertThat(
            mends(
                Listings.rules("empty")
                    .with(
                        Origin.IPTABLES_NFT,
                        false,
                        Optional.of(Listings.text("iptables-notrack.save")))))
        .first(as(STRING))
        .contains(
            "iptables -A INPUT -p tcp --dport 25 -j ACCEPT; ",
            "iptables -t raw -I PREROUTING 1 -p tcp --dport 25 -j ACCEPT; ",
            "iptables -t raw -I OUTPUT 1 -p tcp --sport 25 -j ACCEPT");
  }

  @Test
  void theAnswersZoneIsThatOfTheConnection() throws Exception {
    assertThat(mends(Listings.rules("lost/zone")))
        .containsExactly("nft insert rule inet raw o handle 4 tcp sport 10127 ct zone set 1");
  }

  @Test
  void ufwIsMendedForBothFamiliesAndWithoutIpv6Too() throws Exception {
    String mend =
        "iptables -I INPUT -p tcp -m conntrack --ctstate DNAT --ctorigdstport 25 -j ACCEPT # for"
            + " good, in /etc/ufw/before.rules above its first -A: -A ufw-before-input -p tcp -m"
            + " conntrack --ctstate DNAT --ctorigdstport 25 -j ACCEPT";
    assertThat(mends(Listings.savedRules("ufw")))
        .containsExactly(
            mend,
            mend.replace("iptables", "ip6tables")
                .replace("before.", "before6.")
                .replace("ufw-", "ufw6-"));
    assertThat(
            mends(
                Listings.rules("empty")
                    .with(Origin.IPTABLES_NFT, false, Optional.of(Listings.text("ufw.save")))))
        .containsExactly(mend);
  }

  @Test
  void connectionsThatAreMarkedGetInAndTheirAnswersNotOut() throws Exception {
    assertThat(
            mends(
                Listings.rules("empty")
                    .with(
                        Origin.IPTABLES_NFT,
                        false,
                        Optional.of(Listings.text("iptables-connmark.save")))))
        .containsExactly(
            "iptables -I OUTPUT -p tcp -m conntrack --ctstate DNAT --ctorigdstport 25 -j ACCEPT");
  }

  @Test
  void whereNobodyComesInAsFarAsCanBeToldThatIsSaid() throws Exception {
    assertThat(new Preflight(Listings.rules("firewalld")).unclear(25, LEGACY))
        .hasValueSatisfying(
            unclear -> assertThat(unclear.what()).contains("lets nobody in at port 25"));
    assertThat(new Preflight(Listings.rules("ufw")).unclear(25, LEGACY)).isEmpty();
  }

  @Test
  void portsInConcatenationsCount() throws Exception {
    assertThat(mends(Listings.rules("concat")))
        .containsExactly(
            "nft insert rule inet filter input meta l4proto tcp ct status dnat ct original"
                + " proto-dst 25 accept");
    Preflight preflight = new Preflight(Listings.rules("concat"));
    // Open, but only where mail does not come in.
    assertThat(preflight.objection(25, 8042)).isPresent();
    assertThat(preflight.objection(25, 443)).isEmpty();
    assertThat(preflight.objection(25, 8101)).isPresent();
    // Only what comes in at all can be lost.
    assertThat(preflight.objection(587, LEGACY)).isPresent();
    assertThat(preflight.objection(588, LEGACY)).isEmpty();
  }

  @Test
  void aRungOnAPortThatIsOpenAnywayIsReachable() throws Exception {
    assertThat(new Preflight(Listings.rules("modern-drop")).objection(25, 80)).isEmpty();
  }

  @Test
  void whereMailDoesNotComeInAnywayNothingIsObjected() throws Exception {
    assertThat(new Preflight(Listings.rules("ipv6-drop")).objection(2525, LEGACY)).isEmpty();
    assertThat(new Preflight(Listings.savedRules("iptables-drop")).objection(2525, LEGACY))
        .isEmpty();
  }

  @Test
  void oneFamilyIsEnoughToObject() throws Exception {
    assertThat(mends(Listings.rules("ipv6-drop")))
        .containsExactly(
            "nft insert rule ip6 filter6 input meta l4proto tcp ct status dnat ct original"
                + " proto-dst 25 accept");
  }

  @Test
  void rulesOfIptablesAreMendedWithIptables() throws Exception {
    assertThat(mends(Listings.savedRules("iptables-drop")))
        .containsExactly(
            "iptables -I INPUT -p tcp -m conntrack --ctstate DNAT --ctorigdstport 25 -j ACCEPT",
            "ip6tables -I INPUT -p tcp -m conntrack --ctstate DNAT --ctorigdstport 25 -j ACCEPT");
  }

  @Test
  void theMendForIptablesMends() throws Exception {
    assertThat(objection(Listings.savedRules("iptables-mended"))).isEmpty();
  }

  @Test
  void rulesOfIptablesLegacyAreSeenBesideThoseOfNft() throws Exception {
    KernelRules rules =
        Listings.rules("open")
            .with(
                Origin.IPTABLES_LEGACY, false, Optional.of(Listings.text("iptables-legacy.save")));
    assertThat(rules.hasLegacyRules()).isTrue();
    assertThat(mends(rules))
        .containsExactly(
            "iptables-legacy -I INPUT -p tcp -m conntrack --ctstate DNAT --ctorigdstport 25"
                + " -j ACCEPT");
    assertThat(Listings.savedRules("iptables-drop").hasLegacyRules()).isFalse();
  }

  @Test
  void whoElseTranslatesThePublicPortIsNamed() throws Exception {
    assertThat(objection(Listings.savedRules("docker-smtp")))
        .hasValueSatisfying(
            text ->
                assertThat(text)
                    .contains(
                        "--dport 25 -j DNAT --to-destination 172.17.0.2:25",
                        "the iptables chain PREROUTING of the table nat"));
    assertThat(objection(Listings.rules("docker-smtp")))
        .hasValueSatisfying(text -> assertThat(text).contains("the chain ip nat DOCKER"));
    assertThat(new Preflight(Listings.savedRules("docker-smtp")).objection(587, LEGACY)).isEmpty();
  }

  @Test
  void aTranslationBehindOursIsNotInTheWay() throws Exception {
    KernelRules rules =
        KernelRules.parse(
            """
            {"nftables": [
             {"chain": {"family": "ip", "table": "other", "name": "pre", "type": "nat",
                        "hook": "prerouting", "prio": -99, "policy": "accept"}},
             {"rule": {"family": "ip", "table": "other", "chain": "pre", "handle": 2, "expr": [
               {"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}},
                          "right": 25}},
               {"redirect": {"port": 2525}}]}}]}
            """);
    assertThat(objection(rules)).isEmpty();
    assertThat(new Preflight(rules).obstacles(25, LEGACY))
        .extracting(Obstacle::kind)
        .containsExactly(Obstacle.Kind.TRANSLATED);
  }

  @Test
  void aLoopOfChainsEnds() throws Exception {
    KernelRules rules =
        KernelRules.parse(
            """
            {"nftables": [
             {"chain": {"family": "ip", "table": "t", "name": "in", "type": "filter",
                        "hook": "input", "prio": 0, "policy": "drop"}},
             {"rule": {"family": "ip", "table": "t", "chain": "in", "handle": 2, "expr": [
               {"jump": {"target": "in"}}]}}]}
            """);
    assertThat(objection(rules)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "[]",
        "{}",
        "{\"nftables\": 7}",
        "{\"nftables\": [7]}",
        "{\"nftables\": [{\"rule\": {\"family\": \"ip\", \"table\": \"t\", \"chain\": \"c\"}}]}",
        "{\"nftables\": [{\"set\": {\"family\": \"ip\", \"elem\": 7}}]}"
      })
  void whatIsNoListingIsRefused(String text) {
    assertThatThrownBy(() -> KernelRules.parse(text))
        .isInstanceOf(HostException.class)
        .hasMessageContaining("can't read");
  }

  @Test
  void everyListingThatIsCutShortIsRefused() throws Exception {
    String text = Listings.text("modern-drop.json").strip();
    for (int length = 0; length < text.length(); length += 7) {
      String cut = text.substring(0, length);
      assertThatThrownBy(() -> KernelRules.parse(cut)).isInstanceOf(HostException.class);
    }
  }
}
