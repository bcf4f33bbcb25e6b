package dev.tlswaiver.doctor;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import dev.tlswaiver.actuator.Programs.Result;
import dev.tlswaiver.firewall.Bans;
import dev.tlswaiver.firewall.KernelRules;
import dev.tlswaiver.firewall.Obstacle;
import dev.tlswaiver.firewall.Preflight;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Whether nftables can redirect waived senders here, and what other rules make of that. */
final class PacketFilter implements Examination {
  /** Checked by the kernel, never loaded. */
  private static final String TIMEOUTS =
      """
      add table inet tlswaiver_doctor
      add set inet tlswaiver_doctor try { type ipv4_addr; flags interval, timeout; }
      add element inet tlswaiver_doctor try { 192.0.2.0/24 timeout 1h }
      """;

  private static final int CAP_NET_ADMIN = 12;

  @Override
  public void examine(Patient patient, Chart chart) throws HostException {
    if (!patient.isRedirecting()) {
      return;
    }
    for (String broken : patient.brokenRedirects()) {
      chart.find(
          Ailment.REDIRECT_BROKEN,
          capital(broken) + ".",
          "what else is found here of the packet filter; nft -a list ruleset and nft monitor trace show"
              + " where its packets end; then tlswaiver grant");
    }
    if (Doctor.version(patient.programs(), "nft", "--version").isEmpty()) {
      chart.find(
          Ailment.NFT_MISSING,
          "The program nft is not in PATH, or does not run.",
          "apt-get install nftables, or in tlswaiver.yaml: redirect: {backend: none}");
      return;
    }
    examineFlush(patient.root(), chart);
    if (!patient.isRoot()) {
      chart.couldNotSee("the packet filter: only root may list its rules");
      return;
    }
    if (!isAdministrator(patient.root())) {
      chart.find(
          Ailment.NO_NET_ADMIN,
          "This process runs without CAP_NET_ADMIN.",
          "docker run --cap-add=NET_ADMIN, systemd-nspawn --capability=CAP_NET_ADMIN, or in the"
              + " unit: AmbientCapabilities=CAP_NET_ADMIN");
      return;
    }
    examineTimeouts(patient.programs(), chart);
    KernelRules rules = KernelRules.read(patient.programs());
    examineRules(rules, patient, chart);
  }

  private static boolean isAdministrator(Path root) {
    return TextFile.lines(root.resolve("proc/self/status")).stream()
        .filter(line -> line.startsWith("CapEff:"))
        .map(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
        .allMatch(capabilities -> (capabilities >> CAP_NET_ADMIN & 1) == 1);
  }

  private static void examineTimeouts(Programs programs, Chart chart) throws HostException {
    Result check =
        programs.run(List.of("nft", "--check", "-f", "-"), Map.of(), TIMEOUTS, Programs.USUAL);
    if (!check.isGood()) {
      chart.find(
          Ailment.NFT_NO_TIMEOUTS,
          "nft refuses an interval set with timeouts: " + check.said() + ".",
          "a later kernel and nft (kernel 6.18 and nft 1.0.6 take it)");
    }
  }

  static void examineRules(KernelRules rules, Patient patient, Chart chart) {
    int publicPort = patient.publicPort();
    Preflight preflight = new Preflight(rules);
    patient.settings().ports().entrySet().stream()
        .filter(rung -> patient.enabled().contains(rung.getKey()))
        .sorted(Map.Entry.comparingByKey())
        .flatMap(
            rung ->
                Stream.concat(
                    preflight.obstacles(publicPort, rung.getValue()).stream(),
                    preflight.unclear(publicPort, rung.getValue()).stream()))
        .forEach(obstacle -> find(obstacle, chart));
    Bans bans = Bans.of(rules, publicPort);
    for (String chain : bans.onPortAlone()) {
      chart.find(
          Ailment.BAN_BY_PORT,
          capital(chain) + " bans sources on port " + publicPort + " alone.",
          "let the ban match on the source alone; fail2ban, in jail.local: banaction ="
              + " nftables-allports (iptables-allports with iptables); then: fail2ban-client"
              + " restart");
    }
    if (rules.hasLegacyRules()) {
      chart.find(
          Ailment.IPTABLES_LEGACY,
          "There are rules of iptables-legacy beside those of nftables.",
          "iptables-legacy-save > /root/legacy.rules; iptables-restore < /root/legacy.rules;"
              + " iptables-legacy -P INPUT ACCEPT; iptables-legacy -F (the same with ip6tables)");
    }
  }

  private static void find(Obstacle obstacle, Chart chart) {
    chart.find(
        switch (obstacle.kind()) {
          case DROPPED -> Ailment.REDIRECT_DROPPED;
          case UNTRACKED -> Ailment.PORT_UNTRACKED;
          case UNCLEAR -> Ailment.PACKET_FILTER_UNCLEAR;
          case TRANSLATED -> Ailment.PORT_REDIRECTED_ELSEWHERE;
        },
        capital(obstacle.what()) + ".",
        obstacle.mend());
  }

  private static String capital(String sentence) {
    return sentence.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + sentence.substring(1);
  }

  /** The service that loads this file does so again with each reload. */
  private static void examineFlush(Path root, Chart chart) {
    boolean isEnabled =
        List.of("sysinit.target.wants", "multi-user.target.wants").stream()
            .map(target -> root.resolve("etc/systemd/system/" + target + "/nftables.service"))
            .anyMatch(Files::exists);
    for (String name : List.of("etc/nftables.conf", "etc/sysconfig/nftables.conf")) {
      Path file = root.resolve(name);
      boolean flushes =
          TextFile.lines(file).stream().anyMatch(line -> line.strip().equals("flush ruleset"));
      if (isEnabled && flushes) {
        chart.find(
            Ailment.RULESET_FLUSHED,
            file + " flushes the whole ruleset, and nftables.service loads it.",
            "in "
                + file
                + ", instead of 'flush ruleset', for each table of yours, as inet filter: 'add table"
                + " inet filter' and 'delete table inet filter'");
      }
    }
  }
}
