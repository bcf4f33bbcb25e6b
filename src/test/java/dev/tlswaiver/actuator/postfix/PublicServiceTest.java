package dev.tlswaiver.actuator.postfix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.Programs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which service of master.cf faces the Internet, and which are refused. */
final class PublicServiceTest {
  /** A postconf(1) that knows these parameters, and that the others are empty. */
  private record Parameters(Map<String, String> values) implements Programs {
    @Override
    public Result run(
        List<String> command, Map<String, String> environment, String input, Duration timeout) {
      String known =
          command.stream()
              .filter(values::containsKey)
              .map(name -> name + " = " + values.get(name) + "\n")
              .collect(Collectors.joining());
      return new Result(0, known, "");
    }
  }

  private static MainFile parameters(String... values) {
    Map<String, String> all =
        values.length == 0 ? Map.of() : Map.of(values[0], values[1], "smtpd_service_name", "smtpd");
    return new MainFile(
        new Parameters(all.isEmpty() ? Map.of("smtpd_service_name", "smtpd") : all),
        Path.of("/etc/postfix"));
  }

  private static PublicService find(String text) throws HostException {
    return PublicService.find(new MasterFile(text), Optional.empty(), parameters());
  }

  private static void assertRefused(String text, String... words) {
    assertThatThrownBy(() -> find(text))
        .isInstanceOf(HostException.class)
        .hasMessageContainingAll(words);
  }

  @ParameterizedTest
  @CsvSource({
    "smtp, ",
    "25, ",
    "192.0.2.1:smtp, 192.0.2.1",
    "192.0.2.1:25, 192.0.2.1",
    "[2001:db8::1]:25, 2001:db8::1",
    "[2001:db8::1]:smtp, 2001:db8::1",
    "0.0.0.0:25, 0.0.0.0",
    "mx.strict.example:smtp, mx.strict.example"
  })
  void itIsFoundWhateverItIsCalled(String name, String host) throws HostException {
    PublicService service =
        find("465 inet n - y - - smtpd\n" + name + " inet n - y - - smtpd\n  -o a=b\n");
    assertThat(service.entries()).extracting(ServiceEntry::name).containsExactly(name);
    assertThat(service.smtpd().override("a")).contains("b");
    assertThat(service.smtpd().host()).isEqualTo(Optional.ofNullable(host));
  }

  @Test
  void severalAddressesAreAllPublicAndTheLoopbackIsNot() throws HostException {
    assertThat(
            find("""
                    127.0.0.1:smtp inet n - y - - smtpd
                      -o smtpd_tls_security_level=none
                    192.0.2.1:smtp inet n - y - - smtpd
                      -o a=b -o syslog_name=postfix/one
                    [2001:db8::1]:25 inet n - y - - smtpd
                      -o syslog_name=postfix/two
                      -o { a = b }
                    """)
                .entries())
        .extracting(ServiceEntry::name)
        .containsExactly("192.0.2.1:smtp", "[2001:db8::1]:25");
    assertThat(find("127.0.0.1:25 inet n - y - - smtpd\n").entries()).hasSize(1);
  }

  @Test
  void twoThatDisagreeAreRefusedUntilOneIsNamed() throws HostException {
    String text =
        """
        192.0.2.1:smtp inet n - y - - smtpd
        # the other provider
        192.0.2.2:smtp inet n - y - - smtpd
          -o smtpd_tls_protocols=>=TLSv1.3
          -osmtpd_tls_ciphers=high
        """;
    assertRefused(
        text,
        "192.0.2.1:smtp (master.cf:1)",
        "192.0.2.2:smtp (master.cf:3)",
        "differ in smtpd_tls_ciphers, smtpd_tls_protocols",
        "postfix.public_service");
    assertThat(
            PublicService.find(new MasterFile(text), Optional.of("192.0.2.2:25"), parameters())
                .entries())
        .extracting(ServiceEntry::line)
        .containsExactly(3);
  }

  @Test
  void theNameOfTheOperatorsIsTheOnlyOneThatCounts() throws HostException {
    MasterFile file =
        new MasterFile("smtp inet n - y - - smtpd\n192.0.2.1:2525 inet n - y - - smtpd\n");
    assertThat(PublicService.find(file, Optional.of("192.0.2.1:2525"), parameters()).smtpd().line())
        .isEqualTo(2);
    assertThatThrownBy(() -> PublicService.find(file, Optional.of("mx:smtp"), parameters()))
        .isInstanceOf(HostException.class)
        .hasMessageContaining("no inet service mx:smtp");
  }

