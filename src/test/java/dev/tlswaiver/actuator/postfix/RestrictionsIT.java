package dev.tlswaiver.actuator.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Lab.HostState;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the operator forbids is forbidden on a relaxed listener too, on a real Postfix. */
final class RestrictionsIT {
  private static final String LEGACY_LINE = "tlswaiver-legacy/smtpd\\[\\d+\\]: ";

  private static void set(Lab lab, String... parameters) {
    for (String parameter : parameters) {
      lab.onHost("postconf", "-c", lab.postfix().toString(), "-e", parameter);
    }
    lab.onHost("postfix", "-c", lab.postfix().toString(), "reload");
  }

  private static Path table(Lab lab, String name, String text) throws Exception {
    Path file = lab.postfix().resolve(name);
    Files.writeString(file, text);
    lab.onHost("postmap", "-c", lab.postfix().toString(), "hash:" + file);
    return file;
  }

  private static void waive(Lab lab) throws Exception {
    assertThat(
            lab.tlswaiver(lab.configuration(), "grant", "198.51.100.10", "--rung", "legacy")
                .output())
        .contains("PROPOSED -> ACTIVE");
  }

  private static void assertRefused(Lab lab, String why, String... more) throws Exception {
    assertThat(lab.send(Lab.OLD, "tls1", more)).isEmpty();
    assertThat(Files.readString(lab.maillog()))
        .containsPattern(LEGACY_LINE + "NOQUEUE: (?:milter-)?reject: .*" + why);
  }

  @ParameterizedTest
  @ValueSource(strings = {"yes", "no"})
  void theOperatorsOwnBlocksHold(String delay) throws Exception {
    try (Lab lab = Lab.up()) {
      Path blocked = table(lab, "blocked", "198.51.100.10 REJECT not you\n");
      Path recipients = table(lab, "recipients", "abuse@strict.example nobody\n");
      set(
          lab,
          "smtpd_delay_reject=" + delay,
          "smtpd_client_restrictions=check_client_access hash:" + blocked,
          "smtpd_restriction_classes=nobody",
          "nobody=reject",
          "smtpd_recipient_restrictions=check_recipient_access hash:"
              + recipients
              + ", permit_mynetworks, permit");
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      waive(lab);
      assertRefused(lab, "554 5.7.1 .*Client host rejected: not you");

      table(lab, "blocked", "192.0.2.99 REJECT\n");
      // A table within the second of its last change looks the same to the processes that have it.
      lab.onHost("postfix", "-c", lab.postfix().toString(), "reload");
      assertRefused(lab, "554 5.7.1 <abuse@strict.example>", "--to", "abuse@strict.example");
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
      assertRefused(lab, "554 5.7.1 .*Relay access denied", "--to", "somebody@elsewhere.example");
      agent.stop();
    }
  }

  /** Rule f, in both directions: what went through before its waiver goes through with it. */
  @ParameterizedTest
  @CsvSource({
    "hash, yes, 198.51.100.10",
    "hash, no, 198.51.100.10",
    "lmdb, no, 198.51.100.10",
    // No indexed table can say that.
    "hash, yes, 198.51.100.10/31",
    "hash, no, 198.51.100.10/31"
  })
  void aPartnerRelaysAsOnThePublicService(String type, String delay, String granted)
      throws Exception {
    try (Lab lab = Lab.up()) {
      Path relays = table(lab, "relays", "partner.example OK\n");
      Path refused = table(lab, "refused", "abuse@strict.example REJECT nobody\n");
      set(
          lab,
          "default_database_type=" + type,
          "smtpd_delay_reject=" + delay,
          "may_relay=permit_mynetworks, check_recipient_access hash:" + relays,
          "smtpd_relay_restrictions=check_recipient_access hash:"
              + refused
              + ", $may_relay, reject_non_fqdn_sender, reject_unauth_destination");
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      assertThat(lab.tlswaiver(lab.configuration(), "grant", granted, "--rung", "legacy").output())
          .contains("PROPOSED -> ACTIVE");
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
      assertThat(lab.send(Lab.OLD, "tls1", "--to", "somebody@partner.example")).isPresent();
      assertRefused(lab, "554 5.7.1 .*nobody", "--to", "abuse@strict.example");
      assertRefused(lab, "554 5.7.1 .*Relay access denied", "--to", "other@elsewhere.example");

      // What the operator changes there holds at once.
      set(lab, "mynetworks=127.0.0.0/8, 198.51.100.10/32");
      assertThat(lab.send(Lab.OLD, "tls1", "--to", "somebody@elsewhere.example")).isPresent();
      assertThat(lab.isInOrder()).isTrue();
      agent.stop();
    }
  }

  /** Rule f: what master.cf says of the public service alone, and what it leads to. */
  @Test
  void overridesOfThePublicServiceAndTheirReferencesHold() throws Exception {
    try (Lab lab = Lab.up()) {
      Path blocked = table(lab, "blocked", "198.51.100.10 REJECT not you\n");
      set(
          lab,
          "mx_client=check_client_access hash:" + blocked + ", permit_mynetworks",
          "mx_relay=permit_mynetworks, reject_unauth_destination");
      lab.onHost(
          "postconf",
          "-c",
          lab.postfix().toString(),
          "-P",
          "smtp/inet/smtpd_client_restrictions=$mx_client",
          "smtp/inet/smtpd_relay_restrictions=$mx_relay");
      set(lab);
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      waive(lab);
      assertRefused(lab, "554 5.7.1 .*Client host rejected: not you");

      // The copied list is renewed with the operator's.
      set(lab, "mx_client=permit_mynetworks");
      agent.signal("HUP");
      Lab.await("the new list", () -> lab.send(Lab.OLD, "tls1").isPresent());
      assertRefused(lab, "554 5.7.1 .*Relay access denied", "--to", "other@elsewhere.example");
      agent.stop();
    }
  }

