package dev.tlswaiver.booted;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Machine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;

/** One machine from the package's installation to its purge; each test goes on where one ended. */
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(OrderAnnotation.class)
class PackageBootedIT {
  private static final Path DEB = Path.of("target/tlswaiver.deb");
  private static final String CONFIG = "/etc/tlswaiver/tlswaiver.yaml";

  private Machine machine;
  private String before;

  @BeforeAll
  void boot() throws IOException, InterruptedException {
    machine = Machine.boot();
    machine.copy(DEB, "/root/tlswaiver.deb");
    before = machine.mailHost();
  }

  @AfterAll
  void down() {
    if (machine != null) {
      machine.close();
    }
  }

  private String main() {
    return machine.property("tlswaiver", "MainPID");
  }

  private void change(String sed) {
    machine.must("sed -i '" + sed + "' " + CONFIG);
  }

  private boolean isReady() {
    return machine
        .run(
            "bash",
            "-c",
            "exec 3<>/dev/tcp/127.0.0.1/9719 && printf 'GET /-/ready HTTP/1.0\\r\\n\\r\\n' >&3"
                + " && head -1 <&3")
        .output()
        .contains(" 200 ");
  }

  private void awaitJournal(String text) {
    try {
      Lab.await(text, () -> machine.journal().contains(text));
    } catch (AssertionError late) {
      throw new AssertionError(late.getMessage() + "; the journal:\n" + machine.journal(), late);
    }
  }

  private void grant(String length) {
    machine.must("tlswaiver grant " + Machine.OLD + " --rung legacy --force --for " + length);
  }

  private boolean isInForce() {
    return machine.must("nft list ruleset").contains(Machine.OLD);
  }

  @Test
  @Order(1)
  void installingStartsAnObserverAndTouchesNothing() {
    machine.must("dpkg --install /root/tlswaiver.deb");
    assertThat(machine.property("tlswaiver", "ActiveState")).isEqualTo("active");
    assertThat(machine.property("tlswaiver", "StatusText"))
        .isEqualTo("mode observe, follows the journal");
    assertThat(machine.property("tlswaiver", "UnitFileState")).isEqualTo("enabled");
    assertThat(machine.property("tlswaiver-sweep.timer", "ActiveState")).isEqualTo("active");
    assertThat(machine.mailHost()).isEqualTo(before);
  }

  @Test
  @Order(2)
  void theArchiveOfClassesIsMadeAndUsed() {
    assertThat(
            machine.must(
                "TLSWAIVER_JAVA_OPTS=-Xlog:class+load tlswaiver --version"
                    + " | grep -c 'dev.tlswaiver.*shared objects file (top)'"))
        .isNotEqualTo("0\n");
  }

  @Test
  @Order(2)
  void manPagesAndCompletionAreInPlace() {
    machine.must("man -w tlswaiver tlswaiver-report tlswaiver-sweep tlswaiver.yaml");
    machine.must("bash -n /usr/share/bash-completion/completions/tlswaiver");
  }

  @Test
  @Order(2)
  void startReturnsWhenTheAgentIsReady() {
    machine.must("systemctl restart tlswaiver");
    assertThat(isReady()).isTrue();
  }

  @Test
  @Order(2)
  void theGroupMayAskTheAgentAndNobodyElse() {
    machine.must("useradd --groups tlswaiver mailop && useradd stranger");
    assertThat(machine.shell("runuser -u mailop -- tlswaiver list").exit()).isZero();
    assertThat(machine.shell("runuser -u stranger -- tlswaiver list").exit()).isEqualTo(1);
  }

  @Test
  @Order(2)
  void whoReadsTheLogHasNoPower() {
    assertThat(machine.must("ps -o user= -p " + main()).strip()).isEqualTo("tlswaiver");
    assertThat(machine.must("grep ^Cap /proc/" + main() + "/status | cut -f2 | sort -u").strip())
        .isEqualTo("0000000000000000");
    assertThat(machine.must("stat -c '%U %a' /run/tlswaiver-hand.sock").strip())
        .isEqualTo("tlswaiver 600");
    assertThat(machine.must("stat -c '%U %a' /var/lib/tlswaiver-hand").strip())
        .isEqualTo("root 700");
    assertThat(machine.must("stat -c %U /var/lib/tlswaiver/ledger.db").strip())
        .isEqualTo("tlswaiver");
  }

