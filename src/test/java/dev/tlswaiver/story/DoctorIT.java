package dev.tlswaiver.story;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Lab.CommandResult;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * {@code tlswaiver doctor} on a real host: nothing to find on a healthy one, and each ailment that
 * is given to it is found once, alone, and gone after its mend.
 */
final class DoctorIT {
  private static Lab lab;

  @BeforeAll
  static void buildLab() throws IOException {
    lab = Lab.up();
    selfSigned(
        "ca.pem",
        "/CN=Some Authority",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        file("ca-key.pem"));
    // The laboratory's own certificate is good for two days and signed by nobody, which are
    // findings.
    certificate("cert.pem", "-days", "90", "-key", file("key.pem"));
    lab.onHost("cp", file("cert.pem"), file("good.pem"));
    lab.onHost("cp", "-a", lab.postfix().toString(), lab.postfix() + ".good");
    lab.configure();
  }

  @AfterAll
  static void takeLabAway() throws IOException {
    lab.close();
  }

  @BeforeEach
  @AfterEach
  void cure() throws IOException {
    lab.onHost("nft", "flush", "ruleset");
    lab.onHost("rm", "-rf", lab.state().toString());
    lab.onHost("cp", file("good.pem"), file("cert.pem"));
    for (String name : List.of("main.cf", "master.cf")) {
      Files.copy(
          Path.of(lab.postfix() + ".good", name),
          lab.postfix().resolve(name),
          StandardCopyOption.REPLACE_EXISTING,
          StandardCopyOption.COPY_ATTRIBUTES);
    }
  }

  private static String file(String name) {
    return lab.postfix().resolveSibling("tls").resolve(name).toString();
  }

  private static void selfSigned(String name, String subject, String... more) {
    List<String> command =
        new ArrayList<>(List.of("openssl", "req", "-x509", "-days", "90", "-subj", subject));
    command.addAll(List.of("-out", file(name)));
    command.addAll(List.of(more));
    lab.onHost(command.toArray(String[]::new));
  }

  /** One that the authority signed, with the authority's own behind it. */
  private static void certificate(String name, String... more) throws IOException {
    List<String> signed =
        new ArrayList<>(List.of("-CA", file("ca.pem"), "-CAkey", file("ca-key.pem")));
    signed.addAll(List.of(more));
    selfSigned(name, "/CN=mx.strict.example", signed.toArray(String[]::new));
    append(name, "ca.pem");
  }

  private static void append(String name, String issuer) throws IOException {
    Files.writeString(
        Path.of(file(name)),
        Files.readString(Path.of(file(name))) + Files.readString(Path.of(file(issuer))));
  }

