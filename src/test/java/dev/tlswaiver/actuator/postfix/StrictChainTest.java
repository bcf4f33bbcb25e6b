package dev.tlswaiver.actuator.postfix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.waiver.Rung;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Which rungs show the public service's own certificate. */
final class StrictChainTest {
  private static Set<Rung> withOwnKey(boolean servesStaticRsa, boolean servesSslv3) {
    StrictChain chain =
        new StrictChain(
            Path.of("/var/lib/tlswaiver/tls/relaxed.pem"), servesStaticRsa, servesSslv3);
    return Arrays.stream(Rung.values())
        .filter(rung -> chain.keyFor(rung).isPresent())
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Rung.class)));
  }

  @Test
  void aKeyOfOurOwnIsShownWhereARungWouldExposeTheStrictOne() {
    assertThat(withOwnKey(false, false)).containsExactly(Rung.CIPHERS, Rung.LEGACY, Rung.SSLV3);
    assertThat(withOwnKey(true, false)).containsExactly(Rung.SSLV3);
    assertThat(withOwnKey(false, true)).containsExactly(Rung.CIPHERS, Rung.LEGACY, Rung.SSLV3);
    assertThat(withOwnKey(true, true)).isEmpty();
  }
}