  @Test
  @Order(2)
  void theSandboxesAreAsTightAsIsSaid() {
    assertThat(exposure("tlswaiver")).isLessThanOrEqualTo(1.3);
    assertThat(exposure("tlswaiver-hand")).isLessThanOrEqualTo(2.4);
    assertThat(exposure("tlswaiver-sweep")).isLessThanOrEqualTo(2.4);
  }

  private double exposure(String unit) {
    Matcher level =
        Pattern.compile("Overall exposure level for .*: ([0-9.]+)")
            .matcher(
                machine.must(
                    "systemd-analyze security --offline=true /usr/lib/systemd/system/"
                        + unit
                        + ".service"));
    assertThat(level.find()).isTrue();
    return Double.parseDouble(level.group(1));
  }

  @Test
  @Order(2)
  void theDoctorFindsNothingThatKeepsAFreshHostFromIt() {
    String found = machine.shell("tlswaiver doctor").output();
    // A minimal Debian has no name of its own in the DNS, and no certificate but its own.
    assertThat(found).doesNotContain("tlswaiver: ", "not readable", "not writable");
  }

  @Test
  @Order(3)
  void anObserverSeesInTheJournalWhoFailsAndChangesNothing() {
    change(
        "s/spread: 10m/spread: 0s/; s/probe_score: 50/probe_score: 101/; s/^settle: 2s/settle: 200ms/");
    machine.must("systemctl reload tlswaiver");
    awaitJournal("reload: the configuration is good");
    for (int i = 0; i < 3; i++) {
      assertThat(machine.send()).isFalse();
    }
    awaitJournal("waiver 1 PROPOSED pool=" + Machine.OLD);
    awaitJournal("+10127 inet n - y - - smtpd");
    assertThat(machine.mailHost()).isEqualTo(before);
  }

  @Test
  @Order(4)
  void anEnforcerAsksAndThenLetsTheMailIn() {
    change("s/^mode: observe/mode: enforce/; s/^  mail: null/  mail: root@example.org/");
    machine.must("systemctl reload tlswaiver");
    awaitJournal("PROPOSED -> DIAGNOSING");
    assertThat(machine.send()).isFalse();
    awaitJournal("DIAGNOSING -> ACTIVE");
    assertThat(machine.send()).isTrue();
    awaitJournal("ACTIVE -> PROVEN");
  }

  private String status(String path) {
    return machine
        .run(
            "bash",
            "-c",
            "exec 3<>/dev/tcp/127.0.0.1/9719 && printf 'GET "
                + path
                + " HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3")
        .output();
  }

  /** A failure as the old sender's, in the words of the tag that is given. */
  private static final List<String> FORGED =
      List.of(
          "connect from unknown[" + Machine.STRANGER + "]",
          "SSL_accept error from unknown[" + Machine.STRANGER + "]: -1",
          "warning: TLS library problem: error:0A000102:SSL routines::unsupported"
              + " protocol:../ssl/statem/statem_srvr.c:1657:",
          "lost connection after STARTTLS from unknown[" + Machine.STRANGER + "]",
          "disconnect from unknown[" + Machine.STRANGER + "] ehlo=1 starttls=0/1 commands=1/2");

  /** Each says that it is smtpd(8), and the kernel says that it is nobody. */
  private void forge(String program) {
    for (int i = 0; i < 3; i++) {
      for (String line : FORGED) {
        machine.must("runuser -u nobody -- " + program + " '" + line + "'");
      }
    }
  }

  private double failures() {
    return Pattern.compile("(?m)^tlswaiver_handshake_failures_total\\{.*} (.*)$")
        .matcher(status("/metrics"))
        .results()
        .mapToDouble(found -> Double.parseDouble(found.group(1)))
        .sum();
  }