  private static JsonObject doctor(int exit, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("--format", "json"));
    arguments.addAll(List.of(more));
    CommandResult result =
        lab.tlswaiver(lab.configuration(), "doctor", arguments.toArray(String[]::new));
    assertThat(result.exit()).as(result.output()).isEqualTo(exit);
    return JsonParser.parseString(result.output()).getAsJsonObject();
  }

  private static List<String> ids(JsonArray findings) {
    List<String> ids = new ArrayList<>();
    for (JsonElement finding : findings) {
      ids.add(finding.getAsJsonObject().get("id").getAsString());
    }
    return ids;
  }

  /** The one finding. */
  private static JsonObject only(String id) throws IOException {
    JsonArray findings = doctor(3).getAsJsonArray("findings");
    assertThat(ids(findings)).as(findings.toString()).containsExactly(id);
    return findings.get(0).getAsJsonObject();
  }

  private static String mend(String id) throws IOException {
    return only(id).get("mend").getAsString();
  }

  private static void assertHealthy() throws IOException {
    assertThat(doctor(0).getAsJsonArray("findings")).isEmpty();
  }

  private static void postconf(String... arguments) {
    List<String> command = new ArrayList<>(List.of("postconf", "-c", lab.postfix().toString()));
    command.addAll(List.of(arguments));
    lab.onHost(command.toArray(String[]::new));
  }

  private static void load(String ruleset) throws IOException {
    Path file = lab.programs().resolve("ruleset.nft");
    Files.writeString(file, ruleset);
    lab.onHost("nft", "-f", file.toString());
    Files.delete(file);
  }

  @Test
  void aHealthyHostGivesNoFinding() throws IOException {
    JsonObject checkup = doctor(0);
    assertThat(checkup.getAsJsonArray("findings")).isEmpty();
    // The laboratory has no resolver.
    assertThat(checkup.getAsJsonArray("unseen")).hasSize(1);
    assertThat(checkup.getAsJsonArray("unseen").get(0).getAsString())
        .contains("TLSA records of mx.strict.example", "no resolver answers");
    assertThat(checkup.keySet())
        .containsExactly("postfix", "openssl", "nftables", "rungs", "findings", "unseen");
    assertThat(checkup.get("postfix").getAsString()).matches("[0-9]+\\.[0-9]+\\..*");
    JsonObject legacy = checkup.getAsJsonArray("rungs").get(3).getAsJsonObject();
    assertThat(legacy.get("rung").getAsString()).isEqualTo("legacy");
    assertThat(legacy.get("port").getAsInt()).isEqualTo(10127);
    assertThat(legacy.get("possible").getAsBoolean()).isTrue();
    assertThat(legacy.get("why").isJsonNull()).isTrue();
    assertThat(legacy.get("versions").toString()).contains("TLSv1", "TLSv1.3");
    assertThat(legacy.get("suites").getAsInt()).isPositive();
    assertThat(lab.tlswaiver(lab.configuration(), "doctor").output())
        .contains("Postfix ", "legacy     10127  TLSv1, ", "Nothing found.");
  }

  @Test
  void itTouchesNothing() throws IOException {
    load("table inet filter { }\n");
    Lab.HostState before = lab.hostState();
    doctor(0);
    assertThat(lab.hostState()).isEqualTo(before);
  }

  @Test
  void aHostWithWaiversInForceIsHealthy() throws IOException {
    Path master = lab.postfix().resolve("master.cf");
    Files.writeString(
        master,
        Files.readString(master)
            + "# BEGIN tlswaiver -- written by tlswaiver; changes between these two lines are"
            + " undone\n10127 inet n - n - - smtpd\n  -o"
            + " syslog_name=postfix/tlswaiver-legacy\n# END tlswaiver\n");
    Files.setLastModifiedTime(master, FileTime.from(Instant.now().minusSeconds(10)));
    lab.onHost("postfix", "-c", lab.postfix().toString(), "reload");
    Lab.await("the listener", () -> lab.canConnect(Lab.MODERN, 10127));
    try {
      assertHealthy();
    } finally {
      cure();
      lab.onHost("postfix", "-c", lab.postfix().toString(), "reload");
      Lab.await("its end", () -> !lab.canConnect(Lab.MODERN, 10127));
    }
  }

  @Test
  void anExpiredCertificate() throws IOException {
    String request = file("expired.csr");
    lab.onHost(
        "openssl",
        "req",
        "-new",
        "-subj",
        "/CN=mx.strict.example",
        "-key",
        file("key.pem"),
        "-out",
        request);
    lab.onHost(
        "openssl",
        "x509",
        "-req",
        "-in",
        request,
        "-CA",
        file("ca.pem"),
        "-CAkey",
        file("ca-key.pem"),
        "-CAcreateserial",
        "-days",
        "-1",
        "-out",
        file("cert.pem"));
    append("cert.pem", "ca.pem");
    assertThat(only("certificate-expired").get("what").getAsString()).contains("cert.pem");
  }

  @Test
  void aCertificateThatExpiresSoon() throws IOException {
    certificate("cert.pem", "-days", "20", "-key", file("key.pem"));
    only("certificate-expires-soon");
    certificate("cert.pem", "-days", "22", "-key", file("key.pem"));
    assertHealthy();
  }

  @Test
  void anEcdsaCertificateAloneAndOneWithRsaBesideIt() throws IOException {
    certificate(
        "ec.pem",
        "-days",
        "90",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        file("ec-key.pem"));
    String chain = file("ec-key.pem") + "," + file("ec.pem");
    postconf("-e", "smtpd_tls_chain_files=" + chain);
    assertThat(only("certificate-ecdsa-only").get("why").getAsString())
        .contains("no shared cipher");
    postconf(
        "-e", "smtpd_tls_chain_files=" + chain + "," + file("key.pem") + "," + file("cert.pem"));
    assertHealthy();
  }

  @Test
  void aKeyOfAnotherCertificate() throws IOException {
    certificate(
        "other.pem",
        "-days",
        "90",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        file("other-key.pem"));
    postconf("-e", "smtpd_tls_chain_files=" + file("other-key.pem") + "," + file("cert.pem"));
    only("key-mismatch");
  }

  @Test
  void anEncryptedKey() throws IOException {
    lab.onHost(
        "openssl",
        "pkey",
        "-in",
        file("key.pem"),
        "-aes128",
        "-passout",
        "pass:secret",
        "-out",
        file("locked.pem"));
    postconf("-e", "smtpd_tls_chain_files=" + file("locked.pem") + "," + file("cert.pem"));
    only("key-unreadable");
  }

  @Test
  void aCertificateWithoutItsIssuer() throws IOException {
    lab.onHost("openssl", "x509", "-in", file("good.pem"), "-out", file("cert.pem"));
    only("certificate-chain-missing");
    append("cert.pem", "ca.pem");
    assertHealthy();
  }

  @Test
  void anIssuerWithoutItsOwnIssuer() throws IOException {
    certificate("sub.pem", "-newkey", "rsa:2048", "-nodes", "-keyout", file("sub-key.pem"));
    lab.onHost("openssl", "x509", "-in", file("sub.pem"), "-out", file("sub.pem"));
    selfSigned(
        "cert.pem",
        "/CN=mx.strict.example/O=leaf",
        "-key",
        file("key.pem"),
        "-CA",
        file("sub.pem"),
        "-CAkey",
        file("sub-key.pem"));
    append("cert.pem", "sub.pem");
    assertThat(only("certificate-chain-missing").get("what").getAsString())
        .contains("CN=Some Authority");
    // Behind a certificate with company OpenSSL looks up nothing.
    postconf("-e", "smtpd_tls_CAfile=" + file("ca.pem"));
    only("certificate-chain-missing");
    append("cert.pem", "ca.pem");
    assertHealthy();
  }

  @Test
  void theFilesOfAuthoritiesAreWhatOpensslSendsBehindALonelyCertificate() throws IOException {
    lab.onHost("openssl", "x509", "-in", file("good.pem"), "-out", file("cert.pem"));
    selfSigned(
        "other-ca.pem", "/CN=Another", "-newkey", "rsa:2048", "-nodes", "-keyout", file("x.pem"));
    postconf("-e", "smtpd_tls_CAfile=" + file("other-ca.pem"));
    only("certificate-chain-missing");
    postconf("-e", "smtpd_tls_CAfile=" + file("ca.pem"));
    assertHealthy();
  }

  @Test
  void anIssuerOfTheRightNameWithAnotherKey() throws IOException {
    selfSigned(
        "twin.pem",
        "/CN=Some Authority",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        file("x.pem"));
    lab.onHost("openssl", "x509", "-in", file("good.pem"), "-out", file("cert.pem"));
    append("cert.pem", "twin.pem");
    only("certificate-chain-wrong");
  }

  @Test
  void aCertificateThatNobodyElseSigned() throws IOException {
    selfSigned("cert.pem", "/CN=mx.strict.example", "-key", file("key.pem"));
    only("certificate-self-signed");
  }

  @Test
  void whatTheDomainPromisesOfTheCertificate() throws IOException {
    Path zones = lab.programs().resolve("zones");
    Files.writeString(zones, "mx.strict.example A 192.0.2.25\n");
    RunningTlswaiver resolver = lab.resolve(zones);
    try {
      JsonObject checkup = doctor(0);
      assertThat(checkup.getAsJsonArray("unseen")).isEmpty();

      String tlsa = "_25._tcp.mx.strict.example TLSA ";
      Files.writeString(zones, tlsa + "030101" + "00".repeat(32) + "\n");
      JsonArray findings = doctor(3).getAsJsonArray("findings");
      assertThat(ids(findings)).containsExactly("tlsa-mismatch", "relaxed-key-unpublished");
      String record = findings.get(0).getAsJsonObject().get("mend").getAsString();
      String hash = record.replaceAll(".* 3 1 1 ([0-9a-f]{64}).*", "$1");
      Files.writeString(zones, tlsa + "030101" + hash + "\n", StandardOpenOption.APPEND);
      assertThat(only("relaxed-key-unpublished").get("what").getAsString())
          .contains("ciphers, legacy");
      // With an authority's key the issuer that is sent counts.
      String authority =
          lab.outputOnHost(
                  "sh",
                  "-c",
                  "openssl x509 -in " + file("ca.pem") + " -outform DER | sha256sum | cut -c 1-64")
              .strip();
      Files.writeString(zones, tlsa + "020001" + authority + "\n");
      only("relaxed-key-unpublished");

      Files.writeString(zones, "_mta-sts.strict.example TXT v=STSv1;id=1\n");
      assertThat(ids(doctor(3).getAsJsonArray("findings")))
          .containsExactly("mta-sts-unmet", "relaxed-key-unpublished");
      certificate(
          "cert.pem", "-key", file("key.pem"), "-addext", "subjectAltName=DNS:*.strict.example");
      only("relaxed-key-unpublished");
    } finally {
      resolver.kill();
    }
  }

  @Test
  void aPostfixOfLongAgo() throws IOException {
    lab.disguise(
        "postconf",
        "case \" $* \" in *' -x '*) echo \"postconf: invalid option -- 'x'\" >&2; exit 1;;"
            + " *mail_version*) echo 2.6.6; exit 0;; esac\nexec \"$REAL\" \"$@\"");
    try {
      JsonArray findings = doctor(3).getAsJsonArray("findings");
      assertThat(ids(findings))
          .startsWith("postfix-too-old")
          .doesNotContain("public-service-missing");
      assertThat(findings.get(0).getAsJsonObject().get("what").getAsString())
          .isEqualTo("This is Postfix 2.6.");
      String why = "this is Postfix 2.6.6, which is too old; 2.10 or later is needed";
      lab.run(lab.configuration()).await(why);
      assertThat(lab.tlswaiver(lab.configuration(), "plan").output())
          .isEqualTo("tlswaiver: " + why + "\n");
    } finally {
      Files.delete(lab.programs().resolve("postconf"));
    }
  }

  @Test
  void aPostfixThatLogsBySender() throws IOException {
    lab.disguise(
        "postconf",
        "\"$REAL\" \"$@\" 2>/dev/null | sed 's/^mail_version = .*/mail_version = 3.12-20260821/'\n"
            + "case \" $* \" in *' smtpd_tls_loglevel_maps'*)"
            + " echo 'smtpd_tls_loglevel_maps = cidr:/etc/postfix/quiet';; esac");
    try {
      assertThat(mend("tls-loglevel-by-sender")).contains("'smtpd_tls_loglevel_maps = '");
    } finally {
      Files.delete(lab.programs().resolve("postconf"));
    }
  }

  @Test
  void manyHandshakesThatTimeOut() throws IOException {
    Path log = lab.programs().resolve("stalled.log");
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      String peer = "unknown[203.0.113." + i + "]";
      String head = "2026-03-01T10:00:" + (10 + i) + "+00:00 mx postfix/smtpd[" + (100 + i) + "]: ";
      lines.append(head).append("connect from ").append(peer).append('\n');
      lines
          .append(head)
          .append("SSL_accept error from ")
          .append(peer)
          .append(": Connection timed out\n");
      lines.append(head).append("lost connection after STARTTLS from ").append(peer).append('\n');
      lines.append(head).append("disconnect from ").append(peer).append('\n');
    }
    Files.writeString(log, lines);
    lab.configure("log: {source: file, path: " + log + ", trust: file}");
    try {
      // One network is one that stalls.
      assertThat(ids(doctor(0).getAsJsonArray("findings"))).isEmpty();
      Files.writeString(
          log,
          lines
              .toString()
              .replace("[203.0.113.3]", "[198.51.100.3]")
              .replace("[203.0.113.4]", "[192.0.2.4]"));
      assertThat(only("handshakes-time-out").get("what").getAsString())
          .isEqualTo("Of the last 12 handshakes in the log 12 timed out, from 3 networks.");
    } finally {
      lab.configure();
      Files.delete(log);
    }
  }

  @Test
  void noCertificateAtAll() throws IOException {
    postconf("-e", "smtpd_tls_chain_files=");
    only("certificate-missing");
  }

  @Test
  void aCertificateFileThatIsGone() throws IOException {
    postconf("-e", "smtpd_tls_chain_files=", "smtpd_tls_cert_file=" + file("gone.pem"));
    only("certificate-unreadable");
    postconf("-e", "smtpd_tls_cert_file=" + file("cert.pem"), "smtpd_tls_key_file=/nonexistent");
    only("key-unreadable");
    postconf("-e", "smtpd_tls_key_file=" + file("key.pem"));
    assertHealthy();
  }

  @Test
  void aSettingOfTheClientOnTheServer() throws IOException {
    postconf("-P", "smtp/inet/smtp_tls_security_level=encrypt");
    String mend = mend("client-setting-on-server");
    lab.onHost("sh", "-c", mend.substring(0, mend.indexOf(';')));
    assertHealthy();
  }

  /** Each is mended by the very command that the finding tells. */
  @ParameterizedTest
  @CsvSource({
    "protocol-list-positive, smtpd_tls_protocols, '!SSLv2,!SSLv3,TLSv1'",
    "protocol-list-positive, smtpd_tls_protocols, TLSv1.2",
    "protocol-list-gap, smtpd_tls_protocols, '!TLSv1'",
    "protocol-list-invalid, smtpd_tls_protocols, TLSv1.4",
    "protocol-list-empty, smtpd_tls_protocols, '!SSLv2,!SSLv3,!TLSv1,!TLSv1.1,!TLSv1.2,!TLSv1.3'",
    "no-forward-secrecy, smtpd_tls_exclude_ciphers, 'aNULL,ECDHE,DHE'",
    "tls-off, smtpd_tls_security_level, none",
    "tls-mandatory, smtpd_tls_security_level, encrypt",
    "starttls-hidden, smtpd_discard_ehlo_keywords, starttls",
    "groups-few, tls_eecdh_auto_curves, X25519",
    "tls-loglevel-zero, smtpd_tls_loglevel, 0",
    "tls-loglevel-high, smtpd_tls_loglevel, 4"
  })
  void aSettingThatHurts(String id, String parameter, String value) throws IOException {
    postconf("-e", parameter + "=" + value);
    lab.onHost("sh", "-c", mend(id));
    assertHealthy();
  }

  @Test
  void aSettingThatHurtsIsMendedWhereItStands() throws IOException {
    postconf("-P", "smtp/inet/smtpd_tls_exclude_ciphers=aNULL,ECDHE,DHE");
    lab.onHost("sh", "-c", mend("no-forward-secrecy"));
    postconf("-P", "smtp/inet/smtpd_tls_protocols=TLSv1");
    lab.onHost("sh", "-c", mend("protocol-list-positive"));
    assertHealthy();
  }

  @ParameterizedTest
  @CsvSource({
    "smtpd_tls_protocols, '>=TLSv1'",
    "smtpd_tls_protocols, '!SSLv2,!SSLv3'",
    "smtpd_tls_protocols, 'TLSv1.2,TLSv1.3'",
    "smtpd_tls_protocols, '>=TLSv1.2,<=TLSv1.2'",
    "smtpd_tls_protocols, 'TLSv1.2,!TLSv1.3'",
    "smtpd_tls_exclude_ciphers, ''",
    "smtpd_tls_security_level, may"
  })
  void aSettingThatIsTheOperatorsWord(String parameter, String value) throws IOException {
    postconf("-e", parameter + "=" + value);
    assertHealthy();
  }

  @ParameterizedTest
  @CsvSource({
    "cipher-settings-invalid, smtpd_tls_exclude_ciphers=!aNULL",
    "cipher-settings-invalid, smtpd_tls_ciphers=strong",
    "proxy-protocol, smtpd_upstream_proxy_protocol=haproxy",
    "unused-parameter, smtpd_tls_protocol=TLSv1.2",
    "map-type-missing, default_database_type=none"
  })
  void aSettingThatCanNotBeMeant(String id, String setting) throws IOException {
    postconf("-e", setting);
    only(id);
  }

  /** The actuator refuses a service behind a proxy, however waived peers are steered. */
  @Test
  void nothingThatIsRefusedMendsAServiceBehindAProxy() throws IOException {
    postconf("-e", "smtpd_upstream_proxy_protocol=haproxy");
    assertThat(mend("proxy-protocol")).contains("postfix.public_service").doesNotContain("backend");
  }

  @Test
  void anOverrideThatIsWrittenWithBlanks() throws IOException {
    Path master = lab.postfix().resolve("master.cf");
    String text = Files.readString(master);
    Files.writeString(master, text + "2525 inet n - n - - smtpd\n  -o smtpd_tls_loglevel = 1\n");
    only("override-broken");
    Files.writeString(
        master, text + "2525 inet n - n - - smtpd\n  -o { smtpd_tls_loglevel = 1 }\n");
    assertHealthy();
  }

  @Test
  void aServiceThatStandsThereTwice() throws IOException {
    Path master = lab.postfix().resolve("master.cf");
    Files.writeString(master, Files.readString(master) + "smtp inet n - n - - smtpd\n");
    only("duplicate-service");
  }

  @Test
  void postfixsOwnLogWithoutItsService() throws IOException {
    postconf("-MX", "postlog/unix-dgram");
    lab.onHost("sh", "-c", mend("postlog-missing"));
    assertHealthy();
  }

  @Test
  void withoutPostfixTheRestIsExaminedAllTheSame() throws IOException {
    lab.configure("postfix: {config_directory: /nonexistent}");
    load("table inet filter { }\n");
    try {
      only("postfix-missing");
    } finally {
      lab.configure();
    }
  }

  @Test
  void anInputPolicyOfDropAndTheRuleThatMendsIt() throws IOException {
    load(
        """
        table inet filter {
          chain input {
            type filter hook input priority filter; policy drop;
            ct state established,related accept
            iifname "lo" accept
            meta l4proto ipv6-icmp accept
            tcp dport 25 accept
          }
        }
        table inet tlswaiver {
          chain divert {
            type nat hook prerouting priority dstnat; policy accept;
            ip saddr 198.51.100.10 tcp dport 25 redirect to :10127
          }
          chain late {
            type filter hook input priority 300; policy accept;
            ct status dnat accept
          }
        }
        """);
    // An accept of our own does not overrule it.
    assertThat(lab.canConnect(Lab.MODERN, 25)).isTrue();
    assertThat(lab.canConnect(Lab.OLD, 25)).isFalse();
    String mend = mend("redirect-dropped");
    assertThat(mend)
        .isEqualTo(
            "nft insert rule inet filter input meta l4proto tcp ct status dnat ct original"
                + " proto-dst 25 accept");
    List<String> command = new ArrayList<>(List.of(mend.split(" ")));
    lab.onHost(command.toArray(String[]::new));
    assertHealthy();
    // Nobody listens on the rung's port, which is an answer and no timeout.
    postconf("-M", "10127/inet=10127 inet n - n - - smtpd");
    lab.onHost("postfix", "-c", lab.postfix().toString(), "reload");
    try {
      Lab.await("the redirected connection", () -> lab.canConnect(Lab.OLD, 25));
    } finally {
      cure();
      lab.onHost("postfix", "-c", lab.postfix().toString(), "reload");
    }
  }

  @Test
  void aBanOnThePortAlone() throws IOException {
    load(
        """
        table inet f2b-table {
          set addr-set-postfix { type ipv4_addr; elements = { 203.0.113.66 }; }
          chain f2b-chain {
            type filter hook input priority filter - 1; policy accept;
            tcp dport { 25, 465, 587 } ip saddr @addr-set-postfix reject
          }
        }
        """);
    assertThat(mend("ban-by-port")).contains("nftables-allports");
    lab.onHost("nft", "flush", "set", "inet", "f2b-table", "addr-set-postfix");
    only("ban-by-port");
  }

  @Test
  void whoElseRedirectsThePort() throws IOException {
    load(
        """
        table ip other {
          chain pre {
            type nat hook prerouting priority dstnat; policy accept;
            tcp dport 25 redirect to :2525
          }
        }
        """);
    only("port-redirected-elsewhere");
  }

  @Test
  void aTakenPort() throws Exception {
    Process holder =
        new ProcessBuilder(
                "ip",
                "netns",
                "exec",
                lab.onHost("ip", "netns", "identify").strip(),
                "perl",
                "-MIO::Socket::INET",
                "-e",
                "my $s = IO::Socket::INET->new(LocalPort => 10126, Listen => 1) or die;"
                    + " $| = 1; print qq(up\\n); sleep 600")
            .redirectErrorStream(true)
            .start();
    try {
      assertThat(holder.inputReader().readLine()).isEqualTo("up");
      assertThat(only("port-taken").get("what").getAsString())
          .contains("Port 10126 of the rung ciphers is taken by perl (process ");
    } finally {
      holder.destroyForcibly().waitFor();
    }
    assertHealthy();
  }

  @Test
  void aLogThatStandsStillOrIsNone() throws IOException {
    Path copy = lab.programs().resolve("copy.log");
    lab.onHost("cp", lab.maillog().toString(), copy.toString());
    Files.setLastModifiedTime(copy, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
    try {
      lab.configure("log: {source: file, path: " + copy + ", trust: file}");
      only("log-silent");
      lab.configure("log: {source: file, path: /nonexistent/maillog}");
      only("log-missing");
      Path other = lab.programs().resolve("other.log");
      Files.writeString(other, "Mar  1 10:00:00 mx cron[1]: hello\n");
      lab.configure("log: {source: file, path: " + other + ", trust: file}");
      only("log-without-postfix");
      Files.delete(other);
      Files.delete(copy);
    } finally {
      lab.configure();
    }
  }

  @Test
  void placesThatAreOpenToOthers() throws IOException {
    Files.createDirectories(lab.state().resolve("tls"));
    Path key = lab.state().resolve("tls/relaxed.pem");
    Files.writeString(key, "");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    Files.setPosixFilePermissions(lab.state(), PosixFilePermissions.fromString("rwxrwxrwx"));
    lab.onHost("sh", "-c", mend("state-directory-open"));
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
    only("relaxed-key-open");
    Files.delete(key);
    assertHealthy();
  }

  @Test
  void anEnabledRungThatOpenSslCanNotServe() throws IOException {
    boolean hasSslv3 =
        doctor(0).getAsJsonArray("rungs").get(4).getAsJsonObject().get("possible").getAsBoolean();
    try {
      lab.configure("ladder: [{rung: sslv3, enabled: true, port: 10128}]");
      if (hasSslv3) {
        assertHealthy();
        return;
      }
      assertThat(mend("rung-impossible")).contains("{rung: sslv3, enabled: false, port: 10128}");
    } finally {
      lab.configure();
    }
  }

  @Test
  void aStoppedPostfix() throws IOException {
    lab.stopPostfix();
    try {
      assertThat(mend("postfix-stopped")).endsWith(" start");
    } finally {
      lab.startPostfix();
    }
  }
}
