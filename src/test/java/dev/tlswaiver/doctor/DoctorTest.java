package dev.tlswaiver.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.tlswaiver.actuator.Redirect;
import dev.tlswaiver.actuator.Settings;
import dev.tlswaiver.actuator.postfix.PostfixVersion;
import dev.tlswaiver.dns.OwnZone;
import dev.tlswaiver.waiver.Rung;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hosts that a laboratory does not have: empty, strange, or seen by somebody who is not root. */
final class DoctorTest {
  private static final String OPEN = "src/test/resources/nftables/open.json";

  /** What a container without the capability has. */
  private static final String WITHOUT = "Name:\tjava\nCapEff:\t00000000a80425fb\n";

  private static final String WITH = "Name:\tjava\nCapEff:\t000001ffffffffff\n";

  @TempDir Path root;

  private Path log() {
    return root.resolve("var/log/mail.log");
  }

  @BeforeEach
  void writeLog() throws IOException {
    write("var/log/mail.log", "Mar  1 10:00:00 mx postfix/smtpd[1]: connect from a[192.0.2.1]\n");
  }

  private void write(String name, String text) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private Patient patient(RecordedPrograms programs, Redirect redirect, boolean isRoot) {
    return new Patient(
        new Settings(
            root.resolve("etc/postfix"),
            Optional.empty(),
            Map.of(Rung.LEGACY, 0, Rung.SSLV3, 0),
            redirect,
            root.resolve("state")),
        programs,
        Set.of(Rung.LEGACY),
        Optional.of(log()),
        false,
        root.resolve("run/control.sock"),
        OwnZone.UNKNOWN,
        root,
        isRoot,
        List.of(),
        Instant.now());
  }

  private static List<String> ids(Checkup checkup) {
    return checkup.findings().stream().map(finding -> finding.ailment().id()).toList();
  }

  private static RecordedPrograms usual() throws IOException {
    return new RecordedPrograms()
        .print("openssl version -d", "OPENSSLDIR: \"/nonexistent\"\n")
        .print("openssl version", "OpenSSL 3.0.22 25 Aug 2026 (Library: OpenSSL 3.0.22)\n")
        .print("nft --version", "nftables v1.0.6 (Lester Gooch #5)\n")
        .print("nft --check -f -", "")
        .print("nft -j list ruleset", Files.readString(Path.of(OPEN)));
  }

  /** All that is found besides that there is no Postfix. */
  private List<String> found(RecordedPrograms programs) {
    List<String> ids = ids(Doctor.examine(patient(programs, Redirect.NFTABLES, true)));
    assertThat(ids).startsWith("postfix-missing");
    return ids.subList(1, ids.size());
  }

  @Test
  void withNothingThereItSaysWhatIsMissing() {
    Checkup checkup = Doctor.examine(patient(new RecordedPrograms(), Redirect.NFTABLES, true));
    assertThat(ids(checkup)).containsExactly("openssl-missing", "postfix-missing", "nft-missing");
    assertThat(checkup.rungs()).noneMatch(Checkup.RungState::isPossible);
    assertThat(CheckupText.of(checkup)).startsWith("Postfix (not found), OpenSSL (not found)");
    JsonObject json = CheckupJson.of(checkup);
    assertThat(json.get("postfix").isJsonNull()).isTrue();
    assertThat(json.get("nftables").isJsonNull()).isTrue();
  }

  @Test
  void whatTheRungsCanDoIsAskedOnce() throws Exception {
    write("etc/postfix/main.cf", "");
    write("etc/postfix/master.cf", "smtp inet n - y - - smtpd\n");
    RecordedPrograms programs =
        usual()
            .print("openssl ciphers", "")
            .print("postconf", "mail_version = 3.7.11\nsmtpd_tls_security_level = may\n");
    Doctor.examine(patient(programs, Redirect.NFTABLES, true));
    assertThat(programs.run)
        .filteredOn(line -> line.startsWith("openssl ciphers -s -V -tls1_2 "))
        .hasSize(1);
  }

  @Test
  void whereNobodyIsRedirectedNoPacketFilterIsNeeded() {
    assertThat(ids(Doctor.examine(patient(new RecordedPrograms(), Redirect.NONE, true))))
        .doesNotContain("nft-missing");
  }

