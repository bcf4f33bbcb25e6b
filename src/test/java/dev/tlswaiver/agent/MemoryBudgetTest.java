package dev.tlswaiver.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rule b: all bounds together stay below the heap that the package starts with. */
final class MemoryBudgetTest {
  @TempDir private Path folder;

  @Test
  void theSumIsBelowTheHeapOfThePackage() throws IOException {
    assertThat(Files.readString(Path.of("src/package/tlswaiver.sh")))
        .contains("-Xmx" + (MemoryBudget.HEAP >> 20) + "m ");
    assertThat(MemoryBudget.sum()).isLessThan(MemoryBudget.HEAP);
  }

  @Tag("slow")
  @Test
  void aFullHouseStillWorks() throws Exception {
    Path output = folder.resolve("out");
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xms8m",
                    "-Xmx64m",
                    "-Xss256k",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "dev.tlswaiver.agent.FullHouse"))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean hasEnded = process.waitFor(5, TimeUnit.MINUTES);
    process.destroyForcibly();
    String said = Files.readString(output, StandardCharsets.UTF_8);
    assertThat(said).contains("an honest sender's waiver: PROPOSED");
    assertThat(hasEnded).isTrue();
    assertThat(process.exitValue()).isZero();
  }
}
