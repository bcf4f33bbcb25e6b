package dev.tlswaiver.release;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A second instance of Postfix faces the Internet, as postmulti(1) makes them. */
final class InstancesReleaseIT {

  @ParameterizedTest
  @EnumSource
  void onlyTheInstanceThatWasNamedIsTouched(Release release) throws Exception {
    try (ReleaseHost host = ReleaseHost.up(release)) {
      Lab lab = host.lab();
      secondInstance(lab);
      Path first = lab.root().resolve("etc/postfix/master.cf");
      Path second = lab.root().resolve("etc/postfix-in/master.cf");
      String firstBefore = Files.readString(first);
      String secondBefore = Files.readString(second);
      String pid = masterPid(lab, "postfix");

      host.configure(
          "postfix: {config_directory: /etc/postfix-in}",
          "log: {source: file, path: /var/log/in.log, trust: file}",
          "pools: [{domain: oldbank.example, networks: ['2001:db8:100::/64']}]",
          Lab.DIRECTLY);
      RunningTlswaiver agent = host.run();
      for (int i = 0; i < 3; i++) {
        assertThat(lab.send(Lab.OLD, "tls1", "--ipv6")).isEmpty();
        assertThat(lab.send(Lab.OLD_TOO, "tls1", "--ipv6")).isEmpty();
      }
      // A whole network: no indexed table can say that, nor is a cidr table seen to change.
      agent.await("ACTIVE .*networks=2001:db8:100::/64");
      assertThat(lab.send(Lab.OLD, "tls1", "--ipv6")).isPresent();
      assertThat(lab.send(Lab.OLD_TOO, "tls1", "--ipv6")).isPresent();
      agent.await("ACTIVE -> PROVEN");
      assertThat(Files.readString(second))
          .contains("0.0.0.0:10127 inet n - y ", "[::]:10127 inet n - y ");
      assertThat(lab.root().resolve("etc/postfix-in/tlswaiver-legacy.cidr")).exists();
      assertThat(Files.readString(first)).isEqualTo(firstBefore);
      assertThat(Files.readString(lab.maillog())).doesNotContain("reload -- version");
      assertThat(masterPid(lab, "postfix")).isEqualTo(pid);

      agent.stop();
      host.tlswaiver("reset");
      assertThat(Files.readString(second)).isEqualTo(secondBefore);
      assertThat(lab.onHost("nft", "list", "tables")).isBlank();
      lab.onHost("postfix", "-c", "/etc/postfix-in", "stop");
    }
  }

  /** The first one is left with the loopback, and a log of its own. */
  private static void secondInstance(Lab lab) {
    lab.onHost(
        "sh",
        "-ec",
        """
        postmulti -e init
        postmulti -e create -I postfix-in
        postconf -e inet_interfaces=loopback-only
        cp /etc/postfix/*.pem /etc/postfix-in/
        for name in myhostname mydestination smtpd_tls_security_level smtpd_tls_cert_file \\
            smtpd_tls_key_file smtpd_tls_protocols smtpd_tls_ciphers smtpd_tls_exclude_ciphers \\
            smtpd_tls_loglevel local_transport local_recipient_maps alias_maps; do
          postconf -c /etc/postfix-in -e "$name = $(postconf -h $name)"
        done
        postconf -c /etc/postfix-in -e maillog_file=/var/log/in.log authorized_submit_users= \\
            master_service_disable= inet_protocols=all 'inet_interfaces=$myhostname'
        postconf -c /etc/postfix-in -X mynetworks
        mkdir -p /var/spool/postfix-in/etc
        cp /etc/hosts /etc/nsswitch.conf /var/spool/postfix-in/etc/
        postmulti -i postfix-in -e enable
        postfix -c /etc/postfix stop
        postfix -c /etc/postfix start
        postfix -c /etc/postfix-in start
        """);
  }

  private static String masterPid(Lab lab, String instance) {
    return lab.onHost("cat", "/var/spool/" + instance + "/pid/master.pid").strip();
  }
}