  @Test
  void whoIsNotRootIsToldWhatItCouldNotSee() throws Exception {
    Checkup checkup = Doctor.examine(patient(usual(), Redirect.NFTABLES, false));
    assertThat(ids(checkup)).containsExactly("postfix-missing");
    assertThat(checkup.unseen()).containsExactly("the packet filter: only root may list its rules");
    assertThat(CheckupText.of(checkup)).contains("Not seen: the packet filter");
  }

  @Test
  void rulesThatCanNotBeReadAreNotSeenAndTheRestIs() throws Exception {
    Files.createDirectories(root.resolve("state"));
    Files.setPosixFilePermissions(
        root.resolve("state"), PosixFilePermissions.fromString("rwxrwx---"));
    RecordedPrograms programs =
        new RecordedPrograms()
            .print("openssl version -d", "")
            .print("openssl version", "OpenSSL 3.0.22 25 Aug 2026\n")
            .print("nft --version", "nftables v1.0.6\n")
            .print("nft --check -f -", "")
            .fail("nft -j list ruleset", "Operation not permitted");
    Checkup checkup = Doctor.examine(patient(programs, Redirect.NFTABLES, true));
    assertThat(checkup.unseen())
        .containsExactly("nft can't list the ruleset; are we root? Operation not permitted");
    assertThat(ids(checkup)).containsExactly("postfix-missing", "state-directory-open");
  }

  @Test
  void rootOfAContainerMayLackTheCapability() throws Exception {
    write("proc/self/status", WITHOUT);
    assertThat(found(usual())).containsExactly("no-net-admin");
    write("proc/self/status", WITH);
    assertThat(found(usual())).isEmpty();
  }

  @Test
  void aKernelWithoutTimeoutsIsFound() throws Exception {
    RecordedPrograms programs =
        new RecordedPrograms().fail("nft --check -f -", "Error: Operation not supported");
    programs
        .print("openssl version -d", "")
        .print("openssl version", "OpenSSL 1.0.2k-fips  26 Jan 2017\n")
        .print("nft --version", "nftables v0.8\n")
        .print("nft -j list ruleset", "{\"nftables\": []}");
    assertThat(found(programs)).containsExactly("nft-no-timeouts");
  }

  @Test
  void rulesOfIptablesLegacyAreFoundBesideTheOthers() throws Exception {
    RecordedPrograms programs =
        usual()
            .print(
                "iptables-legacy-save",
                Files.readString(Path.of("src/test/resources/nftables/iptables-legacy.save")))
            .print("ip6tables-legacy-save", "");
    assertThat(found(programs)).containsExactly("redirect-dropped", "iptables-legacy");
  }

  @Test
  void aReloadThatFlushesEverythingIsFoundWhereTheServiceIsEnabled() throws Exception {
    write("etc/nftables.conf", "#!/usr/sbin/nft -f\n\nflush ruleset\n");
    assertThat(found(usual())).isEmpty();
    write("etc/systemd/system/sysinit.target.wants/nftables.service", "");
    assertThat(found(usual())).containsExactly("ruleset-flushed");
    write("etc/nftables.conf", "#!/usr/sbin/nft -f\n\n# flush ruleset\n");
    assertThat(found(usual())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'/var/log/mail.log {', true",
    "'ROOT/var/log/mail.log {', true",
    "'\"ROOT/var/log/mail.log\" ROOT/var/log/other {', true",
    "'ROOT/var/log/*.log {', true",
    "'ROOT/var/log/[ {', false",
    "'ROOT/var/log/syslog {', false"
  })
  void copytruncateIsFoundWhereItIsAboutThisLog(String names, boolean isFound) throws Exception {
    boolean isThisLog = names.contains("ROOT") && isFound;
    write(
        "etc/logrotate.d/rsyslog",
        names.replace("ROOT", root.toString()) + "\n  weekly\n  copytruncate\n}\n");
    assertThat(found(usual()).contains("log-copytruncate")).isEqualTo(isThisLog);
    write(
        "etc/logrotate.d/rsyslog",
        names.replace("ROOT", root.toString()) + "\n  weekly\n}\n/x {\n  copytruncate\n}\n");
    assertThat(found(usual())).isEmpty();
  }

