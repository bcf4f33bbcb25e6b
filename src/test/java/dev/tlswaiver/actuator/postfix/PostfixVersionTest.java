package dev.tlswaiver.actuator.postfix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.postfix.PostfixVersion.Feature;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each release of Postfix can do, as its own sources say. */
final class PostfixVersionTest {
  private static final Map<String, Feature> SHORT =
      Map.of(
          "RR", Feature.POSTCONF_OPTIONS,
          "T12", Feature.TLS_1_2_WORDS,
          "T13", Feature.TLS_1_3_WORD,
          "AC", Feature.AUTO_CURVES,
          "CH", Feature.CHAIN_FILES,
          "PB", Feature.PROTOCOL_BOUNDS,
          "NG", Feature.NO_GRADES_OF_CURVES,
          "NW", Feature.NO_WEAK_GRADES,
          "LM", Feature.LOGLEVEL_MAPS,
          "PT", Feature.POSTSCREEN_TLS);

  @ParameterizedTest
  @CsvSource({
    "2.6.6,",
    "2.6.15, T12",
    "2.9.1,",
    "2.9.15, T12",
    "2.10.1, RR T12",
    "2.11.11, RR T12",
    "3.0.13, RR T12",
    "3.0.15, RR T12 T13",
    "3.1.9, RR T12",
    "3.2.0, RR T12 AC",
    "3.3.0, RR T12 AC",
    "3.3.2, RR T12 T13 AC",
    "3.4.14, RR T12 T13 AC CH",
    "3.5.25, RR T12 T13 AC CH",
    "3.6.4, RR T12 T13 AC CH PB NG",
    "3.7.11, RR T12 T13 AC CH PB NG",
    "3.8.1, RR T12 T13 AC CH PB NG NW",
    "3.10.13, RR T12 T13 AC CH PB NG NW",
    "3.11.7, RR T12 T13 AC CH PB NG NW",
    "3.12-20260821, RR T12 T13 AC CH PB NG NW LM PT",
    "4.0.0, RR T12 T13 AC CH PB NG NW LM PT"
  })
  void eachReleaseHasWhatItHas(String text, String features) throws HostException {
    PostfixVersion version = PostfixVersion.parse(text);
    Set<Feature> wanted =
        features == null
            ? EnumSet.noneOf(Feature.class)
            : Arrays.stream(features.split(" ")).map(SHORT::get).collect(Collectors.toSet());
    assertThat(Feature.values())
        .filteredOn(version::has)
        .containsExactlyInAnyOrderElementsOf(wanted);
  }

  @Test
  void aFeatureNamesTheReleaseThatBroughtIt() {
    assertThat(Feature.POSTCONF_OPTIONS.since()).hasToString("2.10");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "three", "3", "postfix 3.7"})
  void whatIsNoVersionIsRefused(String text) {
    assertThatThrownBy(() -> PostfixVersion.parse(text)).isInstanceOf(HostException.class);
  }
}
