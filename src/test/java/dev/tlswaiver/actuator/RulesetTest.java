package dev.tlswaiver.actuator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.peer.IpPrefix;
import dev.tlswaiver.waiver.Rung;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RulesetTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  private static Ruleset.Way way(int port, String... prefixes) {
    Map<IpPrefix, Instant> elements = new HashMap<>();
    for (String prefix : prefixes) {
      elements.put(IpPrefix.parse(prefix), NOON);
    }
    return new Ruleset.Way(port, elements);
  }

  @Test
  void betweenTwoStatesWhatBothRedirectStaysWhereItIsAndAllPortsAreGuarded() {
    Ruleset before =
        new Ruleset(
            25,
            Map.of(
                Rung.CIPHERS, way(10126, "192.0.2.1", "192.0.2.9"),
                Rung.LEGACY, way(10127, "192.0.2.2", "192.0.2.3", "198.51.100.7")));
    Ruleset after =
        new Ruleset(
            25,
            Map.of(
                Rung.LEGACY, way(10127, "192.0.2.3", "192.0.2.4", "198.51.100.0/24"),
                Rung.PLAINTEXT, way(10129, "192.0.2.9")));
    assertThat(before.towards(after).rungs())
        .isEqualTo(
            Map.of(
                Rung.CIPHERS, way(10126, "192.0.2.9"),
                Rung.LEGACY, way(10127, "192.0.2.3", "198.51.100.7"),
                Rung.PLAINTEXT, way(10129)));
    assertThat(before.moving(after))
        .isEqualTo(Map.of(Rung.CIPHERS, Set.of(IpPrefix.parse("192.0.2.9"))));
  }

  @Test
  void aMinuteMoreOrLessIsTheSame() {
    Ruleset left = new Ruleset(25, Map.of(Rung.LEGACY, way(10127, "192.0.2.1")));
    Ruleset later =
        new Ruleset(
            25,
            Map.of(
                Rung.LEGACY,
                new Ruleset.Way(10127, Map.of(IpPrefix.parse("192.0.2.1"), NOON.plusSeconds(61)))));
    assertThat(left.isAsGoodAs(left)).isTrue();
    assertThat(left.isAsGoodAs(later)).isFalse();
    assertThat(left.isAsGoodAs(new Ruleset(2525, left.rungs()))).isFalse();
    assertThat(new Ruleset(0, Map.of()).isAsGoodAs(new Ruleset(25, Map.of()))).isTrue();
  }

  @Test
  void whatIsAboutToEndIsNoDifferenceWhicheverSideOfTheMomentItIsCountedTo() {
    IpPrefix network = IpPrefix.parse("192.0.2.1");
    // The kernel counts in whole seconds: here one beyond the moment that is looked at, there not.
    for (int seconds = 0; seconds < 20; seconds++) {
      Ruleset planned = ending(network, NOON.plusSeconds(seconds));
      Ruleset counted = ending(network, NOON.plusSeconds(seconds + 1));
      assertThat(planned.agreesWith(counted, NOON)).as(seconds + " s").isTrue();
      assertThat(counted.agreesWith(planned, NOON)).as(seconds + " s").isTrue();
      assertThat(planned.agreesWith(ending(network, NOON.plusSeconds(900)), NOON)).isFalse();
    }
    Ruleset nothing = new Ruleset(25, Map.of(Rung.LEGACY, way(10127)));
    assertThat(ending(network, NOON.plusSeconds(9)).agreesWith(nothing, NOON)).isTrue();
    assertThat(ending(network, NOON.plusSeconds(90)).agreesWith(nothing, NOON)).isFalse();
    assertThat(nothing.agreesWith(ending(network, NOON.plusSeconds(90)), NOON)).isFalse();
  }

  private static Ruleset ending(IpPrefix network, Instant until) {
    return new Ruleset(25, Map.of(Rung.LEGACY, new Ruleset.Way(10127, Map.of(network, until))));
  }

  @Test
  void aNetworkWithinAnotherGoesWithItAndTheLongestTimeCounts() {
    assertThat(
            Ruleset.elements(
                Map.of(
                    IpPrefix.parse("192.0.2.0/24"),
                    NOON,
                    IpPrefix.parse("192.0.2.7/32"),
                    NOON.plusSeconds(60))))
        .isEqualTo(Map.of(IpPrefix.parse("192.0.2.0/24"), NOON.plusSeconds(60)));
  }
}
