package dev.tlswaiver.waiver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class StateTest {
  private static final Pattern ROW = Pattern.compile("(?m)^ \\* ([A-Z]+) +->(.*)$");

  @Test
  void theTableInTheJavadocIsWhatTheCodeDoes() throws Exception {
    String source = Files.readString(Path.of("src/main/java/dev/tlswaiver/waiver/State.java"));
    Matcher row = ROW.matcher(source);
    Set<State> documented = EnumSet.noneOf(State.class);
    while (row.find()) {
      State state = State.valueOf(row.group(1));
      documented.add(state);
      Set<State> successors =
          Arrays.stream(row.group(2).split("[ ,]+"))
              .filter(word -> !word.isEmpty())
              .map(State::valueOf)
              .collect(Collectors.toCollection(() -> EnumSet.noneOf(State.class)));
      assertThat(state.successors()).isEqualTo(successors);
    }
    assertThat(documented).containsExactly(State.values());
  }
}
