package dev.tlswaiver.logging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tlswaiver.house.ManualClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class RepeatsTest {
  private final ManualClock clock = new ManualClock(Instant.parse("2026-03-01T10:00:00Z"));
  private final Repeats repeats = new Repeats(clock);

  private void pass(Duration time) {
    clock.advance(time);
  }

  @Test
  void whatIsSaidAgainIsHeldAndCounted() {
    assertThat(repeats.isNews("nft is not there\nand more")).isTrue();
    for (int minute = 1; minute < 10; minute++) {
      pass(Duration.ofMinutes(1));
      assertThat(repeats.isNews("nft is not there\nand more")).isFalse();
      assertThat(repeats.due()).isEmpty();
    }
    pass(Duration.ofMinutes(1));
    assertThat(repeats.due()).containsExactly("said 9 more times in 10 min: nft is not there");
    assertThat(repeats.due()).as("told once").isEmpty();
    assertThat(repeats.isNews("nft is not there\nand more")).as("it goes on").isTrue();
  }

  @Test
  void anotherTextIsAlwaysSaid() {
    assertThat(repeats.isNews("nft ended with 1")).isTrue();
    assertThat(repeats.isNews("nft ended with 2")).isTrue();
  }

  @Test
  void whatWasSaidOnceLeavesNoCount() {
    assertThat(repeats.isNews("once")).isTrue();
    pass(Repeats.HOLD);
    assertThat(repeats.due()).isEmpty();
  }

  @Test
  void theRestIsCountedAtTheEnd() {
    assertThat(repeats.isNews("x")).isTrue();
    assertThat(repeats.isNews("x")).isFalse();
    assertThat(repeats.isNews("y")).isTrue();
    assertThat(repeats.due()).isEmpty();
    assertThat(repeats.rest()).containsExactly("said 1 more times in 1 min: x");
    assertThat(repeats.rest()).isEmpty();
  }

  @Test
  void aClockThatGoesBackHoldsNothingForLonger() {
    assertThat(repeats.isNews("x")).isTrue();
    pass(Duration.ofDays(-1));
    assertThat(repeats.due()).isEmpty();
    assertThat(repeats.isNews("x")).isTrue();
  }

  @Test
  void veryManyTextsAreSaidAndNotKept() {
    for (int i = 0; i < 1_000; i++) {
      assertThat(repeats.isNews("text " + i)).isTrue();
    }
    assertThat(repeats.isNews("text 0")).isFalse();
    assertThat(repeats.isNews("text 999")).as("beyond what is kept").isTrue();
  }

  @Test
  void longTextsAreSaidAndFewOfThemAreKept() {
    String text = "x".repeat(Repeats.MOST_CHARACTERS / 2);
    assertThat(repeats.isNews(text)).isTrue();
    assertThat(repeats.isNews(text + "y")).isTrue();
    assertThat(repeats.isNews(text)).isFalse();
    assertThat(repeats.isNews(text + "y")).as("beyond what is kept").isTrue();
  }
}
