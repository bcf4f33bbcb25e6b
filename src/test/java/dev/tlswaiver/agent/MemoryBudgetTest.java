package dev.tlswaiver.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.house.PackagedJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;
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

  private String printedUnderThePackagesFlags(Class<?> program) throws Exception {
    Path output = folder.resolve("out");
    OptionalInt exit =
        PackagedJvm.exit(
            PackagedJvm.of(program.getName())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile()),
            5);
    String said = Files.readString(output, StandardCharsets.UTF_8);
    assertThat(exit).as(said).hasValue(0);
    return said;
  }

  @Tag("slow")
  @Test
  void aFullHouseStillWorks() throws Exception {
    assertThat(printedUnderThePackagesFlags(FullHouse.class))
        .contains("an honest sender's waiver: PROPOSED");
  }

  @Tag("slow")
  @Test
  void rowsTakeNoMoreThanIsReckonedFor() throws Exception {
    Map<String, Long> measured =
        printedUnderThePackagesFlags(FullRows.class)
            .lines()
            .map(line -> line.split(" "))
            .collect(Collectors.toMap(words -> words[0], words -> Long.parseLong(words[1])));
    // A collector that copies keeps a part of the heap for itself.
    assertThat(MemoryBudget.sum()).isLessThan(measured.remove("HEAP"));
    assertThat(measured)
        .hasSize(3)
        .allSatisfy(
            (what, bytes) ->
                assertThat(bytes)
                    .isPositive()
                    .isLessThanOrEqualTo(MemoryBudget.valueOf(what).bytes()));
  }
}