  @Test
  @Order(5)
  void whatALocalUserLogsInPostfixsNameCountsForNobody() {
    double before = failures();
    machine.must("install -m 755 /usr/bin/logger /usr/local/bin/smtpd");
    forge("logger -t 'postfix/smtpd[1]'");
    forge("/usr/local/bin/smtpd -t postfix/smtpd --id=1");
    forge("postlog -t postfix/smtpd");
    machine.must("rm /usr/local/bin/smtpd");
    assertThat(machine.must("journalctl --output=cat _UID=65534").lines())
        .filteredOn(FORGED.get(3)::equals)
        .hasSize(9);

    // The journal is in order: with what was said later it has read what was forged.
    assertThat(machine.sendFrom(Machine.STRANGER)).isFalse();
    Lab.await("a failure", () -> failures() > before);
    assertThat(failures()).isEqualTo(before + 1);
    assertThat(machine.journal()).doesNotContain(Machine.STRANGER);

    // Who fails there itself is asked, and let in.
    assertThat(machine.sendFrom(Machine.STRANGER)).isFalse();
    assertThat(machine.sendFrom(Machine.STRANGER)).isFalse();
    awaitJournal("waiver 2 PROPOSED -> DIAGNOSING pool=" + Machine.STRANGER);
    assertThat(machine.sendFrom(Machine.STRANGER)).isFalse();
    awaitJournal("waiver 2 DIAGNOSING -> ACTIVE pool=" + Machine.STRANGER);
    machine.must("tlswaiver revoke " + Machine.STRANGER);
  }

  @Test
  @Order(6)
  void pageAndMetricsShowItAndTheOperatorIsToldByMail() {
    // The snapshot of the page is made once a second.
    Lab.await("the page", () -> status("/").contains("PROVEN"));
    assertThat(status("/")).contains("Relaxed now", "PROVEN").doesNotContain(Machine.OLD);
    assertThat(status("/metrics")).containsPattern("tlswaiver_waivers\\{.*PROVEN.*} 1");
    // Out of the sandbox, through sendmail(1) and postdrop(1), which may not gain its group there.
    Lab.await(
        "mail for root",
        () ->
            machine
                .shell("journalctl --grep 'to=<root@example.org>.* status=sent'")
                .output()
                .contains("status=sent"));
  }

  @Test
  @Order(6)
  void aBadFileFailsTheReloadAndTheAgentGoesOnAsItWas() {
    String agent = main();
    change("s/^settle:/setle:/");
    assertThat(machine.shell("systemctl reload tlswaiver").exit()).isNotZero();
    awaitJournal("did you mean 'settle'?");
    assertThat(main()).isEqualTo(agent);
    assertThat(machine.property("tlswaiver", "StatusText")).startsWith("mode enforce");
  }

  @Test
  @Order(7)
  void aServiceThatCannotReadItsConfigurationIsNotStartedAgain() {
    assertThat(machine.shell("systemctl restart tlswaiver").exit()).isNotZero();
    assertThat(machine.property("tlswaiver", "ExecMainStatus")).isEqualTo("78");
    assertThat(machine.property("tlswaiver", "SubState")).isEqualTo("failed");
    change("s/^setle:/settle:/");
    machine.must("systemctl start tlswaiver");
    assertThat(isInForce()).isTrue();
  }

  @Test
  @Order(8)
  void aKilledAgentComesBackAndMailFlowsMeanwhile() {
    String agent = main();
    machine.must("kill -KILL " + agent);
    assertThat(machine.send()).isTrue();
    Lab.await("another agent", () -> !main().equals(agent) && isReady());
    assertThat(isInForce()).isTrue();
  }

  @Test
  @Order(9)
  void aThreadThatThinksNoMoreIsNoticedThoughOthersLive() {
    machine.must(
        "mkdir -p /run/systemd/system/tlswaiver.service.d && printf '[Service]\\nWatchdogSec=3s\\n'"
            + " >/run/systemd/system/tlswaiver.service.d/watchdog.conf"
            + " && systemctl daemon-reload && systemctl restart tlswaiver");
    String agent = main();
    // The thinking thread waits for this one, as long as it waits for any program: 30 s.
    machine.must(
        "printf '#!/bin/sh\\nexec sleep 25\\n' >/usr/local/bin/postconf"
            + " && chmod 755 /usr/local/bin/postconf");
    machine.must("(tlswaiver grant 198.51.100.11 --rung legacy --force >/dev/null 2>&1 &)");
    awaitJournal("Watchdog timeout");
    machine.must("rm /usr/local/bin/postconf");
    awaitJournal("\"thinking\" #");
    Lab.await("another agent", () -> !main().equals(agent) && isReady());
    machine.must(
        "rm -r /run/systemd/system/tlswaiver.service.d && systemctl daemon-reload"
            + " && systemctl restart tlswaiver");
    // It was asked for before the thread hung, and so it is given now.
    awaitJournal("waiver 3 PROPOSED -> ACTIVE");
    machine.must("tlswaiver revoke 198.51.100.11");
  }

