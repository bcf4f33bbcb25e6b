package dev.tlswaiver.actuator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.lab.Lab;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Very many waivers at once. */
final class BurstIT {
  @Test
  void fiveHundredWaiversCostOnePlanOneTransactionAndOneReload() throws Exception {
    try (Lab lab = Lab.up()) {
      lab.disguise("nft", "echo \"nft $*\" >>\"$0.log\"; exec $REAL \"$@\"");
      List<String> command =
          new ArrayList<>(
              List.of(
                  "env",
                  "PATH=" + lab.programs() + ":" + System.getenv("PATH"),
                  System.getProperty("java.home") + "/bin/java",
                  "-cp",
                  System.getProperty("java.class.path"),
                  ApplyOnce.class.getName(),
                  lab.postfix().toString(),
                  lab.state().toString(),
                  "burst",
                  "500",
                  "10"));
      assertThat(lab.outputOnHost(command.toArray(String[]::new))).contains("applied");
      String calls = Files.readString(lab.programs().resolve("nft.log"));
      // One that closes the port before the listener stands, and one that opens it for all.
      assertThat(calls.lines().filter("nft -f -"::equals)).hasSize(2);
      assertThat(Files.readString(lab.maillog()).lines())
          .filteredOn(line -> line.contains("reload -- version"))
          .hasSize(1);
      String set = lab.onHost("nft", "list", "set", "inet", "tlswaiver", "legacy6");
      assertThat(set.split("timeout", -1)).hasSizeGreaterThan(5_000);
      assertThat(lab.send(Lab.MODERN, "modern")).isPresent();
      assertThat(lab.send(Lab.OLD, "tls1")).isPresent();
    }
  }
}
