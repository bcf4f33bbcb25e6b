package dev.tlswaiver.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page about the ailments has all of them, and no other. */
final class DoctorPageTest {
  private static final Path PAGE = Path.of("docs/doctor.md");
  private static final Path ROOM = Path.of("src/main/java/dev/tlswaiver/doctor");

  /** Each section's text on one line, by the id in its heading. */
  private static Map<String, String> sections() throws IOException {
    Map<String, String> sections = new LinkedHashMap<>();
    String[] parts = Files.readString(PAGE).split("(?m)^## ");
    for (String part : Arrays.copyOfRange(parts, 1, parts.length)) {
      String[] halves = part.split("\n", 2);
      sections.put(halves[0].replace("`", "").strip(), halves[1].replaceAll("\\s+", " ").strip());
    }
    return sections;
  }

  @Test
  void thePageAndTheCodeHaveTheSameIds() throws IOException {
    assertThat(sections().keySet())
        .containsExactlyElementsOf(Arrays.stream(Ailment.values()).map(Ailment::id).toList());
  }

  @Test
  void thePageSaysHowBadEachIsAndWhyAndWhatMendsIt() throws IOException {
    Map<String, String> sections = sections();
    for (Ailment ailment : Ailment.values()) {
      assertThat(sections.get(ailment.id()))
          .startsWith("*" + ailment.severity().label() + "*")
          .contains("Why: " + ailment.why())
          .containsPattern("Mend: \\S");
    }
  }

  @Test
  void everyAilmentIsLookedFor() throws IOException {
    String source;
    try (Stream<Path> files = Files.list(ROOM)) {
      source =
          files
              .map(
                  file -> {
                    try {
                      return Files.readString(file);
                    } catch (IOException failure) {
                      throw new AssertionError(failure);
                    }
                  })
              .collect(Collectors.joining());
    }
    assertThat(Ailment.values())
        .allSatisfy(
            ailment ->
                assertThat(source).containsPattern("Ailment\\s*\\." + ailment.name() + "\\b"));
  }
}