  @Test
  @Order(9)
  void aWatchdogThatIsFedStaysQuiet() {
    assertThat(machine.property("tlswaiver", "WatchdogUSec")).isEqualTo("3min");
    assertThat(machine.journal().split("Watchdog timeout", -1)).hasSizeLessThanOrEqualTo(2);
  }

  @Test
  @Order(10)
  void aPostfixThatDiesInAPlanIsStartedBySystemd() {
    // A reload that kills master(8), as one with a taken port does, and says that all is well.
    machine.must(
        "printf '#!/bin/sh\\ncase \"$*\" in *reload) kill -KILL $(cat"
            + " /var/spool/postfix/pid/master.pid); exit 0;; esac\\nexec /usr/sbin/postfix"
            + " \"$@\"\\n' >/usr/local/sbin/postfix && chmod 755 /usr/local/sbin/postfix");
    machine.shell("tlswaiver revoke " + Machine.OLD);
    awaitJournal("plan rolled back");
    Lab.await("Postfix", () -> machine.shell("/usr/sbin/postfix status").exit() == 0);
    machine.must("rm /usr/local/sbin/postfix");
    assertThat(machine.must("cat /proc/$(tr -d ' ' </var/spool/postfix/pid/master.pid)/cgroup"))
        .contains("postfix@-.service")
        .doesNotContain("tlswaiver");
    machine.must("systemctl restart tlswaiver");
    awaitHostAsBefore();
  }

  /** The agent is ready before the hand was asked. */
  private void awaitHostAsBefore() {
    Lab.await("the host as before", () -> machine.mailHost().equals(before));
  }

  @Test
  @Order(11)
  void anUpgradeKeepsStateAndConfiguration() {
    grant("7d");
    String list = machine.must("tlswaiver list");
    String configuration = machine.must("cat " + CONFIG);
    machine.must(
        "dpkg-deb -R /root/tlswaiver.deb /root/next"
            + " && sed -i 's/^Version: .*/&+1/' /root/next/DEBIAN/control"
            + " && dpkg-deb -Znone -b /root/next /root/next.deb"
            + " && dpkg --install --force-confold /root/next.deb && rm -r /root/next");
    assertThat(isReady()).isTrue();
    assertThat(machine.must("tlswaiver list")).isEqualTo(list);
    assertThat(machine.must("cat " + CONFIG)).isEqualTo(configuration);
    assertThat(machine.send()).isTrue();
    machine.must("tlswaiver revoke " + Machine.OLD);
  }

  /** An agent of before was root, and all in its directory was. */
  @Test
  @Order(11)
  void anUpgradeFromAnAgentThatWasRootLosesNothing() {
    grant("7d");
    machine.must("tlswaiver grant 203.0.113.0/24 --rung legacy --force --for 60d");
    machine.must(
        "systemctl stop tlswaiver tlswaiver-hand.socket tlswaiver-hand"
            + " && mv /var/lib/tlswaiver-hand/tls /var/lib/tlswaiver/"
            + " && sed -i 's,/var/lib/tlswaiver-hand/tls,/var/lib/tlswaiver/tls,'"
            + " /etc/postfix/master.cf && postfix reload"
            + " && rm -r /var/lib/tlswaiver-hand && chown -R root /var/lib/tlswaiver");
    String list = machine.must("tlswaiver list");
    machine.must("dpkg --install --force-confold /root/tlswaiver.deb");
    assertThat(list).endsWith(machine.must("tlswaiver list"));
    Lab.await("order", () -> machine.shell("tlswaiver plan").exit() == 0);
    assertThat(machine.must("cat /etc/postfix/master.cf")).doesNotContain("/var/lib/tlswaiver/tls");
    assertThat(machine.send()).isTrue();
    machine.must("tlswaiver revoke 203.0.113.0");
    machine.must("tlswaiver revoke " + Machine.OLD);
  }

