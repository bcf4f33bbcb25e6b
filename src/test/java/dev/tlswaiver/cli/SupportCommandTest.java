package dev.tlswaiver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.config.Configuration;
import dev.tlswaiver.store.Batch;
import dev.tlswaiver.store.Store;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SupportCommandTest {
  @TempDir Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Mask mask = new Mask(Configuration.defaults().policy().pools().suffixes());

  private int run(String... arguments) {
    return Main.run(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        arguments);
  }

  private static Map<String, String> unpacked(Path file) throws IOException {
    Map<String, String> texts = new LinkedHashMap<>();
    try (InputStream stream = Files.newInputStream(file);
        TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(stream))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        texts.put(entry.getName(), new String(tar.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    return texts;
  }

  /** Whatever names somebody, wherever it may stand. */
  private static final List<String> SECRETS =
      List.of(
          "oldbank",
          "203.0.113.200",
          "feed::7",
          "jane",
          "jane.doe",
          "server1",
          "frank",
          "hunter2",
          "win-abc",
          "acme",
          "isp.example",
          "internal.lan");

  private Path configuration() throws IOException {
    Path log = folder.resolve("maillog");
    Files.writeString(
        log,
        """
        Mar  1 10:00:00 server1 postfix/smtpd[31]: connect from mta1.oldbank.example[203.0.113.200]
        Mar  1 10:00:00 server1 postfix/smtpd[31]: SSL_accept error from unknown[2001:db8:feed::7]:25: -1
        Mar  1 10:00:00 server1 postfix/smtpd[31]: warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:../ssl/statem/statem_srvr.c:1657:
        Mar  1 10:00:01 server1 postfix/smtpd[31]: NOQUEUE: reject: RCPT from 203-0-113-200.isp.example[203.0.113.200]: 450 4.1.1 <Jane.Doe@oldbank.example>: rejected; from=<jane@Oldbank.Example> to=<frank> proto=ESMTP helo=<WIN-ABC>
        Mar  1 10:00:02 server1 postfix/smtpd[31]: 4AB: client=x.internal.lan[IPv6:2001:db8:feed::7], sasl_method=PLAIN, sasl_username=frank
        Mar  1 10:00:02 server1 postfix/smtpd[31]: 0010 6d 74 61 31 2e 6f 6c 64 62 61 6e 6b  mta1.oldbank
        Mar  1 10:00:02 server1 cron[5]: jane
        2026-03-01T10:00:03.5+01:00 server1.oldbank.example postfix/smtpd[31]: x: subject_CN=Acme Ltd, issuer_CN=Acme CA, fingerprint=AA:BB
        """);
    Path file = folder.resolve("tlswaiver.yaml");
    Files.writeString(
        file,
        "# Jane's host\npostfix: {config_directory: /nonexistent}\nredirect: {backend: none}\n"
            + "log: {source: file, path: "
            + log
            + "}\nstatus: {listen: \"127.0.0.1:1\"}\nstate_directory: "
            + folder.resolve("state")
            + "\ncontrol_socket: "
            + folder.resolve("none.sock")
            + "\nguards: {never: [203.0.113.200, oldbank.example]}\n"
            + "notify: {mail: jane@oldbank.example}\n");
    return file;
  }

  @Test
  void linesThatWereSetAsideAreShownMasked() throws Exception {
    Path configuration = configuration();
    try (Store store = Store.open(folder.resolve("state"))) {
      Batch batch = new Batch();
      batch.note(
          "quarantine",
          "StackOverflowError in Sentences#rare",
          Optional.of(
              "{\"count\":4,\"first\":\"2026-03-01T10:00:00Z\",\"last\":\"2026-03-01T10:09:00Z\","
                  + "\"lines\":[\"Mar  1 10:00:00 server1 postfix/smtpd[31]: connect from"
                  + " mta1.oldbank.example[203.0.113.200]\"]}"));
      store.commit(batch);
    }
    Path file = folder.resolve("bundle.tar.gz");
    assertThat(run("support", "--config", configuration.toString(), "--output", file.toString()))
        .isZero();
    assertThat(unpacked(file).get("tlswaiver-support/quarantine.txt"))
        .startsWith(
            "StackOverflowError in Sentences#rare: 4 times, from 2026-03-01T10:00:00Z to"
                + " 2026-03-01T10:09:00Z\n")
        .contains("Mar  1 10:00:00 host", "connect from ")
        .doesNotContain(SECRETS.toArray(String[]::new));
  }

  @Test
  void nothingThatNamesSomebodyLeaks() throws Exception {
    Path file = folder.resolve("bundle.tar.gz");
    int exit = run("support", "--config", configuration().toString(), "--output", file.toString());
    assertThat(err.toString(StandardCharsets.UTF_8)).doesNotContain("mistake");
    assertThat(exit).isZero();
    Map<String, String> texts = unpacked(file);
    assertThat(texts.keySet())
        .contains(
            "tlswaiver-support/versions.txt",
            "tlswaiver-support/doctor.json",
            "tlswaiver-support/list.json",
            "tlswaiver-support/maillog.txt",
            "tlswaiver-support/metrics.txt");
    texts.forEach(
        (name, text) ->
            assertThat(text.toLowerCase(Locale.ROOT))
                .as(name)
                .doesNotContain(SECRETS.toArray(String[]::new)));
    assertThat(texts.get("tlswaiver-support/maillog.txt"))
        .contains(
            "error:0A000102:SSL routines::unsupported protocol:../ssl/statem/statem_srvr.c:1657")
        .contains("Mar  1 10:00:00 host")
        .doesNotContain("cron", "0010 6d");
    assertThat(texts.get("tlswaiver-support/metrics.txt")).startsWith("not collected: ");
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("maillog.txt  6 lines", "Written to " + file);
  }

  @Test
  void aFileThatIsThereIsLeftAlone() throws Exception {
    Path file = folder.resolve("bundle.tar.gz");
    Files.writeString(file, "mine");
    assertThat(run("support", "--config", configuration().toString(), "--output", file.toString()))
        .isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("exists already", "--output");
    assertThat(file).hasContent("mine");
  }

  @Test
  void theSameNameHasTheSameMaskAndAnotherHasAnother() {
    String text =
        mask.apply("mta1.a.example mta2.a.example MTA1.a.example 203.0.113.9 203.0.113.9");
    assertThat(text)
        .isEqualTo(
            "host1.domain1.example host2.domain1.example host1.domain1.example"
                + " 192.0.2.1 192.0.2.1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Mar  1 10:00:00",
        "2026-03-01T10:00:00.123Z",
        "/etc/postfix/main.cf: smtpd_tls_protocols = >=TLSv1.2, !SSLv2",
        "error:0A000102:SSL routines::unsupported protocol:../ssl/statem/statem_srvr.c:1657:",
        "127.0.0.1:9719 ::1 0.0.0.0/0",
        "OpenSSL 3.0.17 1 Jul 2025",
        "postfix/smtpd[31]: TLSv1.2 with cipher ECDHE-RSA-AES128-GCM-SHA256 (128/128 bits)",
        "smtp inet n - y - - smtpd -o smtpd_tls_key_file=/var/lib/tlswaiver/key.pem"
      })
  void whatNamesNobodyStays(String text) {
    assertThat(mask.apply(text)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "mynetworks = 203.0.113.0/24, mynetworks = 192.0.2.1/24",
    "[2001:db8:feed::7]:25, [2001:db8::1]:25",
    "IPv6:2001:db8:feed::7, IPv6:2001:db8::1",
    "203.0.113.7:25, 192.0.2.1:25",
    "::ffff:203.0.113.7, 192.0.2.1",
    "/etc/ssl/mx.oldbank.org.pem, /etc/ssl/host1.domain1.example.pem",
    "/home/frank/x, /home/name1/x",
    "ldap_bind_pw = hunter2, ldap_bind_pw = (masked)",
    "x_password = hunter2, x_password = (masked)",
    "maps = static:frank:hunter2, maps = static:(masked)",
    "smtpd_banner = Acme Ltd, smtpd_banner = (masked)",
    "message-id=<a@b>, message-id=(masked)",
    "helo=<acme>, helo=<name1>",
    "<jane@[203.0.113.7]>, <user1@[192.0.2.1]>",
    "bücher.example, domain1.example"
  })
  void whatNamesSomebodyIsMasked(String text, String masked) {
    assertThat(mask.apply(text)).isEqualTo(masked);
  }

  @Test
  void whereTheRangesForDocumentsEndOthersNobodyHasGoOn() {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 2_000; i++) {
      all.append("10.9.").append(i / 250).append('.').append(i % 250).append('\n');
    }
    List<String> masked = mask.apply(all.toString()).lines().toList();
    assertThat(masked).doesNotHaveDuplicates().hasSize(2_000);
    assertThat(masked)
        .allMatch(text -> text.matches("(192\\.0\\.2|198\\.51\\.100|203\\.0\\.113|198\\.18)\\..*"));
  }

  @Test
  void noDomainEndsAsAFileDoes() throws Exception {
    List<String> suffixes =
        Files.readAllLines(Path.of("src/main/resources/dev/tlswaiver/peer/public_suffix_list.dat"));
    assertThat(suffixes).doesNotContainAnyElementsOf(Mask.FILE_SUFFIXES);
  }
}
