package dev.tlswaiver.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Rule a: parsing neither recurses nor backtracks by the length of its input. Java's patterns do
 * both: for each character of a group that repeats, one call more. So there are none in the rooms
 * that meet strangers' text, but for those in this list, each with the reason why it may stay.
 */
final class PatternsTest {
  private static final Path SOURCES = Path.of("src/main/java/dev/tlswaiver");

  private static final List<String> ROOMS =
      List.of("maillog", "excerpt", "handshake", "peer", "scan", "report", "rule", "guard");

  private static final Pattern USE =
      Pattern.compile(
          "Pattern\\.compile\\(|\\.matches\\(\"|\\.replaceAll\\(\"|\\.replaceFirst\\(\""
              + "|\\.split\\(\"(?!(?:\\\\[tn]|[^\\\\\"\\[(.*+?^$|])\")");

  /**
   * How many each file has, and why they may stay. A class that repeats ({@code [a-z]{1,64}}) runs
   * in a loop; a group that repeats is a call more each time.
   */
  private static final Map<String, String> ALLOWED =
      Map.ofEntries(
          Map.entry("excerpt/ShownTime.java", "2 a separator, eight parts at most"),
          Map.entry("maillog/LogTime.java", "2 digits and words of a few; no group is repeated"),
          Map.entry("guard/Probe.java", "1 a name of 253 characters; no repetition of a group"),
          Map.entry("peer/IpAddress.java", "1 a class, four times at most"),
          Map.entry("peer/IpPrefix.java", "1 a class, three times at most"),
          Map.entry("peer/Pool.java", "1 a class, 253 times at most"),
          Map.entry("peer/Pools.java", "3 classes, in a name of 253 characters"),
          Map.entry("peer/PublicSuffixes.java", "1 a dot, in a name of 253 characters"),
          Map.entry("report/Letter.java", "1 a class, eight times at most"));

  private static Map<String, Integer> uses() throws IOException {
    Map<String, Integer> uses = new TreeMap<>();
    for (String room : ROOMS) {
      Path folder = SOURCES.resolve(room);
      if (Files.isDirectory(folder)) {
        try (Stream<Path> files = Files.walk(folder)) {
          for (Path file : files.filter(it -> it.toString().endsWith(".java")).toList()) {
            int count = (int) USE.matcher(Files.readString(file)).results().count();
            if (count > 0) {
              uses.put(SOURCES.relativize(file).toString(), count);
            }
          }
        }
      }
    }
    return uses;
  }

  @Test
  void noPatternMeetsStrangersTextWithoutAReason() throws Exception {
    uses()
        .forEach(
            (file, count) -> {
              String allowed = ALLOWED.getOrDefault(file, "0 there is none");
              assertThat(count + " " + allowed.substring(allowed.indexOf(' ') + 1))
                  .as(file)
                  .isEqualTo(allowed);
            });
  }

  @Test
  void theListNamesNoFileThatHasNone() throws Exception {
    assertThat(uses().keySet()).containsAll(ALLOWED.keySet());
  }
}
