package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rule d: only who failed is waived, and a farm all the same. */
final class FarmIT {
  @TempDir private Path folder;

  /** Delivers a mail with TLS 1.0. Whether it was accepted. */
  private static boolean send(Lab lab, String address, String name) {
    return lab.sendFrom(
        address, name, "--tls", "--tls-protocol", "tlsv1", "--tls-cipher", "ALL:@SECLEVEL=0");
  }

  private static String out(int number) {
    return "out" + number + ".farm.example";
  }

  private static String farm(int number) {
    return "198.18.5." + number;
  }

  /** A farm of thirty-one, with names in both directions. */
  private static List<String> buildFarm(Lab lab) throws IOException {
    List<String> zones = new ArrayList<>();
    for (int i = 1; i <= 31; i++) {
      lab.addHost(farm(i), out(i));
      zones.add(i + ".5.18.198.in-addr.arpa PTR " + out(i));
      zones.add(out(i) + " A " + farm(i));
    }
    return zones;
  }

  private static void failOnceEach(Lab lab, int... numbers) {
    for (int number : numbers) {
      assertThat(send(lab, farm(number), out(number))).isFalse();
    }
  }

  private static String networks(Lab lab) {
    try {
      return lab.tlswaiver(lab.configuration(), "list", "--networks").output();
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  @Test
  void aFarmWithNamesOfItsOwnGetsOneWaiverThatHoldsForItsNextSenders() throws Exception {
    try (Lab lab = Lab.up()) {
      List<String> zones = buildFarm(lab);
      // Whoever owns an address may call it as he likes, and does not get in by that.
      lab.addHost(farm(77), "vm77.stranger.example");
      zones.add("77.5.18.198.in-addr.arpa PTR out77.farm.example");
      zones.add("out77.farm.example A 203.0.113.77");
      lab.addHost(farm(78), "vm78.stranger.example");
      zones.add("78.5.18.198.in-addr.arpa PTR vm78.stranger.example");
      zones.add("vm78.stranger.example A " + farm(78));
      for (int i = 1; i <= 3; i++) {
        lab.addHost("2001:db8:5::1" + i, out(i));
        zones.add(
            i
                + ".1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.5.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR "
                + out(i));
        zones.add(out(i) + " AAAA 2001:db8:5::1" + i);
      }
      Path file = Files.write(folder.resolve("zones"), zones);
      RunningTlswaiver resolver = lab.resolve(file);
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      failOnceEach(lab, 1, 2, 3);
      agent.await("PROPOSED -> ACTIVE pool=farm.example");
      // 1 to 31, merged.
      Lab.await("the farm has joined", () -> networks(lab).contains("198.18.5.16/28"));
      Lab.await("in the kernel", lab::isInOrder);
      assertThat(networks(lab).lines())
          .containsExactly(
              "198.18.5.1/32", "198.18.5.2/31", "198.18.5.4/30", "198.18.5.8/29", "198.18.5.16/28");
      assertThat(send(lab, farm(31), out(31))).isTrue();
      agent.await("ACTIVE -> PROVEN");
      assertThat(agent.output()).containsOnlyOnce("-> ACTIVE");
      // Of IPv6 those that are numbered in a row with it.
      assertThat(send(lab, "2001:db8:5::11", out(1))).isFalse();
      Lab.await("its neighbours have joined", () -> networks(lab).contains("2001:db8:5::12/127"));
      Lab.await("in the kernel", lab::isInOrder);
      assertThat(send(lab, "2001:db8:5::12", out(2))).isTrue();
      assertThat(send(lab, farm(77), "vm77.stranger.example")).isFalse();
      assertThat(send(lab, farm(78), "vm78.stranger.example")).isFalse();
      // A restart asks nobody, and a replay neither: both know what was looked up.
      agent.stop();
      long asked = resolver.output().lines().count();
      RunningTlswaiver again = lab.run(lab.configuration()).awaitStart();
      Lab.await("in order", lab::isInOrder);
      assertThat(networks(lab)).contains("198.18.5.16/28");
      assertThat(
              lab.tlswaiver(
                      lab.configuration(), "replay", "--format", "json", lab.maillog().toString())
                  .output())
          .contains("198.18.5.16/28");
      assertThat(resolver.output().lines().count()).isEqualTo(asked);
      again.stop();
    }
  }

  @Test
  void aFarmWhoseNetworkTheOperatorNamedNeedsNoNames() throws Exception {
    try (Lab lab = Lab.up()) {
      buildFarm(lab);
      lab.addAddresses(List.of(farm(99)));
      RunningTlswaiver agent =
          lab.run(lab.configure("pools: [{domain: farm.example, networks: [198.18.5.0/24]}]"))
              .awaitStart();
      failOnceEach(lab, 1, 2, 3);
      agent.await("PROPOSED -> ACTIVE pool=farm.example networks=198.18.5.0/24 ");
      assertThat(send(lab, farm(31), out(31))).isTrue();
      agent.await("ACTIVE -> PROVEN");
      assertThat(send(lab, farm(99), "nameless.example")).isTrue();
    }
  }

  @Test
  void twoMachinesOfAStrangerTakeNoNeighbourAlong() throws Exception {
    try (Lab lab = Lab.up()) {
      lab.addHost("198.18.9.10", "vm1.attacker.example");
      lab.addHost("198.18.9.20", "vm2.attacker.example");
      lab.addHost("198.18.9.30", "mail.neighbour.example");
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      for (int i = 0; i < 3; i++) {
        send(lab, "198.18.9.10", "vm1.attacker.example");
        send(lab, "198.18.9.20", "vm2.attacker.example");
      }
      agent.await("PROPOSED -> ACTIVE pool=attacker.example");
      Lab.await(
          "both are waived",
          () -> networks(lab).lines().toList().equals(List.of("198.18.9.10/32", "198.18.9.20/32")));
      Lab.await("in order", lab::isInOrder);
      assertThat(send(lab, "198.18.9.30", "mail.neighbour.example")).isFalse();
    }
  }

  @Test
  void aResolverThatIsAwayOrSilentCostsNothingButARetry() throws Exception {
    try (Lab lab = Lab.up()) {
      buildFarm(lab);
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      failOnceEach(lab, 1, 2, 3);
      agent.await("PROPOSED -> ACTIVE pool=farm.example");
      Lab.await(
          "nobody answers",
          () -> lab.get("/metrics").contains("tlswaiver_lookups_total{result=\"incomplete\"} 1"));
      Path zones = Files.write(folder.resolve("zones"), List.of("silent"));
      lab.resolve(zones);
      // Its first failure costs a retry, while the thread that asks waits for an answer.
      failOnceEach(lab, 31);
      Lab.await("the retry", () -> send(lab, farm(31), out(31)));
      agent.await("ACTIVE -> PROVEN");
      assertThat(lab.get("/-/healthy")).contains(" 200 ");
    }
  }

  @Test
  void anUpgradeShrinksWhatGrewByItselfSaysItOnceAndLeavesTheOperators() throws Exception {
    try (Lab lab = Lab.up()) {
      lab.addHost("198.18.9.10", "vm1.attacker.example");
      lab.addHost("198.18.9.20", "vm2.attacker.example");
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      for (int i = 0; i < 3; i++) {
        send(lab, "198.18.9.10", "vm1.attacker.example");
      }
      agent.await("PROPOSED -> ACTIVE pool=attacker.example");
      send(lab, "198.18.9.20", "vm2.attacker.example");
      Lab.await("both are waived", () -> networks(lab).contains("198.18.9.20/32"));
      assertThat(
              lab.tlswaiver(lab.configuration(), "grant", "198.18.7.0/24", "--rung", "legacy")
                  .exit())
          .isZero();
      agent.stop();
      widen(lab);
      assertThat(networks(lab)).contains("198.18.7.0/24", "198.18.9.0/24");
      RunningTlswaiver upgraded = lab.run(lab.configuration()).awaitStart();
      upgraded.await(
          "waiver 1 of attacker.example covers 198.18.9.10/32,198.18.9.20/32 from now on and no"
              + " longer 198.18.9.0/24");
      Lab.await("in order", lab::isInOrder);
      assertThat(networks(lab).lines())
          .containsExactlyInAnyOrder("198.18.7.0/24", "198.18.9.10/32", "198.18.9.20/32");
      assertThat(lab.onHost("nft", "list", "ruleset")).doesNotContain("198.18.9.0/24");
      upgraded.stop();
      assertThat(upgraded.output()).containsOnlyOnce("from now on");
      assertThat(lab.run(lab.configuration()).awaitStart().output()).doesNotContain("from now on");
    }
  }

  /** As the release before wrote it: two addresses of a network were the network. */
  private static void widen(Lab lab) throws Exception {
    try (Connection ledger =
            DriverManager.getConnection("jdbc:sqlite:" + lab.state().resolve("ledger.db"));
        PreparedStatement update =
            ledger.prepareStatement(
                "UPDATE waiver SET document = json_remove(json_set(document, '$.networks',"
                    + " json_array('198.18.9.0/24')), '$.joined') WHERE pool ="
                    + " 'attacker.example'")) {
      assertThat(update.executeUpdate()).isEqualTo(1);
    }
  }
}