  @Test
  void oneThatIsCommentedOutIsNamed() {
    assertRefused(
        "# service\n#smtp inet n - y - - smtpd\npickup unix n - y 60 1 pickup\n",
        "master.cf has no inet service smtp",
        "(commented out: master.cf:2)",
        "postfix.public_service");
    assertRefused("smtp unix - - y - - smtp\n", "no inet service smtp; name");
  }

  @Test
  void behindPostscreenItIsThePassService() throws HostException {
    String screen = "smtp inet n - y - 1 postscreen\n";
    assertThat(find(screen + "smtpd pass - - y - 50 smtpd\n  -o a=b\n").smtpd().processLimit())
        .isEqualTo("50");
    assertThat(
            PublicService.find(
                    new MasterFile(
                        screen + "smtpd pass - - y - - smtpd\nin pass - - y - 7 smtpd\n"),
                    Optional.empty(),
                    new MainFile(
                        new Parameters(Map.of("smtpd_service_name", "in")),
                        Path.of("/etc/postfix")))
                .smtpd()
                .processLimit())
        .isEqualTo("7");
    assertRefused(screen, "master.cf:1: postscreen passes its peers to the service smtpd");
    assertRefused(screen + "smtpd unix - - y - - smtpd\n", "no such pass service");
  }

  /** Rule f: what stands before them must be one thing. */
  @Test
  void postscreenBeforeOneOfTwoIsRefused() throws HostException {
    String behind = "smtpd pass - - y - - smtpd\n";
    String screened = "192.0.2.1:smtp inet n - y - 1 postscreen\n";
    assertRefused(
        screened + "192.0.2.2:smtp inet n - y - - smtpd\n" + behind,
        "differ in postscreen, which stands before one of them alone");
    assertRefused(
        screened
            + "192.0.2.2:smtp inet n - y - 1 postscreen\n  -o postscreen_greet_wait=1s\n"
            + behind,
        "differ in postscreen_greet_wait");
    assertThat(
            find(screened
                    + "192.0.2.2:smtp inet n - y - 1 postscreen\n"
                    + "  -o postscreen_cache_map=btree:/x\n"
                    + behind)
                .postscreen())
        .isPresent();
  }

  @Test
  void whatIsNoSmtpdIsRefused() {
    assertRefused("smtp inet n - y - 1 smtp-proxy\n", "master.cf:1:", "runs smtp-proxy, not smtpd");
  }

  @Test
  void oneBehindAProxyIsRefusedWithTheReason() throws HostException {
    String plain = "smtp inet n - y - - smtpd\n";
    String screen =
        """
        smtp inet n - y - 1 postscreen
          -o postscreen_upstream_proxy_protocol=haproxy
        smtpd pass - - y - - smtpd
        """;
    assertProxied(screen, parameters(), "postscreen_upstream_proxy_protocol = haproxy");
    assertProxied(
        "smtp inet n - y - - smtpd\n  -o smtpd_upstream_proxy_protocol=haproxy\n",
        parameters(),
        "master.cf:1: the peers of smtp come through a proxy");
    assertProxied(
        plain,
        parameters("smtpd_upstream_proxy_protocol", "haproxy"),
        "smtpd_upstream_proxy_protocol");
    // main.cf speaks to other services; this one is reached directly.
    MasterFile direct = new MasterFile(plain + "  -o smtpd_upstream_proxy_protocol=\n");
    MainFile main = parameters("smtpd_upstream_proxy_protocol", "haproxy");
    PublicService.find(direct, Optional.empty(), main).refuseProxied(direct, main);
  }

  private static void assertProxied(String text, MainFile main, String words) throws HostException {
    MasterFile file = new MasterFile(text);
    PublicService service = PublicService.find(file, Optional.empty(), main);
    assertThatThrownBy(() -> service.refuseProxied(file, main))
        .isInstanceOf(HostException.class)
        .hasMessageContaining(words)
        .hasMessageContaining("mode: observe");
  }
}
