package dev.tlswaiver.actuator.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Rung;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MasterFileTest {
  private static final String USUAL =
      """
      # service type  private unpriv  chroot  wakeup  maxproc command + args
      smtp      inet  n       -       y       -       20      smtpd
        -o content_filter=scan:[127.0.0.1]:10025
      # a comment inside of the entry
        -o { smtpd_client_restrictions = reject_rbl_client zen.example, permit }
      \t-o smtpd_tls_protocols=>=TLSv1.2
      #submission inet n       -       y       -       -       smtpd
      pickup    unix  n       -       y       60      1       pickup
      """;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "smtp inet n - n - - smtpd",
        "smtp inet n - n - - smtpd\n",
        "smtp inet n - n - - smtpd\r\n\t-o a=b\r\n",
        "# only a comment",
        "\n\n  stray continuation\n"
      })
  void insertingAndRemovingOurBlockGivesTheSameBytes(String text) throws Exception {
    // Invariant 8.
    MasterFile with = new MasterFile(text).withBlock(List.of("10127 inet n - n - - smtpd\n"));
    assertThat(with.text()).startsWith(text).contains("10127 inet");
    assertThat(with.withBlock(List.of("10126 inet n - n - - smtpd\n")).text())
        .startsWith(text)
        .doesNotContain("10127");
    assertThat(with.withBlock(List.of()).text()).isEqualTo(text);
  }

  @Test
  void whatTheOperatorAddsAfterOurBlockStays() throws Exception {
    MasterFile with = new MasterFile(USUAL).withBlock(List.of("10127 inet n - n - - smtpd\n"));
    assertThat(new MasterFile(with.text() + "# mine\n").withoutBlock().text())
        .isEqualTo(USUAL + "# mine\n");
  }

  private static RelaxedListener listener(Rung rung, String protocols) throws HostException {
    return new RelaxedListener(
        rung,
        List.of("10127"),
        new MasterFile(USUAL).entries().get(0),
        new TlsParameters(new PostfixVersion(3, 7), Map.of("smtpd_tls_protocols", protocols)),
        Optional.of(Path.of("/var/lib/tlswaiver/tls/relaxed.pem")),
        Restrictions.of(
            new Restrictions.Asked("mine", "reject_rbl_client,zen.example", Map.of()),
            List.of("hash:$config_directory/tlswaiver-legacy")),
        Optional.empty());
  }

  @Test
  void theRelaxedListenerIsThePublicServiceWithOurOverridesBehindItsOwn() throws Exception {
    String text = listener(Rung.LEGACY, "").text();
    assertThat(text)
        .startsWith("# legacy: as the public service, but for this:\n# - only who is waived is")
        .contains("\n10127 inet n - y - 20 smtpd\n  -o content_filter=scan:[127.0.0.1]:10025\n")
        .contains("  -o { smtpd_client_restrictions = reject_rbl_client zen.example, permit }\n")
        .contains("  -o syslog_name=postfix/tlswaiver-legacy\n")
        .contains("  -o smtpd_sasl_auth_enable=no\n")
        .contains("  -o smtpd_restriction_classes=mine,tlswaiver_waived\n")
        .contains("  -o tlswaiver_waived=reject_rbl_client,zen.example,permit\n")
        .endsWith(
            "  -o smtpd_client_restrictions=check_client_access,"
                + "hash:$config_directory/tlswaiver-legacy,defer\n")
        // Whatever decides on relaying is the operator's own.
        .doesNotContain("smtpd_relay_restrictions", "smtpd_recipient_restrictions");
    assertThat(text.indexOf("smtpd_tls_protocols=!SSLv2,!SSLv3"))
        .isGreaterThan(text.indexOf("smtpd_tls_protocols=>=TLSv1.2"));
  }

  @Test
  void theCiphersRungKeepsTheProtocolFloor() throws Exception {
    for (String list : List.of(">=TLSv1.2", "!SSLv2 !SSLv3 !TLSv1", "TLSv1.2, TLSv1.3")) {
      assertThat(listener(Rung.CIPHERS, list).arguments())
          .contains("smtpd_tls_exclude_ciphers=")
          .filteredOn(argument -> argument.startsWith("smtpd_tls_protocols="))
          .containsExactly("smtpd_tls_protocols=>=TLSv1.2");
    }
  }

  @Test
  void sslv2IsOnNoRungWhateverTheOperatorHas() throws Exception {
    Map<String, String> lists =
        Map.of(
            "", "!SSLv2",
            "!SSLv3", "!SSLv3,!SSLv2",
            "SSLv2, TLSv1", "TLSv1",
            "SSLv2", "!SSLv2");
    for (Rung rung : List.of(Rung.DIAGNOSE, Rung.CIPHERS)) {
      lists.forEach(
          (list, without) ->
              assertThat(arguments(rung, list))
                  .as(rung + " " + list)
                  .contains(
                      "smtpd_tls_protocols=" + without,
                      "smtpd_tls_mandatory_protocols=" + without));
    }
    assertThat(arguments(Rung.TLS12, "!SSLv3"))
        .contains("smtpd_tls_protocols=!SSLv3,!SSLv2,!TLSv1.3");
    assertThat(arguments(Rung.TLS12, "SSLv2 TLSv1.2")).contains("smtpd_tls_protocols=TLSv1.2");
    assertThat(arguments(Rung.LEGACY, "")).contains("smtpd_tls_protocols=!SSLv2,!SSLv3");
    assertThat(arguments(Rung.SSLV3, "")).contains("smtpd_tls_protocols=!SSLv2");
  }

  private static List<String> arguments(Rung rung, String protocols) {
    try {
      return listener(rung, protocols).arguments();
    } catch (HostException impossible) {
      throw new AssertionError(impossible);
    }
  }

  @Test
  void theLowestRungOffersNothingWorthlessEither() throws Exception {
    assertThat(listener(Rung.DIAGNOSE, ">=TLSv1.2").arguments())
        .contains("smtpd_tls_exclude_ciphers=aNULL,eNULL,EXPORT,SSLv2")
        .noneMatch(argument -> argument.contains("cert_file"));
  }

  @Test
  void theTls12RungCapsTheListInWhateverFormItIsWritten() throws Exception {
    assertThat(listener(Rung.TLS12, ">=TLSv1.2").arguments())
        .contains("smtpd_tls_protocols=>=TLSv1.2,<=TLSv1.2");
    assertThat(listener(Rung.TLS12, "!SSLv2, !SSLv3").arguments())
        .contains("smtpd_tls_protocols=!SSLv2,!SSLv3,!TLSv1.3");
    assertThat(listener(Rung.TLS12, "TLSv1.2 TLSv1.3").arguments())
        .contains("smtpd_tls_protocols=TLSv1.2");
  }

  @Test
  void theTls12RungOfAServiceOfTls13AloneOpensNothingBelow() throws Exception {
    for (String list : List.of("TLSv1.3", ">=TLSv1.3", "tlsv1.3", ">=0304", "!SSLv3 TLSv1.3")) {
      assertThat(listener(Rung.TLS12, list).arguments())
          .as(list)
          .contains("smtpd_tls_protocols=TLSv1.2", "smtpd_tls_mandatory_protocols=TLSv1.2");
    }
  }

  @Test
  void theTls12RungKeepsTheExclusionsAndAddsWhatMustNeverBeOffered() throws Exception {
    TlsParameters strict =
        new TlsParameters(
            new PostfixVersion(3, 7), Map.of("smtpd_tls_exclude_ciphers", "kRSA, aNULL"));
    ServiceEntry entry = new MasterFile(USUAL).entries().get(0);
    assertThat(
            new RelaxedListener(
                    Rung.TLS12,
                    List.of(),
                    entry,
                    strict,
                    Optional.empty(),
                    Restrictions.NONE,
                    Optional.empty())
                .arguments())
        .contains("smtpd_tls_exclude_ciphers=kRSA,aNULL,eNULL,EXPORT,SSLv2");
  }

  @Test
  void noRungEverOffersWhatMustNotBe() {
    assertThat(RelaxedListener.WIDEST_CIPHERS).contains("!aNULL", "!eNULL", "!EXPORT", "!SSLv2");
  }

  @Test
  void accessTablesSayWhatEachFormCanSay() {
    AccessTable table =
        AccessTable.of(
            Arrays.stream(
                    new String[] {
                      "192.0.2.7",
                      "198.51.100.0/24",
                      "203.0.113.4/31",
                      "2001:db8::7",
                      "2001:db8:1::/64"
                    })
                .map(IpPrefix::parse)
                .toList());
    assertThat(table.indexed().lines().skip(1))
        .containsExactly(
            "127.0.0.1 tlswaiver_waived",
            "::1 tlswaiver_waived",
            "192.0.2.7 tlswaiver_waived",
            "198.51.100 tlswaiver_waived",
            "203.0.113.4 tlswaiver_waived",
            "203.0.113.5 tlswaiver_waived",
            "2001:db8::7 tlswaiver_waived");
    assertThat(table.cidr().orElseThrow().lines().skip(1))
        .containsExactly("2001:db8:1::/64 tlswaiver_waived");
    assertThat(AccessTable.of(List.of(IpPrefix.parse("192.0.2.7"))).cidr()).isEmpty();
  }
}