  /** A list of ours ends with permit: in one that decides on relaying it would open the gates. */
  @Test
  void aReferenceToOurListOpensNoRelay() throws Exception {
    try (Lab lab = Lab.up()) {
      set(
          lab,
          "smtpd_client_restrictions=permit_mynetworks",
          "smtpd_restriction_classes=ours",
          "ours=$smtpd_client_restrictions, reject_unauth_destination",
          "smtpd_relay_restrictions=",
          "smtpd_recipient_restrictions=$smtpd_client_restrictions, reject_unauth_destination",
          "smtpd_data_restrictions=ours");
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      waive(lab);
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
      assertRefused(lab, "554 5.7.1 .*Relay access denied", "--to", "other@elsewhere.example");
      assertThat(Files.readString(lab.maillog())).doesNotContain("unreasonable recursion");
      agent.stop();
    }
  }

  @Test
  void aMailFilterIsAskedAsOnThePublicService() throws Exception {
    try (Lab lab = Lab.up()) {
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      waive(lab);
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
      // Nobody is there.
      set(lab, "smtpd_milters=inet:127.0.0.1:9", "milter_default_action=tempfail");
      assertThat(lab.send(Lab.MODERN, "modern")).isEmpty();
      assertThat(lab.send(Lab.OLD, "tls1")).isEmpty();
      assertThat(Files.readString(lab.maillog()))
          .containsPattern(LEGACY_LINE + "warning: connect to Milter service inet:127.0.0.1:9");
      agent.stop();
    }
  }

  @Test
  void nobodyIsAskedToLogInThere() throws Exception {
    try (Lab lab = Lab.up()) {
      // As little of Dovecot as smtpd(8) wants to see before it offers AUTH.
      lab.onHost(
          "perl",
          "-MIO::Socket::INET",
          "-e",
          """
          my $l = IO::Socket::INET->new(LocalAddr => '127.0.0.1:12345', Listen => 9) or die;
          exit 0 if fork;
          close STDOUT; close STDERR; $SIG{CHLD} = 'IGNORE';
          while (my $s = $l->accept) {
            next if fork;
            print $s "VERSION\\t1\\t1\\nMECH\\tPLAIN\\tplaintext\\nSPID\\t1\\nCUID\\t1\\nDONE\\n";
            1 while <$s>;
            exit;
          }
          """);
      set(
          lab,
          "smtpd_sasl_auth_enable=yes",
          "smtpd_sasl_type=dovecot",
          "smtpd_sasl_path=inet:127.0.0.1:12345",
          "smtpd_relay_restrictions=permit_sasl_authenticated, reject_unauth_destination");
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      waive(lab);
      String asOld = "--tls-protocol=tlsv1 --tls-cipher=ALL:@SECLEVEL=0";
      assertThat(greeting(lab, "198.51.100.30", "")).contains("250-STARTTLS", "AUTH PLAIN");
      assertThat(greeting(lab, "198.51.100.10", asOld))
          .contains("TLS started with cipher TLSv1:", "PIPELINING")
          .doesNotContain("AUTH");
      agent.stop();
    }
  }

  private static String greeting(Lab lab, String address, String more) {
    String swaks =
        "exec swaks --server 192.0.2.25 --helo a.example --from a@a.example"
            + " --to postmaster@strict.example --quit-after FROM --tls --local-interface "
            + address
            + " "
            + more;
    return lab.onSenders(List.of("sh", "-c", swaks)).output();
  }

  @Test
  void whoComesWithoutAWaiverIsToldToComeAgain() throws Exception {
    try (Lab lab = Lab.up()) {
      // Without the redirect, and so without its guard, the listener stands alone.
      RunningTlswaiver agent = lab.run(lab.configure("redirect: {backend: none}")).awaitStart();
      waive(lab);
      assertThat(lab.send(Lab.UNLISTED, "tls1", "--port", "10127")).isEmpty();
      assertThat(Files.readString(lab.maillog()))
          .containsPattern(LEGACY_LINE + "NOQUEUE: reject: .* legacy.elsewhere.example.* 450 4")
          .doesNotContainPattern(LEGACY_LINE + "NOQUEUE: reject: .* 5\\d\\d ");
      assertThat(lab.send(Lab.OLD, "tls1", "--port", "10127")).isPresent();
      agent.stop();
    }
  }

  @Test
  void whoRedirectsByOtherMeansIsToldTheAddresses() throws Exception {
    try (Lab lab = Lab.up()) {
      HostState before = lab.hostState();
      RunningTlswaiver agent = lab.run(lab.configure("redirect: {backend: none}")).awaitStart();
      waive(lab);
      Path addresses = lab.postfix().resolve("tlswaiver-legacy.addresses");
      assertThat(addresses)
          .hasContent("# Written by tlswaiver; changes here are undone.\n198.51.100.10/32\n");
      Files.delete(addresses);
      agent.signal("HUP");
      Lab.await("the file again", () -> Files.exists(addresses));
      assertThat(lab.tlswaiver(lab.configuration(), "revoke", "1").output()).contains("REVOKED");
      assertThat(lab.hostState()).isEqualTo(before);
      assertThat(addresses).doesNotExist();
      agent.stop();
    }
  }
}
