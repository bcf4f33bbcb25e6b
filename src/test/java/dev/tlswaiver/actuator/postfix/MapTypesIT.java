package dev.tlswaiver.actuator.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import dev.tlswaiver.lab.Lab.HostState;
import dev.tlswaiver.lab.RunningTlswaiver;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The access map is of the type that the operator's tables have, and any of them does. */
final class MapTypesIT {

  @ParameterizedTest
  @ValueSource(strings = {"lmdb", "btree"})
  void theUsualTypeAdmitsASecondSenderToAListenerThatRuns(String type) throws Exception {
    try (Lab lab = Lab.up()) {
      String postfix = lab.postfix().toString();
      lab.onHost("postconf", "-c", postfix, "-e", "default_database_type=" + type);
      HostState before = lab.hostState();
      RunningTlswaiver agent = lab.run(lab.configure()).awaitStart();
      grant(lab, "198.51.100.10");
      assertThat(Files.readString(lab.postfix().resolve("master.cf")))
          .contains("check_client_access," + type + ":");
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
      assertThat(lab.send(Lab.UNLISTED, "tls1")).isEmpty();
      grant(lab, "203.0.113.40");
      Lab.await("mail of the second", () -> lab.send(Lab.UNLISTED, "tls1").isPresent());
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
      for (String id : List.of("1", "2")) {
        assertThat(lab.tlswaiver(lab.configuration(), "revoke", id).output()).contains("REVOKED");
      }
      assertThat(lab.hostState()).isEqualTo(before);
      agent.stop();
    }
  }

  private static void grant(Lab lab, String address) throws Exception {
    assertThat(
            lab.tlswaiver(lab.configuration(), "grant", address, "--rung", "legacy", "--force")
                .output())
        .contains("PROPOSED -> ACTIVE");
  }
}
