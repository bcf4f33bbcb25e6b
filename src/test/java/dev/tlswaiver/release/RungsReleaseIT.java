package dev.tlswaiver.release;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Lab.HostState;
import dev.tlswaiver.lab.RunningTlswaiver;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several senders at once, in both families, on each release. */
final class RungsReleaseIT {

  @ParameterizedTest
  @EnumSource
  void eachSenderGetsTheRungThatItNeedsUntilItsTime(Release release) throws Exception {
    try (ReleaseHost host = ReleaseHost.up(release)) {
      host.configure("waiver: {lasts: 45s, longest: 30d, prove_within: 48h}");
      Lab lab = host.lab();
      HostState before = lab.hostState();
      RunningTlswaiver agent = host.run();

      lab.failThreeTimes(Lab.STATIC_RSA, "tls1_2-rsa");
      agent.await("waiver 1 PROPOSED -> DIAGNOSING");
      assertThat(lab.send(Lab.STATIC_RSA, "tls1_2-rsa")).isEmpty();
      agent.await("waiver 1 DIAGNOSING -> ACTIVE .*rung=ciphers");
      for (int i = 0; i < 3; i++) {
        assertThat(lab.send(Lab.UNLISTED, "tls1_1", "--ipv6")).isEmpty();
      }
      agent.await("waiver 2 PROPOSED -> DIAGNOSING .*networks=2001:db8:113::40/128");
      assertThat(lab.send(Lab.UNLISTED, "tls1_1", "--ipv6")).isEmpty();
      agent.await("waiver 2 DIAGNOSING -> ACTIVE .*rung=legacy");

      assertThat(lab.send(Lab.STATIC_RSA, "tls1_2-rsa")).isPresent();
      assertThat(lab.send(Lab.UNLISTED, "tls1_1", "--ipv6")).isPresent();
      agent.await("waiver 1 ACTIVE -> PROVEN .* proof=TLSv1.2/AES128-SHA/");
      agent.await("waiver 2 ACTIVE -> PROVEN .* proof=TLSv1.1/");

      agent.await("waiver 1 PROVEN -> EXPIRED");
      agent.await("waiver 2 PROVEN -> EXPIRED");
      Lab.await("no trace", () -> lab.isAsBefore(before));
    }
  }
}
