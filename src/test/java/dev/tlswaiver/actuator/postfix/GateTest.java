package dev.tlswaiver.actuator.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.waiver.Rung;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What releases that no laboratory has are told. */
final class GateTest {
  private static RelaxedListener behindPostscreen(PostfixVersion release, Rung rung)
      throws HostException {
    ServiceEntry postscreen = entry("smtp inet n - n - 1 postscreen");
    ServiceEntry tlsproxy = entry("tlsproxy unix - - n - 0 tlsproxy");
    return new RelaxedListener(
        rung,
        List.of("10127"),
        entry("smtpd pass - - n - - smtpd"),
        new TlsParameters(release, Map.of("smtpd_tls_loglevel_maps", "hash:/etc/postfix/quiet")),
        Optional.empty(),
        Restrictions.NONE,
        Optional.of(new Gate(postscreen, Optional.of(tlsproxy), "")));
  }

  private static ServiceEntry entry(String line) throws HostException {
    return new MasterFile(line + "\n").entries().get(0);
  }

  private static List<ServiceEntry> entries(RelaxedListener listener) throws HostException {
    return new MasterFile(listener.text()).entries();
  }

  private static Optional<String> at(List<ServiceEntry> entries, int index, String parameter) {
    return entries.get(index).override(parameter);
  }

  @Test
  void postscreenOfPostfix312HasTheTermsThatItTellsTlsproxy() throws HostException {
    List<ServiceEntry> entries = entries(behindPostscreen(new PostfixVersion(3, 12), Rung.LEGACY));
    for (String term :
        List.of("protocols", "mandatory_protocols", "ciphers", "exclude_ciphers", "loglevel")) {
      assertThat(at(entries, 0, "postscreen_tls_" + term))
          .as(term)
          .isPresent()
          .isEqualTo(at(entries, 1, "smtpd_tls_" + term))
          .isEqualTo(at(entries, 2, "tlsproxy_tls_" + term));
    }
    assertThat(at(entries, 0, "tls_medium_cipherlist"))
        .isEqualTo(at(entries, 2, "tls_medium_cipherlist"))
        .contains(RelaxedListener.WIDEST_CIPHERS);
  }

  @Test
  void noMapOfTheOperatorsSilencesAListenerThatAsks() throws HostException {
    List<ServiceEntry> entries =
        entries(behindPostscreen(new PostfixVersion(3, 12), Rung.DIAGNOSE));
    assertThat(at(entries, 0, "postscreen_tls_loglevel_maps")).contains("");
    assertThat(at(entries, 0, "smtpd_tls_loglevel")).contains("3");
    assertThat(at(entries, 1, "smtpd_tls_loglevel_maps")).contains("");
    assertThat(at(entries, 1, "smtpd_tls_loglevel")).contains("3");
  }

  @Test
  void whereStarttlsIsNotOfferedPostscreenDoesNotEither() throws HostException {
    for (int minor : List.of(7, 12)) {
      List<ServiceEntry> entries =
          entries(behindPostscreen(new PostfixVersion(3, minor), Rung.PLAINTEXT));
      assertThat(at(entries, 0, "postscreen_tls_security_level")).contains("none");
    }
  }

  @Test
  void anOlderPostscreenIsToldNothingOfTls() throws HostException {
    List<ServiceEntry> entries = entries(behindPostscreen(new PostfixVersion(3, 11), Rung.LEGACY));
    assertThat(entries.get(0).arguments().toString()).doesNotContain("_tls_");
    assertThat(at(entries, 2, "tlsproxy_tls_protocols")).isPresent();
  }
}