  @Test
  void aSocketWhereEverybodyMayWriteIsFound() throws Exception {
    Path folder = Files.createDirectories(root.resolve("run"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThat(found(usual())).containsExactly("socket-directory-open");
    Files.setAttribute(folder, "unix:mode", 01777);
    assertThat(found(usual())).isEmpty();
  }

  @Test
  void aStateDirectoryThatIsAFileIsFound() throws Exception {
    write("state", "");
    assertThat(found(usual())).containsExactly("state-directory-unwritable");
  }

  @Test
  void littleSpaceIsFound() {
    Chart chart = new Chart();
    DiskSpace.examine(Path.of("/var/spool/postfix"), "Postfix's queue", 52_428_800, chart);
    assertThat(chart.findings()).isEmpty();
    DiskSpace.examine(Path.of("/var/spool/postfix"), "Postfix's queue", 52_428_799, chart);
    assertThat(chart.findings())
        .extracting(finding -> finding.ailment().id())
        .containsExactly("disk-full");
  }

  @ParameterizedTest
  @CsvSource({
    "rhel, 9.4, DEFAULT, true",
    "almalinux, 9, LEGACY, true",
    "centos, 10, DEFAULT, true",
    "rhel, 9.4, DEFAULT:SHA1, false",
    "rhel, 8.10, DEFAULT, false",
    "fedora, 43, DEFAULT, false",
    "debian, 12, '', false",
    "rhel, nine, DEFAULT, false"
  })
  void policiesThatForbidSha1AreKnown(String id, String version, String policy, boolean forbids)
      throws Exception {
    write("etc/os-release", "ID=\"" + id + "\"\nVERSION_ID=\"" + version + "\"\n");
    write("etc/crypto-policies/state/current", policy + "\n");
    assertThat(new CryptoPolicy(root).objectionToSha1().isPresent()).isEqualTo(forbids);
  }

  @ParameterizedTest
  @CsvSource({
    "MinProtocol, TLSv1.2, 5, openssl-min-protocol",
    "MinProtocol, TLSv1.2, 6, ''",
    "MinProtocol, TLSv1, 5, ''",
    "SignatureAlgorithms, RSA+SHA256:ECDSA+SHA256, 7, openssl-signature-algorithms",
    "SignatureAlgorithms, RSA+SHA256:RSA+SHA1, 7, ''"
  })
  void whatOpenSslsFileTakesFromEveryRungIsFound(String name, String value, int minor, String id) {
    Chart chart = new Chart();
    OpenSslConfiguration.examine(
        name, value, Path.of("/etc/ssl/openssl.cnf"), new PostfixVersion(3, minor), chart);
    assertThat(chart.findings().stream().map(finding -> finding.ailment().id()))
        .containsExactlyElementsOf(Arrays.stream(id.split(" ")).filter(x -> !x.isEmpty()).toList());
  }

  @ParameterizedTest
  @CsvSource({
    "'OpenSSL 3.0.22 25 Aug 2026 (Library: OpenSSL 3.0.22)', 3.0.22",
    "'OpenSSL 1.0.1e-fips 11 Feb 2013', 1.0.1e-fips",
    "'nftables v1.0.6 (Lester Gooch #5)', 1.0.6",
    "'3.11-20260101', 3.11-20260101"
  })
  void versionsAreThoseThatProgramsCallThemselves(String output, String version) {
    assertThat(Doctor.version(new RecordedPrograms().print("x", output), "x")).contains(version);
  }

  @Test
  void theSameIsFoundOnce() {
    Chart chart = new Chart();
    chart.find(Ailment.LOG_SILENT, "what", "mend");
    chart.find(Ailment.LOG_SILENT, "what", "mend");
    chart.find(Ailment.LOG_MISSING, "what", "mend");
    assertThat(chart.findings())
        .extracting(Finding::ailment)
        .containsExactly(Ailment.LOG_MISSING, Ailment.LOG_SILENT);
  }
}