  @Test
  @Order(11)
  void rootMayRunItInOneProcessAndGoBack() {
    grant("7d");
    machine.must("systemctl stop tlswaiver tlswaiver-hand.socket tlswaiver-hand");
    machine.must(
        "(setsid tlswaiver run >/root/one.log 2>&1 & echo $! >/root/one.pid) &&"
            + " for i in $(seq 300); do grep -q 'start version' /root/one.log && break; sleep 0.1; done");
    assertThat(machine.send()).isTrue();
    assertThat(machine.must("tlswaiver list")).contains(Machine.OLD);
    machine.must(
        "kill $(cat /root/one.pid); while kill -0 $(cat /root/one.pid) 2>/dev/null; do sleep 0.1; done");
    machine.must("rm /root/one.*; systemctl start tlswaiver-hand.socket tlswaiver");
    assertThat(machine.must("find /var/lib/tlswaiver -type f ! -user tlswaiver ! -path '*/tls/*'"))
        .isEmpty();
    assertThat(machine.send()).isTrue();
    machine.must("tlswaiver revoke " + Machine.OLD);
  }

  @Test
  @Order(12)
  void aSweepLeavesTheLivingAgentItsBusiness() {
    grant("7d");
    assertThat(machine.must("tlswaiver sweep")).contains("an agent is running");
    machine.must("systemctl start tlswaiver-sweep.service");
    assertThat(isInForce()).isTrue();
    machine.must("tlswaiver revoke " + Machine.OLD);
  }

  @Test
  @Order(13)
  void aSweepEndsWhatIsPastItsTimeWithoutAnAgent() {
    grant("40s");
    machine.must("systemctl stop tlswaiver");
    machine.must("systemctl start tlswaiver-sweep.service");
    assertThat(machine.must("cat /etc/postfix/master.cf")).contains("BEGIN tlswaiver");
    Lab.await("the end of its redirect", Duration.ofMinutes(1), () -> !isInForce());
    // The hand is alive, and does its own sweeping; the ledger's is left to the timer.
    awaitHostAsBefore();
    machine.must("systemctl start tlswaiver-sweep.service");
    assertThat(machine.must("tlswaiver list --all")).contains("INEFFECTIVE");
    assertThat(machine.journal()).contains("ACTIVE -> INEFFECTIVE");
    machine.must("systemctl start tlswaiver");
  }

  @Test
  @Order(14)
  void removingRevertsPostfixAndNftablesAndKeepsTheLedger() {
    grant("7d");
    assertThat(machine.mailHost()).isNotEqualTo(before);
    machine.must("dpkg --remove tlswaiver");
    assertThat(machine.mailHost()).isEqualTo(before);
    assertThat(machine.must("ls /var/lib/tlswaiver")).contains("ledger.db");
    assertThat(machine.shell("ls /var/cache/tlswaiver").exit()).isNotZero();
    assertThat(machine.must("ps -e -o args")).doesNotContain("tlswaiver.jar");
    machine.must("postfix status");
  }

  @Test
  @Order(15)
  void withoutPostfixTheRemovalGoesOnAndSaysWhatIsLeft() {
    machine.must("dpkg --install /root/tlswaiver.deb");
    grant("7d");
    machine.must("systemctl stop postfix");
    assertThat(machine.must("dpkg --remove tlswaiver 2>&1"))
        .contains("Postfix is not running")
        .contains("sed -i '/^# BEGIN tlswaiver/,/^# END tlswaiver/d' /etc/postfix/master.cf");
    assertThat(isInForce()).isFalse();
    machine.must("sed -i '/^# BEGIN tlswaiver/,/^# END tlswaiver/d' /etc/postfix/master.cf");
    machine.must("rm -f /etc/postfix/tlswaiver-* && systemctl start postfix");
    assertThat(machine.mailHost()).isEqualTo(before);
  }

  @Test
  @Order(16)
  void purgingLeavesNothing() {
    machine.must("dpkg --purge tlswaiver && rm /root/*.deb");
    assertThat(machine.must("find / -xdev -name '*tlswaiver*'")).isEmpty();
    assertThat(machine.shell("getent group tlswaiver").output()).isEmpty();
    assertThat(machine.shell("getent passwd tlswaiver").output()).isEmpty();
    assertThat(machine.property("tlswaiver", "LoadState")).isEqualTo("not-found");
  }
}
