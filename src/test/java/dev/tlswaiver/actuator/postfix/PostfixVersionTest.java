package dev.tlswaiver.actuator.postfix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tlswaiver.actuator.HostException;
import dev.tlswaiver.actuator.postfix.PostfixVersion.Feature;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each release of Postfix can do, as its own sources say. */
final class PostfixVersionTest {

  @ParameterizedTest
  @CsvSource({
    "2.6.6,",
    "2.9.15,",
    "2.10.1, RELAY_RESTRICTIONS",
    "2.11.11, RELAY_RESTRICTIONS",
    "3.0.15, RELAY_RESTRICTIONS",
    "3.3.0, RELAY_RESTRICTIONS",
    "3.4.14, RELAY_RESTRICTIONS CHAIN_FILES",
    "3.5.25, RELAY_RESTRICTIONS CHAIN_FILES",
    "3.6.4, RELAY_RESTRICTIONS CHAIN_FILES PROTOCOL_BOUNDS",
    "3.7.11, RELAY_RESTRICTIONS CHAIN_FILES PROTOCOL_BOUNDS",
    "3.8.1, RELAY_RESTRICTIONS CHAIN_FILES PROTOCOL_BOUNDS NO_WEAK_GRADES",
    "3.10.13, RELAY_RESTRICTIONS CHAIN_FILES PROTOCOL_BOUNDS NO_WEAK_GRADES",
    "3.12-20260821, RELAY_RESTRICTIONS CHAIN_FILES PROTOCOL_BOUNDS NO_WEAK_GRADES",
    "4.0.0, RELAY_RESTRICTIONS CHAIN_FILES PROTOCOL_BOUNDS NO_WEAK_GRADES"
  })
  void eachReleaseHasWhatItHas(String text, String features) throws HostException {
    PostfixVersion version = PostfixVersion.parse(text);
    Set<Feature> wanted =
        features == null
            ? EnumSet.noneOf(Feature.class)
            : Arrays.stream(features.split(" ")).map(Feature::valueOf).collect(Collectors.toSet());
    assertThat(Feature.values())
        .filteredOn(version::has)
        .containsExactlyInAnyOrderElementsOf(wanted);
  }

  @Test
  void aFeatureNamesTheReleaseThatBroughtIt() {
    assertThat(Feature.RELAY_RESTRICTIONS.since()).hasToString("2.10");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "three", "3", "postfix 3.7"})
  void whatIsNoVersionIsRefused(String text) {
    assertThatThrownBy(() -> PostfixVersion.parse(text)).isInstanceOf(HostException.class);
  }
}
