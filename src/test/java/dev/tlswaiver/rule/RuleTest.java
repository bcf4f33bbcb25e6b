package dev.tlswaiver.rule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.handshake.Outcome.Failed;
import dev.tlswaiver.handshake.Reason;
import dev.tlswaiver.maillog.SmallStack;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class RuleTest {
  private static boolean counts(String pattern, String text) {
    return new Rule(
            "named",
            Set.of(),
            Optional.of(Pattern.compile(pattern)),
            3,
            Duration.ofHours(1),
            Duration.ZERO)
        .counts(new Failed(Reason.OTHER, Optional.empty(), text, false));
  }

  @Test
  void aPatternIsLookedForAnywhereInTheText() {
    assertThat(counts("cert (?:cb|callback)", "a cert cb error")).isTrue();
    assertThat(counts("^error$", "cert cb error")).isFalse();
    assertThat(counts("x?.*(?i)ERROR\\b", "cert cb error")).isTrue();
  }

  @Test
  void noPatternTakesLongOrAllTheStack() throws Exception {
    SmallStack.run(
        () -> {
          for (String pattern :
              List.of("(a+)+b", "(a|aa)+$", "(?:a|b)*c", "(.*)*x", "((a*)*)*b", "(a|b|c|.)*?x")) {
            assertThat(counts(pattern, "a".repeat(100_000))).as(pattern).isFalse();
          }
        });
  }
}
