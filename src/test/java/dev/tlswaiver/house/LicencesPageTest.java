package dev.tlswaiver.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Whoever adds a dependency looks at its licence. */
final class LicencesPageTest {
  private static final Pattern DEPENDENCY = Pattern.compile("(?s)<dependency>(.*?)</dependency>");
  private static final Pattern NAME = Pattern.compile("<artifactId>([^<]+)</artifactId>");

  @Test
  void eachLibraryInTheJarHasItsLicence() throws IOException {
    String pom = Files.readString(Path.of("pom.xml"));
    int from = pom.indexOf("</dependencyManagement>");
    String dependencies = pom.substring(from, pom.indexOf("<build>", from));
    List<String> shipped =
        DEPENDENCY
            .matcher(dependencies)
            .results()
            .map(found -> found.group(1))
            .filter(dependency -> !dependency.contains("<scope>test</scope>"))
            .flatMap(dependency -> NAME.matcher(dependency).results())
            .map(found -> found.group(1))
            .toList();
    String page = Files.readString(Path.of("docs/licences.md"));
    assertThat(shipped)
        .hasSizeGreaterThan(10)
        .allSatisfy(name -> assertThat(page).containsPattern("(?m)^\\| [^|]*\\b" + name + "\\b"));
  }
}
